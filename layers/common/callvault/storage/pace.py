"""Decide how fast an origin that comes back after an outage gets the requests that have waited.

All accounts of an origin come back together, and what has waited would be more than their provider
allows. So while the origin recovers, each fetch takes a slot. The slots are apart by the interval.
The functions are pure, as those in `breaker`; `paces` keeps the slots.
"""

import math
from datetime import timedelta

RECOVERY = timedelta(minutes=15)
"""Time for which an origin recovers. The sweep prolongs it while recordings of the origin wait."""
MAX_WAIT = 500
"""Longest time for which a fetch waits for its slot, in milliseconds.

Meanwhile it occupies one of the functions' places, which the other origins need too.
"""
REFUSED_FOR = timedelta(seconds=30)
"""Time after which a fetch that got no slot is attempted again."""
SWEPT_SHARE = 0.85
"""Share of the slots that the sweep uses. The others are for the callbacks that arrive."""
PERIOD = timedelta(minutes=5)
"""Time between two runs of the sweep, over which a run spreads the fetches of an origin."""


def interval(per_second: int) -> int:
    """Return the time between two slots, in whole milliseconds.

    It is rounded up, so that no second has more slots than `per_second`.
    """
    return math.ceil(1000 / per_second)


def slot(following: int, now: int) -> int | None:
    """Return the slot that a fetch gets, or None if it would wait too long.

    `following` is the first free slot by the table. All three are in milliseconds since 1970.
    """
    found = max(following, now)
    return found if found <= now + MAX_WAIT else None


def delay(number: int, per_second: int) -> int | None:
    """Return the delay, in seconds, of the `number`-th fetch of a run of the sweep, from 0.

    None if the run has no slot left for it.
    """
    seconds = number / (per_second * SWEPT_SHARE)
    return int(seconds) if seconds < PERIOD.total_seconds() else None
