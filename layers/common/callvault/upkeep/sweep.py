"""Requeue the rows that have waited too long, for as long as one run has time.

A pending row whose attempt failed waits until its next attempt is due (`due.attempt_time`). The gap
between two sweeps of every other row grows from sweep to sweep.

A pending row waits too long if the queue refused its message, and a stored one if the event of its
object was lost. A deleted recording or transcript is requeued if its objects may not be deleted
yet. A failed row whose provider deletes the recording soon gets one more attempt, because an
operator may have removed the cause of the failure. A run reads and requeues rows in several threads
(`due_rows`, `requeueing`). A run that crashes leaves the other rows due. `reconciliation` handles
the announced rows in the rest of the run's time.
"""

import threading
import time
from collections import Counter

from aws_lambda_powertools import Logger

from callvault import settings, times
from callvault.errors import UnavailableError
from callvault.messaging import metrics
from callvault.models import Recording, State
from callvault.storage import breakers, due, paces, queries
from callvault.upkeep import concurrently, due_rows, reconciliation, requeueing
from callvault.upkeep.due_rows import Key
from callvault.upkeep.outbox import UNSENT, Outbox
from callvault.upkeep.plan import Plan

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
    started = time.monotonic()
    current = _Run((started + deadline) / 2)
    try:
        keys = due_rows.keys(times.now())
        chunks = [(keys[start : start + queries.MAX_KEYS],) for start in range(0, len(keys), queries.MAX_KEYS)]
        concurrently.run(current.sweep, chunks)
        for origin in current.plan.overdue():
            paces.recover(origin)
    except UnavailableError as error:
        current.add_unread(error)
    counts = current.counts
    counts += current.announced.run(deadline)
    waited = {name: current.seen[state] for state, name in WAITING_METRICS.items()}
    metrics.publish(waited | {name: counts[what] for what, name in COUNT_METRICS.items()})
    logger.info("Swept", extra={"counts": dict(counts)})
    return dict(counts)


class _Run:
    """One run: its plan, and what it has found. Threads call `sweep`."""

    def __init__(self, until: float) -> None:
        self.plan = Plan(breakers.of, settings.get().recovery_per_second)
        self.announced = reconciliation.Reconciliation()
        self.counts: Counter[str] = Counter()
        self.seen: Counter[State] = Counter()
        self._until = until
        self._lock = threading.Lock()

    def sweep(self, chunk: list[Key]) -> None:
        """Requeue the rows of some keys, unless the time for the queues is over."""
        outbox = Outbox()
        try:
            for row in due_rows.read(chunk) if time.monotonic() <= self._until else ():
                if row is None:
                    outbox.counts["unreadable"] += 1
                elif requeueing.is_past(due.due_time(row)):  # it may have changed since the index was read
                    self._process(row, outbox)
        except UnavailableError as error:
            self.add_unread(error)
        outbox.flush()
        with self._lock:
            self.counts += outbox.counts

    def _process(self, row: Recording, outbox: Outbox) -> None:
        """Requeue a row, or keep it for the reconciliation."""
        asks = due.waits_for_provider(row) and row.state not in {State.PENDING, State.STORED}
        with self._lock:
            self.seen[row.state] += 1
            if asks and requeueing.last_attempt(row) is None:
                self.announced.add(row)
                return
        try:
            requeueing.requeue(row, self.plan, outbox)
        except UnavailableError as error:
            logger.warning(UNSENT, extra={"account": row.account_id, "reason": error.reason})
            outbox.counts["unavailable"] += 1

    def add_unread(self, error: UnavailableError) -> None:
        """Count and log that rows could not be read."""
        logger.warning("The due rows could not be read", extra={"reason": error.reason})
        with self._lock:
            self.counts["unavailable"] += 1
