"""Start, pause, resume and stop the recording of a live call at its account's provider.

What a provider did is done, whatever we can write down of it: a table that does not answer then is logged, because the
recording runs and our callback will come. Which recordings a call has is the provider's to say: a pause, which may keep
a card's number out, works while the table does not answer, and for what was started elsewhere. Only a reader limited to
one user is held to what is known here: they touch recordings that are known to be that user's, and start none of a call
that has others; what they start is theirs.
"""

from collections.abc import Iterator
from dataclasses import replace

from aws_lambda_powertools import Logger

from callvault import providers, settings
from callvault.errors import ForbiddenError, NotFoundError, UnavailableError
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.commands import Outcome, Start, Update
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.storage import listing, table
from callvault.web import Request

WORDS = {"in-progress": "resumed", "paused": "paused", "stopped": "stopped"}
"""What a row's history calls an update."""

logger = Logger(child=True)


def check(principal: Principal) -> None:
    """Refuse a reader who may not control recordings, before anything else is said; raises ForbiddenError."""
    if not principal.reader.can_control:
        raise ForbiddenError("The credentials do not allow to control recordings.")


def start(principal: Principal, request: Request, command: Start) -> Outcome:
    """Start to record a call, and return the recording as it is known now, if the provider tells its id.

    Raises ForbiddenError, NotFoundError, UnprocessableError, UnavailableError.
    """
    check(principal)
    if principal.reader.user_id is not None:
        if any(recording.owner_id != principal.reader.user_id for recording in _of_call(principal, command.call_id)):
            raise NotFoundError("There is no such call.")
        command = replace(command, owner_id=principal.reader.user_id)
    outcome = providers.of(principal.account).start(command, settings.get().public_url.rstrip("/") or request.origin)
    return _noted(outcome, f"started by {principal.reader.name}")


def update(principal: Principal, command: Update) -> Outcome:
    """Pause, resume or stop a call's recording, and return it as it is known now, if it is known.

    Raises ForbiddenError, NotFoundError, UnprocessableError, UnavailableError.
    """
    check(principal)
    if principal.reader.user_id is None:
        command = replace(command, newest=lambda: _running(principal, command.call_id))
    else:
        known = access.find(principal, command.recording_id or _running(principal, command.call_id) or "")
        command = replace(command, recording_id=known.recording_id)
    outcome = providers.of(principal.account).update(command)
    return _noted(outcome, f"{WORDS[command.progress]} by {principal.reader.name}")


def _of_call(principal: Principal, call_id: str) -> Iterator[Recording]:
    """Yield what the archive knows of a call, the newest first, whosever it is."""
    return listing.scan(listing.within(principal.account.account_id, None, None, call_id=call_id), listing.MOST_KEYS)


def _running(principal: Principal, call_id: str) -> str | None:
    """Return the call's newest recording that is not known to have ended, and that the reader may see."""
    user_id = principal.reader.user_id
    for recording in _of_call(principal, call_id):
        if recording.state is State.ANNOUNCED and user_id in {None, recording.owner_id}:
            return recording.recording_id
    return None


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
