"""Decide when a fetch is attempted next, and whether its message or its row waits until then.

A message that is hidden until its next attempt stays in flight, and a standard queue may have about
120,000 messages in flight (AWS, "Amazon SQS standard queue quotas"). So a message is hidden for the
short gaps only. After that the row of the recording says when the next attempt is due, and the
message is done with. The sweep queues the fetch when it is due. What the sweep queues gets one
attempt.

Nothing here reads a clock, the queue or the table, except for the time that the caller passes: the
simulation (tools/simulation) calls these functions too.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from callvault import times
from callvault.errors import UnavailableError
from callvault.values import Attempt

GAPS = (5, 30, 120, 600, 3600, 21600)
"""Seconds before the next attempt, by the number of attempts so far.

The last value is used for all further attempts.
"""
SHORT_GAPS = 3
"""Number of GAPS for which a message stays in the queue."""
MAX_HIDDEN = timedelta(seconds=150)
"""Longest time for which a message is hidden if its row can wait instead: more than a short gap."""
MAX_GAP = 12 * 3600 - 1000
"""Maximum gap, in seconds.

SQS hides a message for at most 12 hours after it was received. The attempt takes up part of that
time.
"""
GIVE_UP_AFTER = timedelta(hours=24)
"""Time after the first attempt at which a recording that is still unavailable becomes `failed`."""
DOUBT = timedelta(hours=1)
"""Time after the first attempt in which audio shorter than its own header says is fetched again.

So is a transcript without text. After that, they are accepted, because the provider has no more.
"""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failed attempt, or one that was not made."""

    time: datetime
    reason: str
    receives: int
    """Number of times that SQS delivered the message."""
    received: datetime
    """When SQS delivered it first."""
    single: bool = False
    """The sweep queued the message, so it gets one attempt."""
    retry_after: float | None = None
    """The provider's Retry-After, in seconds."""
    is_held: bool = False
    """No attempt was made, because the provider fails for the whole account."""
    until: datetime | None = None
    """When the next attempt is due, if the provider fails for the whole account."""
    origin: str | None = None
    """The origin that failed, if the failure speaks of the provider."""
    is_crash: bool = False
    """The error was unexpected. It may be the message's own, so the message is kept."""


class Row(Protocol):
    """The row that the message of a fetch is about. Every method raises UnavailableError."""

    single: bool
    """The sweep queued the message, so it gets one attempt."""

    def first_time(self, received: datetime | None) -> datetime | None:
        """Return when the first attempt was made, or None if none was.

        `received` is when the message was first received, or None if it made no attempt now.
        """

    def reason(self, error: UnavailableError) -> str:
        """Return the reason of the last attempt that was made."""

    def keep(self, failure: Failure) -> Attempt | None:
        """Return the next attempt, or None if the row does not wait for one.

        It is written if it is `in_table`; then the message is done with.
        """

    def note(self, attempt: Attempt) -> None:
        """Write the next attempt, which the message waits for."""


def gap(attempt: int, retry_after: float | None = None) -> int:
    """Return the seconds between an attempt, counted from 1, and the next one.

    Up to 20 %, chosen at random, is added to spread the load; `retry_after` is the minimum.
    """
    seconds = GAPS[min(attempt, len(GAPS)) - 1]
    spread = random.uniform(1, 1.2)  # noqa: S311 - it spreads load and protects nothing
    return round(min(max(seconds * spread, retry_after or 0), MAX_GAP))


def following(known: Attempt | None, failure: Failure) -> Attempt:
    """Return what the row says after a failure; `known` is what it said before.

    If the attempt is `in_table`, the message is done with once the row says so. Otherwise the
    message is to be hidden until `next_time`. While the provider fails for the whole account, the
    row's own gaps do not count, so that no row waits long after the provider has come back.
    """
    count = failure.receives
    if failure.single or failure.is_held:
        count = (known.count if known else 0) + (not failure.is_held)
    # The sweep queues no fetch before the short gaps are over.
    number = max(count, SHORT_GAPS + 1) if failure.single else failure.receives
    next_time = failure.until or failure.time + timedelta(seconds=gap(number, failure.retry_after))
    used_up = failure.receives > SHORT_GAPS or (failure.single and not failure.is_held)
    return Attempt(
        count=count,
        reason=known.reason if known and known.count and failure.is_held else failure.reason,
        next_time=times.truncated(next_time),
        first_time=(known.first_time if known else None) if failure.is_held else first_time(known, failure.received),
        in_table=not failure.is_crash and (used_up or next_time - failure.time > MAX_HIDDEN),
        origin=failure.origin,
    )


def first_time(known: Attempt | None, received: datetime) -> datetime:
    """Return when the first attempt was made, as far as the row and the message know."""
    return min(received, known.first_time) if known and known.first_time else received


def held(known: Attempt, until: datetime, reason: str) -> Attempt:
    """Return what the row says if it goes on waiting for its provider, which fails for `reason`.

    If an attempt was made, its own reason stays.
    """
    changes = {"next_time": times.truncated(until), "in_table": True}
    return known.model_copy(update=changes | ({} if known.count else {"reason": reason}))


def is_over(known: Attempt | None, now: datetime) -> bool:
    """Return whether an attempt was made, by the row, and the first one GIVE_UP_AFTER ago."""
    if known is None or known.count == 0 or known.first_time is None:
        return False
    return now - known.first_time >= GIVE_UP_AFTER


def queued(known: Attempt, time: datetime) -> Attempt:
    """Return what the row says once the sweep has queued the next attempt for a time."""
    return known.model_copy(update={"in_table": False, "next_time": times.truncated(time)})


def is_old(known: Attempt | None, now: datetime) -> bool:
    """Return whether the first attempt was made so long ago that the provider has no more."""
    return known is not None and known.first_time is not None and now - known.first_time >= DOUBT
