"""Start, pause, resume and stop the recording of a live call at the account's provider.

An action that the provider carried out is a success even if the table does not answer afterwards:
the failed write is logged, and the row is written when the recording's callback arrives.

The provider decides which recordings a call has. So a pause, which may keep a card number out of
the audio, works while the table does not answer, and for recordings that were started elsewhere.
Only a reader limited to one user depends on the table. Such a reader may update only recordings
of the call that are that user's in the table. The reader may start one only if the call is known to
be that user's: the archive has a recording of it, and none of another user. A recording that the
reader starts belongs to that user.
"""

from collections.abc import Iterator
from dataclasses import replace

from aws_lambda_powertools import Logger

from callvault import providers, settings
from callvault.errors import NotFoundError, UnavailableError
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.commands import Outcome, Start, Update
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.storage import history, listing, table
from callvault.web import Request

HISTORY_WORDS = {"in-progress": "resumed", "paused": "paused", "stopped": "stopped"}
"""The verb of an update in a row's history, by the progress that it requests."""

logger = Logger(child=True)


def start(principal: Principal, request: Request, command: Start) -> Outcome:
    """Start to record a call; the outcome has the recording if the provider reports its id.

    If no public URL is configured, the provider's callbacks go to the origin of `request`. Raises
    ForbiddenError, NotFoundError, UnprocessableError, UnavailableError.
    """
    access.check_can_control(principal)
    if principal.reader.user_id is not None:
        if {recording.owner_id for recording in _announced(principal, command.call_id)} != {principal.reader.user_id}:
            raise NotFoundError("There is no such call.")
        command = replace(command, owner_id=principal.reader.user_id)
    outcome = providers.of(principal.account).start(command, settings.get().public_url.rstrip("/") or request.origin)
    return _written(outcome, f"started by {principal.reader.name}")


def update(principal: Principal, command: Update) -> Outcome:
    """Pause, resume or stop a call's recording; the outcome has the recording if it is known.

    Raises ForbiddenError, NotFoundError, UnprocessableError, UnavailableError.
    """
    access.check_can_control(principal)
    if principal.reader.user_id is None:
        command = replace(command, newest=lambda: _running(principal, command.call_id))
    else:
        recording_id = command.recording_id or _running(principal, command.call_id) or ""
        known = access.find(principal, recording_id, call_id=command.call_id)
        command = replace(command, recording_id=known.recording_id)
    outcome = providers.of(principal.account).update(command)
    return _written(outcome, f"{HISTORY_WORDS[command.progress]} by {principal.reader.name}")


def _of_call(principal: Principal, call_id: str) -> Iterator[Recording]:
    """Yield the archive's recordings of a call, of all users, the newest first."""
    return listing.scan(listing.within(principal.account.account_id, None, None, call_id=call_id))


def _announced(principal: Principal, call_id: str) -> Iterator[Recording]:
    """Yield the recordings of a call of which the archive first had anything but the audio.

    One that was first sent here proves nothing: whoever may see KAZOO's upload address or S3 key
    can send audio and name a call and an owner, which a later announcement does not replace.
    """
    return (recording for recording in _of_call(principal, call_id) if not history.is_sent(recording.history[:1]))


def _running(principal: Principal, call_id: str) -> str | None:
    """Return the id of the call's newest visible recording that is not known to have ended."""
    user_id = principal.reader.user_id
    for recording in _of_call(principal, call_id):
        if recording.state is State.ANNOUNCED and user_id in {None, recording.owner_id}:
            return recording.recording_id
    return None


def _written(outcome: Outcome, what: str) -> Outcome:
    """Record the action in the recording's row, and return the outcome with the updated row.

    If the table does not answer, the failure is logged, and the outcome has the row that the write
    would have made.
    """
    update = outcome.recording
    if update is None:
        return outcome
    try:
        row = table.put(update, what)
        if row.state not in TOMBSTONES and row.history[-1].what != what:
            row = table.edit(row, what) or row
    except UnavailableError as error:
        fields = {"recording": update.recording_id, "account": update.account_id, "reason": error.reason}
        logger.exception("An action on a recording could not be written to its row", extra=fields)
        row = table.merge(None, update, what)
    return Outcome(row, outcome.status)
