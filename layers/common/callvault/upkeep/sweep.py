"""Take up again what has waited too long, with growing gaps, as much of it as one run has time for.

A pending row's message may have been refused by the queue; a stored object's event may never have come; a failed row
whose provider deletes it soon gets one more attempt, because what an operator has mended since may make it succeed.
What is taken up is marked in its row first, under the row's revision: of two runs at the same time one does it, and a
run that dies leaves the rest due. Announced rows are left to `settlement`, in what remains of the run's time.
"""

import time
from collections import Counter

from aws_lambda_powertools import Logger

from callvault import times
from callvault.errors import UnavailableError
from callvault.messaging import bucket_events, fetch_requests, metrics, queues
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import due, table
from callvault.upkeep import due_rows, reconciliation

WAITING = {State.ANNOUNCED: "AnnouncedWaiting", State.PENDING: "PendingWaiting", State.STORED: "StoredWaiting"}
COUNTED = {"expiring": "ExpiringRecordings", "settled": "Settled", "unreadable": "UnreadableRows"}
"""The metrics of what waited, by its state, and of what came of it."""

logger = Logger(child=True)


def run(deadline: float) -> dict[str, int]:
    """Take up what is due until `deadline` (of time.monotonic()) and return how much of what there was.

    The first half of the time is for our own queues, the second for asking the providers.
    """
    counts: Counter[str] = Counter()
    seen: Counter[State] = Counter()
    announced = reconciliation.Settlement()
    started = time.monotonic()
    try:
        for row in due_rows.read(times.now()):
            if time.monotonic() > (started + deadline) / 2:
                break
            if row is None:
                counts["unreadable"] += 1
            elif _is_due(row):
                seen[row.state] += 1
                if row.state is State.ANNOUNCED:
                    announced.add(row)
                else:
                    counts.update(_take_up(row))
    except UnavailableError as error:
        logger.warning("The rows that wait could not be read", extra={"reason": error.reason})
        counts["unavailable"] += 1
    counts += announced.run(deadline)
    waited = {name: seen[state] for state, name in WAITING.items()}
    metrics.publish(waited | {name: counts[what] for what, name in COUNTED.items()})
    logger.info("Swept", extra={"counts": dict(counts)})
    return dict(counts)


def _is_due(row: Recording) -> bool:
    """Say whether a row, which may have moved on, is still due."""
    due_time = due.due_time(row)
    return due_time is not None and due_time <= times.now()


def _take_up(row: Recording) -> list[str]:
    """Queue a row's next step again and return what to count it as: nothing where another run was faster."""
    told: list[str] = []
    try:
        marked = _mark(row)
        if marked is None:
            return told
        told += ["expiring"] if due_rows.warn(marked) else []
        if marked.state is State.PENDING:
            fetch_requests.send(marked)
        elif marked.state is State.STORED and marked.media is not None:
            queues.send(Queue.OBJECTS, bucket_events.write(marked.media.key, marked.media.version_id))
    except UnavailableError as error:
        logger.warning("A row could not be taken up", extra={"reason": error.reason})
        return [*told, "unavailable"]
    return [*told, row.state]


def _mark(row: Recording) -> Recording | None:
    """Mark a row as swept, a failed one for the first time as pending again; None where another run was faster."""
    if row.state is State.FAILED and all(event.what != due.LAST_ATTEMPT for event in row.history):
        return table.edit(row, due.LAST_ATTEMPT, state=State.PENDING, reason=None)
    return table.edit(row, due.SWEPT)
