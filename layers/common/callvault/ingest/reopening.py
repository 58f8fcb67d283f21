"""Retry failed recordings, after an operator has removed the cause of the failure.

A recording whose provider reported that the media is stored elsewhere is retried too. A stored
recording whose audio could not be compared with Crossbar's is compared again. `upkeep.sweep`
retries a failed recording once, before the provider deletes it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from aws_lambda_powertools import Logger

from callvault import times
from callvault.errors import ExhaustedError, RejectedError, UnavailableError
from callvault.ingest import kazoo_comparison, transcripts
from callvault.messaging import fetch_requests, next_attempts
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.look_ups import STORED_ELSEWHERE
from callvault.storage import breakers, due, history, table
from callvault.transcript import TranscriptState

RESTARTS = (history.RETRIED, "hurried by", due.LAST_ATTEMPT)
"""Beginnings of the history entries that gave a recording a fresh message with attempts."""
MAX_CONFLICTS = 5
"""Maximum number of tries when other writers change the row first."""

logger = Logger(child=True)


class RetryOutcome(StrEnum):
    """The result of a retry for one recording."""

    QUEUED = "queued"
    """The recording is pending again, or its comparison is queued again."""
    PENDING = "pending"
    """The recording was pending already, for example because of another retry."""
    LEFT = "left"
    """The recording has not failed, or was deleted, so it is left unchanged."""


def start(row: Recording, who: str) -> RetryOutcome:
    """Move a failed recording, or its text, back to pending, queue the fetch, return the outcome.

    If several retries run at the same time, only one of them queues the fetch. If the queue refuses
    the message, the pending row is enough, as in `intake.record`, because the sweep finds that row.
    A recording that lacks its comparison is compared again. Raises UnavailableError.
    """
    if kazoo_comparison.lacks_comparison(row):
        return _compare(row, who)
    outcome, again = _reopen(row, who)
    if outcome is RetryOutcome.QUEUED:
        try:
            if again.state is State.PENDING:
                fetch_requests.send(again)
            if transcripts.is_due(again):
                fetch_requests.send_transcript(again)
        except UnavailableError as error:
            logger.warning(
                "The fetch could not be queued; the sweep will find the pending row", extra={"reason": error.reason}
            )
    return outcome


def may_be_retried(row: Recording) -> bool:
    """Return whether a recording or its text failed, or it is elsewhere or was not compared."""
    return bool(_restored(row)) or kazoo_comparison.lacks_comparison(row)


def _is_given_up(row: Recording) -> bool:
    """Return whether a recording failed, or its provider reported that its media is elsewhere."""
    return row.state is State.FAILED or (row.state is State.ABSENT and row.reason == STORED_ELSEWHERE)


def text_failed(row: Recording) -> bool:
    """Return whether the text of a recording failed."""
    return row.state not in TOMBSTONES and row.transcript is not None and row.transcript.state is TranscriptState.FAILED


def _restored(row: Recording) -> dict[str, Any]:
    """Return the fields that move back to pending what failed of a row; none if nothing did."""
    changes: dict[str, Any] = {}
    if _is_given_up(row):
        changes = {"state": State.PENDING, "reason": None, "attempt": None}
    if text_failed(row) and row.transcript is not None:
        again = {"state": TranscriptState.PENDING, "reason": None, "attempt": None}
        changes["transcript"] = row.transcript.model_copy(update=again)
    return changes


def reopen(row: Recording, who: str) -> RetryOutcome:
    """Move a failed recording back to pending without queueing a fetch; return the outcome.

    The caller then sends a fetch message of this recording back from the dead-letter queue. Raises
    UnavailableError.
    """
    return _reopen(row, who)[0]


def hurry(row: Recording, who: str) -> bool:
    """Queue the fetch of a pending recording again, and say whether it was still pending.

    The message that waits for its next attempt stays in the queue, and finds the recording stored.
    The row is marked first, so that of several runs only one queues the fetch. If the row waits
    because its provider failed, the account's breaker no longer holds it. Raises UnavailableError.
    """
    marked = table.edit(row, f"hurried by {who}") if row.state is State.PENDING else None
    if marked is None:
        return False
    if marked.attempt is not None and marked.attempt.origin is not None:
        breakers.release(marked.account_id, marked.attempt.origin)
    fetch_requests.send(marked)
    return True


def restarts(row: Recording) -> list[datetime]:
    """Return when a recording got a fresh message with attempts, in order."""
    return [event.time for event in row.history if event.what.startswith(RESTARTS)]


def goes_on(recording: Recording, error: RejectedError) -> bool:
    """Return whether a recording has attempts left although those of one message are used up.

    Each repeated callback queues a message of its own. One from before a retry must not end the
    attempts of that retry. It is dropped: the retry's own message, or else the sweep, goes on.
    The same is true of a comparison that was made due again.
    Raises UnavailableError.
    """
    if not isinstance(error, ExhaustedError):
        return False
    row = table.get(recording.account_id, recording.recording_id)
    if row is None or not (row.state is State.PENDING or kazoo_comparison.is_due(row)):
        return False
    begun = restarts(row)
    if not begun or times.now() - begun[-1] >= next_attempts.GIVE_UP_AFTER:
        return False
    about = {"account": row.account_id, "provider": row.provider, "recording": row.recording_id}
    logger.info("The attempts of an old message are used up", extra={**about, "reason": error.reason})
    return True


def _compare(row: Recording, who: str) -> RetryOutcome:
    """Make a comparison due again, queue it, and return the outcome; raises UnavailableError.

    If it is due already, it is queued all the same, because an earlier retry may have been cut off.
    """
    for _ in range(MAX_CONFLICTS):
        if not kazoo_comparison.lacks_comparison(row):
            return RetryOutcome.LEFT
        again = row if kazoo_comparison.is_due(row) else table.edit(row, f"{history.RETRIED} {who}")
        if again is not None:
            kazoo_comparison.send(again)
            return RetryOutcome.QUEUED
        row = table.get(row.account_id, row.recording_id) or row
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def _reopen(row: Recording, who: str) -> tuple[RetryOutcome, Recording]:
    """Move a failed row back to pending; return the outcome and the row.

    If another writer has changed the row, it is read again and the move is tried again, at most
    MAX_CONFLICTS times in all. Raises UnavailableError after that.

    `table.put` would merge with a row that another writer has changed, and could move a verified
    recording back. `table.edit` writes only if the row is still as it was read.
    """
    for _ in range(MAX_CONFLICTS):
        changes = _restored(row)
        if not changes:
            return (RetryOutcome.PENDING if row.state is State.PENDING else RetryOutcome.LEFT), row
        again = table.edit(row, f"{history.RETRIED} {who}", **changes)
        if again is not None:
            return RetryOutcome.QUEUED, again
        now = table.get(row.account_id, row.recording_id)
        if now is None:
            return RetryOutcome.LEFT, row
        row = now
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")
