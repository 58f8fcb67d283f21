"""Bring the row of a listed recording up to date, by the path that a callback takes."""

from aws_lambda_powertools import Logger

from callvault import alarm_messages, times
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import following, intake, reopening
from callvault.messaging import fetch_requests, next_attempts
from callvault.models import Recording, State
from callvault.storage import due, notes, table
from callvault.upkeep.reconcile import steps
from callvault.upkeep.reconcile.steps import SOURCE, Step

logger = Logger(child=True)


def bring(step: Step, row: Recording | None, listed: Recording) -> Recording | None:
    """Do a step for a row and return the row.

    Return None if the recording has no row and cannot be taken in, and the row as it was if it
    cannot be changed. Both are logged, and the next run tries again.
    """
    try:
        return intake.record(listed, SOURCE) if row is None else _changed(step, row, listed)
    except (RejectedError, UnavailableError) as error:
        reason = error.reason
    except (ValueError, TypeError) as error:
        reason = type(error).__name__  # the error itself is not logged: it may quote the recording
    if row is None:
        log_unexplained(listed, reason)
    else:
        logger.warning("A listed recording could not be brought up to date", extra=_about(listed, reason))
    return row


def log_unexplained(listed: Recording, reason: str) -> None:
    """Log that the archive does not have a listed recording."""
    logger.error(alarm_messages.RECORDING_UNEXPLAINED, extra=_about(listed, reason))


def _changed(step: Step, row: Recording, listed: Recording) -> Recording:
    """Do a step for a row that exists; raises RejectedError, UnavailableError."""
    result: Recording | None = row
    match step:
        case Step.FOLLOW:
            result = following.follow(row, listed, SOURCE)
        case Step.RECORD:
            result = intake.record(listed, SOURCE, known=row)
        case Step.NOTE_DELETED:
            changes = {"source_expires_time": times.now()} if row.state is State.PENDING else {}
            result = table.edit(row, steps.DELETED_THERE, **changes)
        case Step.REQUEUE:
            result = _requeued(row)
        case Step.REOPEN:
            reopening.start(row, SOURCE)
            result = table.get(row.account_id, row.recording_id)
        case Step.NOTE_DURATION:
            found = notes.added(row.discrepancies, steps.duration_note(listed))
            result = table.edit(row, f"{SOURCE} duration", discrepancies=found)
    # Without the table, only the queue has what was recorded, and the row is as it was.
    return result if result is not None and result.revision >= row.revision else row


def _requeued(row: Recording) -> Recording | None:
    """Queue the fetch of a pending row, unless its next attempt is not due yet, and return the row.

    None is returned if another writer has changed the row. Raises UnavailableError.
    """
    now = times.now()
    if due.is_waiting(row.attempt, now):
        return row
    result = table.edit(row, due.SWEPT, attempt=next_attempts.queued(row.attempt, now) if row.attempt else None)
    if result is not None:
        fetch_requests.send(result)
    return result


def _about(listed: Recording, reason: str) -> dict[str, str]:
    """Return the fields of a log line that name a recording."""
    fields = {"account": listed.account_id, "provider": listed.provider, "recording": listed.recording_id}
    return fields | {"reason": reason}
