"""Record what a backfill found in a provider's list, and fetch it apart from live recordings.

The row is written first, and then the message for the backfill's queue. The row says that its
message may wait there for HELD_FOR. Until then, the sweep leaves the row to that message. If the
process was killed between the two, no message waits, and the sweep queues one an hour after that
time. So nothing is lost, and a second backfill finds the row and sends nothing twice.

As long as no callback has announced such a recording, the sweep queues its further attempts in the
backfill's queue too. A recording that its provider deletes soon is not held: an hour later, the
sweep queues it with the live ones.
"""

from datetime import timedelta

from callvault import times
from callvault.messaging import fetch_requests
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import due, history, table
from callvault.values import Attempt

SOURCE = "backfill"
"""The source of what is recorded, for the rows' history; also the reason why such a row waits."""
HELD_FOR = timedelta(days=1)
"""Time for which a message may wait in the backfill's queue before it counts as late."""


def held(listed: Recording) -> Recording:
    """Return a listed recording as its row has to be: of a pending one, its message may wait."""
    if listed.state is not State.PENDING:
        return listed
    until = times.now() if due.is_expiring(listed) else times.now() + HELD_FOR
    return listed.model_copy(update={"attempt": Attempt(count=0, reason=SOURCE, next_time=until)})


def record(recording: Recording) -> Recording | None:
    """Write the row of a recording that `held` returned; None if another writer did that first.

    The caller sends the message of a pending row. If the answer to a request was lost, so that this
    raised an error, the next call with the same recording finds what was written, and returns it.
    Raises UnavailableError, and ValueError or TypeError if the recording cannot be a row.
    """
    row = table.put(recording, f"{SOURCE} {recording.state}", believed=_only_new)
    return row if row.revision == 1 and row.attempt == recording.attempt else None


def send(row: Recording) -> None:
    """Queue the fetch of a row that `record` wrote; raises UnavailableError."""
    fetch_requests.send(row, Queue.BACKFILL)


def is_held(row: Recording) -> bool:
    """Return whether the row's message waits in the backfill's queue, and no attempt was made."""
    return row.state is State.PENDING and row.attempt is not None and row.attempt.reason == SOURCE


def queue_of(row: Recording) -> Queue:
    """Return the queue for the next attempt at the audio of a pending row."""
    return Queue.BACKFILL if history.is_backfilled(row.history) and not due.is_expiring(row) else Queue.FETCH


def _only_new(update: Recording, known: Recording | None) -> Recording:
    """Return an update of a recording that has no row, or the row, which stays as it is."""
    return update if known is None else known
