"""Take recordings in: make durable what a provider announced, copy its audio, and say so when that fails for good."""

from aws_lambda_powertools import Logger

from callvault import accounts, events, jobs, media, providers, table, times
from callvault.errors import RejectedError, UnavailableError
from callvault.models import TOMBSTONES, Recording, State

logger = Logger(child=True)


def take(recording: Recording) -> Recording:
    """Make an announced recording durable and return what is known of it now.

    A pending one goes into the table and onto the queue, and either suffices: the message carries the whole recording,
    and the sweep finds rows that nobody fetches. Raises UnavailableError if nothing holds it.
    """
    try:
        row = table.put(recording, f"callback {recording.state}")
    except UnavailableError as error:
        if recording.state is not State.PENDING:
            raise
        logger.warning("The row could not be written, the queue holds the recording", extra={"reason": error.reason})
        jobs.send(recording)
        return recording
    if recording.state is State.PENDING and row.state is State.PENDING:
        try:
            jobs.send(row)
        except UnavailableError as error:
            logger.warning("The queue did not take the recording, its row does", extra={"reason": error.reason})
    return row


def fetch(recording: Recording, deadline: float) -> None:
    """Copy a pending recording's audio into S3, unless that has been done; `deadline` is of time.monotonic().

    Raises UnavailableError, RejectedError.
    """
    row = table.put(recording, "fetch")
    if row.state is not State.PENDING:
        return
    provider = providers.of(accounts.get(row.account_id))
    row = table.put(provider.describe(row), "described", known=row)
    try:
        copied = media.copy(row, provider, deadline)
    except UnavailableError as error:
        expired = row.source_expires_time is not None and row.source_expires_time < times.now()
        if error.reason == "http_404" and expired:
            raise RejectedError("gone", "The provider has deleted the recording.") from error
        raise
    row = table.put(
        row.model_copy(update={"state": State.STORED, "reason": None, "media": copied}), "stored", known=row
    )
    if row.state in TOMBSTONES:
        media.remove(row)


def fail(recording: Recording, error: RejectedError, *, backward: bool = False) -> None:
    """Mark a recording as failed, with the reason, and tell the event bus; raises UnavailableError."""
    failed = recording.model_copy(update={"state": State.FAILED, "reason": error.reason})
    row = table.put(failed, f"failed {error.reason}", backward=backward)
    logger.error(
        "A recording failed", extra={"recording": row.recording_id, "account": row.account_id, "reason": error.reason}
    )
    if row.state is State.FAILED:
        events.publish(events.Kind.FAILED, row)
