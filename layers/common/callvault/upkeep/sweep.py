"""Requeue the rows that have waited too long, for as long as one run has time.

The gap between two sweeps of a row grows from sweep to sweep.

A pending row waits too long if the queue refused its message, and a stored one if the event of its
object was lost. A deleted recording or transcript is requeued if its objects may not be deleted
yet. A failed row whose provider deletes the recording soon gets one more attempt, because an
operator may have removed the cause of the failure. Each row is marked before it is requeued, on
condition that its revision has not changed. So if two runs meet the same row, only one of them
requeues it. A run that crashes leaves the other rows due. `reconciliation` handles the announced
rows in the rest of the run's time.
"""

import time
from collections import Counter
from datetime import datetime

from aws_lambda_powertools import Logger

from callvault import times
from callvault.errors import UnavailableError
from callvault.ingest import transcripts
from callvault.messaging import bucket_events, fetch_requests, metrics, queues
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import due, table
from callvault.transcript import TranscriptState
from callvault.upkeep import due_rows, reconciliation

WAITING_METRICS = {State.ANNOUNCED: "AnnouncedWaiting", State.PENDING: "PendingWaiting", State.STORED: "StoredWaiting"}
"""The metric that counts the rows that wait in a state."""
COUNT_METRICS = {
    "expiring": "ExpiringRecordings",
    "settled": "Settled",
    "unanswered": "UnansweredRecordings",
    "unreadable": "UnreadableRows",
}
"""Metrics of the remaining counts of a run, by the name of the count."""

logger = Logger(child=True)


def run(deadline: float) -> dict[str, int]:
    """Requeue and reconcile due rows until `deadline`, a time of time.monotonic(); return counts.

    The first half of the time is for the queues, and the second for asking the providers.
    """
    counts: Counter[str] = Counter()
    seen: Counter[State] = Counter()
    announced = reconciliation.Reconciliation()
    started = time.monotonic()
    try:
        for row in due_rows.read(times.now()):
            if time.monotonic() > (started + deadline) / 2:
                break
            if row is None:
                counts["unreadable"] += 1
            elif _is_due(row):
                seen[row.state] += 1
                asks = due.waits_for_provider(row) and row.state not in {State.PENDING, State.STORED}
                if asks and _last_attempt(row) is None:
                    announced.add(row)
                else:
                    counts.update(_requeue(row))
    except UnavailableError as error:
        logger.warning("The due rows could not be read", extra={"reason": error.reason})
        counts["unavailable"] += 1
    counts += announced.run(deadline)
    waited = {name: seen[state] for state, name in WAITING_METRICS.items()}
    metrics.publish(waited | {name: counts[what] for what, name in COUNT_METRICS.items()})
    logger.info("Swept", extra={"counts": dict(counts)})
    return dict(counts)


def _is_due(row: Recording) -> bool:
    """Say whether a row is still due, although it may have changed since the index was read."""
    return _is_past(due.due_time(row))


def _is_past(moment: datetime | None) -> bool:
    """Say whether there is a time and it has come."""
    return moment is not None and moment <= times.now()


def _requeue(row: Recording) -> list[str]:
    """Requeue a row's next step and return the names of the counts that grow by one.

    The list is empty if another run marked the row first.
    """
    counted: list[str] = []
    try:
        marked = _mark(row)
        if marked is None:
            return counted
        counted += ["expiring"] if due_rows.warn(marked) else []
        if marked.state is State.PENDING or due.has_objects_left(marked):
            fetch_requests.send(marked)
        elif marked.state is State.STORED and marked.media is not None:
            queues.send(Queue.OBJECTS, bucket_events.write(marked.media.key, marked.media.version_id))
        if transcripts.is_due(marked) or due.has_text_left(marked):
            fetch_requests.send_transcript(marked)
    except UnavailableError as error:
        logger.warning("A row could not be requeued", extra={"reason": error.reason})
        return [*counted, "unavailable"]
    return [*counted, row.state]


def _mark(row: Recording) -> Recording | None:
    """Mark a row and return it, or None if another run or writer changed it first.

    A failed row becomes pending for one last attempt, and so does a failed transcript, if the
    provider deletes it soon. Every other row is marked as swept.
    """
    what = _last_attempt(row)
    if what == due.LAST_ATTEMPT:
        return table.edit(row, what, state=State.PENDING, reason=None, attempt=None)
    if what is not None and row.transcript is not None:
        again = row.transcript.model_copy(update={"state": TranscriptState.PENDING, "reason": None})
        return table.edit(row, what, transcript=again)
    return table.edit(row, due.SWEPT)


def _last_attempt(row: Recording) -> str | None:
    """Return the history entry of the last attempt that is due for a row, or None."""
    failed = row.state is State.FAILED and _is_past(due.audio_time(row))
    if failed and all(event.what != due.LAST_ATTEMPT for event in row.history):
        return due.LAST_ATTEMPT
    found = row.transcript
    if found is not None and found.state is TranscriptState.FAILED and _is_past(due.transcript_time(row)):
        return due.LAST_TRANSCRIPT_ATTEMPT
    return None
