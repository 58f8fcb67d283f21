"""Queue what is missing, at a rate, and follow what becomes of it.

The table makes this idempotent: a recording is queued only by the run that writes its row. The
command waits while the backfill's queue is full, and while the provider may not be asked, so that
no recording waits in the queue for long.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import IO

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import UnavailableError
from callvault.ingest import backfill
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import breaker, breakers, queries
from callvault.upkeep.reconcile import tally
from tools.ops import missing, printing
from tools.ops.progress import Progress
from tools.ops.stopping import Stop

CHECK_SECONDS = 10.0
"""Time between two looks at the queue and at the account's circuit breaker, in seconds."""
MINUTES_QUEUED = 60
"""The queue is full if it holds as many messages as are sent in this number of minutes."""
ATTEMPTS, RETRY_SECONDS = 4, 5.0
"""Attempts to write a row or to send its message, and the seconds between them."""
POLL_SECONDS, STALLED_SECONDS = 5.0, 900.0
"""Time between two looks at the recordings that were queued, and the time without any change after
which the command no longer waits for them. Both are in seconds."""


@dataclass
class Sent:
    """What was done with what was missing."""

    queued: int = 0
    recorded: int = 0
    """Recordings without media: their rows say so, and nothing is fetched."""
    known: int = 0
    """Recordings that got a row from somebody else in the meantime."""
    refused: Counter[str] = field(default_factory=Counter)
    """Recordings of which no row could be written, by the reason."""
    unsent: int = 0
    """Recordings that have a row and whose message the queue refused: the sweep queues them."""
    failure: str | None = None
    """Why the command stopped before it had done everything, unless that was Ctrl-C."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """What became of the recordings that have rows now."""
    failed_by: Counter[str] = field(default_factory=Counter)
    """Why some of them failed, or are still pending after a failed attempt."""


@dataclass(frozen=True)
class Job:
    """What is to be queued, and how."""

    account: Account
    found: missing.Found
    rate: int
    """Maximum number of recordings in a minute."""
    stop: Stop


def send(kept: IO[str], job: Job, sent: Sent) -> None:
    """Queue the recordings of a file, until all are, or Ctrl-C is pressed, or AWS refuses."""
    gate = _Gate(job)
    progress = Progress("recordings queued:", job.found.new)
    try:
        for listed in missing.read(kept):
            if gate.wait():
                break
            _one(listed, sent, job.stop)
            progress.step()
            if sent.failure is not None:
                break
    finally:
        progress.end()


def follow(kept: IO[str], job: Job, sent: Sent) -> None:
    """Wait until the recordings were fetched or failed, and count what became of them.

    The wait ends early if nothing changes for STALLED_SECONDS. What failed once and is attempted
    again counts as pending.
    """
    try:
        _follow(kept, job, sent)
    except UnavailableError as error:
        sent.failure = str(error)


def _follow(kept: IO[str], job: Job, sent: Sent) -> None:
    """Do what `follow` does; raises UnavailableError."""
    progress = Progress("recordings done:", sent.queued + sent.recorded + sent.known)
    moved = time.monotonic()
    try:
        for batch in batched(missing.read(kept), queries.MAX_KEYS, strict=False):
            before: int | None = None
            ids = [one.recording_id for one in batch]
            while True:
                found = [row for row in missing.rows_of(job.account.account_id, ids).values() if row]
                waiting = sum(map(backfill.is_held, found))
                if waiting == 0 or before not in {None, waiting}:
                    moved = time.monotonic()
                before, is_stalled = waiting, time.monotonic() - moved >= STALLED_SECONDS
                if waiting == 0 or is_stalled or job.stop.wait(POLL_SECONDS):
                    break
            _count(found, sent)
            progress.step(len(found))
    finally:
        progress.end()


def _count(found: list[Recording], sent: Sent) -> None:
    """Count recordings by what became of them."""
    for row in found:
        outcome = tally.outcome(row)
        sent.outcomes[outcome] += 1
        if outcome in {"failed", "gone"}:
            sent.failed_by[row.reason or outcome] += 1
        elif outcome == "pending" and row.attempt is not None and not backfill.is_held(row):
            sent.failed_by[row.attempt.reason] += 1


def _one(listed: Recording, sent: Sent, stop: Stop) -> None:
    """Write the row of a recording and queue its fetch."""
    held = backfill.held(listed)
    for attempt in _attempts(stop):
        try:
            row = backfill.record(held)
            break
        except UnavailableError as error:
            sent.failure = str(error) if attempt == ATTEMPTS else None
        except (ValueError, TypeError) as error:
            sent.refused[type(error).__name__] += 1
            printing.error(f"{listed.recording_id}: no row can be written ({type(error).__name__}).")
            return
    else:
        return
    if row is None:
        sent.known += 1
    elif row.state is State.PENDING:
        _send(row, sent, stop)
    else:
        sent.recorded += 1


def _send(row: Recording, sent: Sent, stop: Stop) -> None:
    """Queue the fetch of a row. If the queue refuses, the sweep does it after a day."""
    for attempt in _attempts(stop):
        try:
            backfill.send(row)
        except UnavailableError as error:
            if attempt < ATTEMPTS:
                continue
            sent.unsent += 1
            sent.failure = str(error)
        else:
            sent.queued += 1
        return


def _attempts(stop: Stop) -> Iterator[int]:
    """Yield the numbers of the attempts, with a wait between two of them, which Ctrl-C shortens."""
    for number in range(1, ATTEMPTS + 1):
        yield number
        if number < ATTEMPTS:
            stop.wait(RETRY_SECONDS)


class _Gate:
    """Lets one recording pass when it is its turn."""

    def __init__(self, job: Job) -> None:
        self._account, self._rate, self._stop = job.account, job.rate, job.stop
        self._next = time.monotonic()
        self._checked = float("-inf")

    def wait(self) -> bool:
        """Wait for the turn, and return whether Ctrl-C was pressed."""
        while time.monotonic() - self._checked >= CHECK_SECONDS and self._must_wait():
            if self._stop.wait(CHECK_SECONDS):
                return True
        if self._stop.wait(max(self._next - time.monotonic(), 0)):
            return True
        self._next = max(self._next, time.monotonic() - 1) + 60 / self._rate
        return self._stop.is_set

    def _must_wait(self) -> bool:
        """Return whether the queue is full, or the provider fails or asked for a pause.

        If that cannot be found out, nothing waits: the fetches themselves honour the breaker.
        """
        try:
            is_full = queues.count(Queue.BACKFILL) >= self._rate * MINUTES_QUEUED
            api = self._account.api
            known = breakers.of(self._account.account_id, api.origin) if api else None
        except UnavailableError:
            is_full, known = False, None
        waits = is_full or breaker.blocks(known, times.now())
        self._checked = float("-inf") if waits else time.monotonic()
        return waits
