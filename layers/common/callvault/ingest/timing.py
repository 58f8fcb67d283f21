"""Measure how long recordings take from their callback until they are stored and verified.

The time begins when the row noted the callback that made it pending, or KAZOO's upload, and ends
when the row says `stored` or `verified`. The time includes waiting in the queue, failed attempts,
and waiting for the sweep to requeue the row, because a reader waits for them too.

These recordings are not measured, because the time would not run from their callback: a recording
that an operator, a reader or the sweep retried after its failure; one whose media the archive found
by asking the provider; one whose callback could be written to the queue only; and one whose history
has lost its beginning. A complete recording that replaces a partial one is measured from its own
callback.
"""

from datetime import datetime

from callvault.messaging import metrics
from callvault.models import Recording, State
from callvault.storage import due, history

STORED, VERIFIED = "SecondsToStored", "SecondsToVerified"
"""The metrics; each has the dimension `provider`."""
BEGINNINGS = {f"callback {State.PENDING}", "upload", "incoming"}
"""History entries of the announcements that made a row pending."""
ENDS = (State.STORED, State.VERIFIED, State.FAILED)
"""The first words of history entries that ended an earlier copy of the recording."""
OTHERS = ("looked up", history.RETRIED, due.LAST_ATTEMPT)
"""Beginnings of history entries that started a copy without a callback."""


def publish_stored(row: Recording) -> None:
    """Publish how long a recording took until it was stored.

    It is published only if the last entry of its history is `stored`.
    """
    _publish(STORED, row, State.STORED)


def publish_verified(row: Recording) -> None:
    """Publish how long a recording took until it was verified.

    It is published only if the last entry of its history is `verified`.
    """
    _publish(VERIFIED, row, State.VERIFIED)


def _publish(name: str, row: Recording, state: State) -> None:
    """Publish the seconds from the callback to the last change of the row."""
    if not row.history or row.history[-1].what != state:
        return
    begun = _beginning(row)
    if begun is not None:
        seconds = (row.history[-1].time - begun).total_seconds()
        about = {"account": row.account_id, "recording": row.recording_id}
        metrics.publish_seconds(name, seconds, row.provider, about)


def _beginning(row: Recording) -> datetime | None:
    """Return when the callback came that led to the last change of a row, or None if none did."""
    begun: datetime | None = None
    before = list(row.history[:-1])
    if before and before[-1].what == State.STORED:
        before.pop()  # of the copy that has just been verified
    for event in reversed(before):
        if event.what.startswith(OTHERS):
            return None
        if event.what.partition(" ")[0] in ENDS:
            break
        if event.what.partition(",")[0] in BEGINNINGS:
            begun = event.time
    return begun
