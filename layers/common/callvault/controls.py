"""Start, pause, resume and stop the recording of a live call at its account's provider.

What a provider did is done, whatever we can write down of it: a table that does not answer then is logged, because the
recording runs and our callback will come. A reader who is limited to one user touches only recordings that are known to
be that user's, and starts none of a call that has others; what they start is theirs.
"""

from collections.abc import Iterator
from dataclasses import replace

from aws_lambda_powertools import Logger

from callvault import archive, listing, providers, settings, table
from callvault.archive import Access
from callvault.errors import ForbiddenError, NotFoundError, UnavailableError
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.commands import Outcome, Start, Update
from callvault.web import Request

MAX_ID = 256
"""Characters; a longer one is no provider's, and may be none that the table takes."""
WORDS = {"in-progress": "resumed", "paused": "paused", "stopped": "stopped"}
"""What a row's history calls an update."""

logger = Logger(child=True)


def check(access: Access) -> None:
    """Refuse a reader who may not control recordings, before anything else is said; raises ForbiddenError."""
    if not access.reader.can_control:
        raise ForbiddenError("The credentials do not allow to control recordings.")


def start(access: Access, request: Request, command: Start) -> Outcome:
    """Start to record a call, and return the recording as it is known now, if the provider tells its id.

    Raises ForbiddenError, NotFoundError, UnprocessableError, UnavailableError.
    """
    check(access)
    if access.reader.user_id is not None:
        if any(recording.owner_id != access.reader.user_id for recording in _of_call(access, command.call_id)):
            raise NotFoundError("There is no such call.")
        command = replace(command, owner_id=access.reader.user_id)
    outcome = providers.of(access.account).start(command, settings.get().public_url.rstrip("/") or request.origin)
    return _noted(outcome, f"started by {access.reader.name}")


def update(access: Access, command: Update) -> Outcome:
    """Pause, resume or stop a call's recording, and return it as it is known now, if it is known.

    Raises ForbiddenError, NotFoundError, UnprocessableError, UnavailableError.
    """
    check(access)
    if command.recording_id is not None:
        _check_known(access, command.recording_id, command.call_id)
    elif access.reader.user_id is None:
        command = replace(command, newest=lambda: _running(access, command.call_id))
    else:
        command = replace(command, recording_id=_running(access, command.call_id))
        if command.recording_id is None:
            raise NotFoundError("There is no such recording.")
    outcome = providers.of(access.account).update(command)
    return _noted(outcome, f"{WORDS[command.progress]} by {access.reader.name}")


def _of_call(access: Access, call_id: str) -> Iterator[Recording]:
    """Yield what the archive knows of a call, the newest first, whosever it is."""
    return listing.scan(listing.within(access.account.account_id, None, None, call_id=call_id), listing.MOST_KEYS)


def _running(access: Access, call_id: str) -> str | None:
    """Return the call's newest recording that is not known to have ended, and that the reader may see."""
    user_id = access.reader.user_id
    for recording in _of_call(access, call_id):
        if recording.state is State.ANNOUNCED and user_id in {None, recording.owner_id}:
            return recording.recording_id
    return None


def _check_known(access: Access, recording_id: str, call_id: str) -> None:
    """Refuse a recording that is another call's or another user's.

    One that is unknown may have been started elsewhere: the provider will say whether it is there, unless the reader is
    limited to what is known to be theirs. Where the table does not answer, the provider alone decides in the same way:
    a pause is often there to keep a card's number out.
    """
    if access.reader.user_id is None:
        try:
            if len(recording_id) <= MAX_ID and table.get(access.account.account_id, recording_id) is None:
                return
        except UnavailableError as error:
            logger.warning("A recording is controlled unseen", extra={"reason": error.reason})
            return
    archive.find(access, recording_id, call_id=call_id)


def _noted(outcome: Outcome, what: str) -> Outcome:
    """Write down what was done, and return it with the row as it is then."""
    news = outcome.recording
    if news is None:
        return outcome
    try:
        row = table.put(news, what)
        if row.state not in TOMBSTONES and row.history[-1].what != what:
            row = table.edit(row, what) or row
    except UnavailableError as error:
        fields = {"recording": news.recording_id, "account": news.account_id, "reason": error.reason}
        logger.exception("What was done to a recording could not be written down", extra=fields)
        row = table.merge(None, news, what)
    return Outcome(row, outcome.status)
