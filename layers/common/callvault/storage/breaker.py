"""Decide when the circuit breaker of an account and an origin opens, holds attempts, and closes.

MAX_FAILURES failures in succession that speak of the provider open it. Then no fetch of the account
makes a request until `next_time`. After that time one fetch goes first, the probe. Its success ends
the breaker, and its failure moves `next_time` on.

Nothing here reads the clock or the table: `breakers` keeps the breakers, and the simulation
(tools/simulation) calls these functions too.
"""

import random
import re
from datetime import datetime, timedelta

from callvault import times
from callvault.values import Frozen, Timestamp

SPEAKS = re.compile(r"unreachable|too_slow|no_token|http_(?:5\d\d|429|401|403)")
"""Matches the reason of a failure that speaks of the provider, and not of one recording."""
BUSY = re.compile(r"unreachable|too_slow|http_(?:5\d\d|429)")
"""Matches the reason of an outage, after which all accounts of the origin come back at once."""
MAX_FAILURES = 5
"""Number of failures in succession that opens a breaker."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""Time after which a failure is no longer in succession with the one before it."""
MIN_SPACING, MAX_SPACING = timedelta(minutes=1), timedelta(minutes=10)
"""Shortest and longest time between two probes. It grows with the time since the opening."""
MAX_RETRY_AFTER = timedelta(hours=12)
"""Longest Retry-After that is honoured for a whole account."""
MIN_HOLD = timedelta(minutes=10)
"""Shortest time for which a row waits in the table while a breaker is open."""
HOLD_SHARE = 12
"""A row waits a twelfth of the time for which its breaker has been open.

The number of rows that wait grows with that time as well, so the sweep reads about as many rows in
an hour of a long outage as in an hour of a short one.
"""
MAX_HOLD = timedelta(hours=6)
"""Longest time for which a row waits in the table while a breaker is open."""


class Breaker(Frozen):
    """The failures of one account at one origin."""

    failures: int = 0
    """Number of failures in succession."""
    reason: str = ""
    """Reason of the last failure."""
    failed_at: Timestamp
    """Time of the last failure."""
    opened_at: Timestamp | None = None
    """When the breaker opened; None if it is closed."""
    next_time: Timestamp | None = None
    """Time before which no request may be made, if there is one."""
    revision: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether attempts are spaced, and one goes first."""
        return self.opened_at is not None


def speaks_of_provider(reason: str) -> bool:
    """Return whether a failed attempt says that the provider fails, and not one recording."""
    return SPEAKS.fullmatch(reason) is not None


def is_outage(breaker: Breaker) -> bool:
    """Return whether the provider itself failed, and not the credentials of one account."""
    return BUSY.fullmatch(breaker.reason) is not None


def failed(known: Breaker | None, reason: str, now: datetime, retry_after: float | None = None) -> Breaker:
    """Return a breaker after one more failure; `retry_after` is in seconds."""
    if known is not None and not known.is_open and now - known.failed_at > FORGOTTEN_AFTER:
        known = None
    failures = (known.failures if known else 0) + 1
    opened_at = known.opened_at if known else None
    if opened_at is None and failures >= MAX_FAILURES:
        opened_at = now
    waits = [known.next_time] if known and known.next_time else []
    waits += [now + _spacing(opened_at, now)] if opened_at else []
    if retry_after is not None and retry_after > 0:
        waits.append(now + min(timedelta(seconds=min(retry_after, MAX_RETRY_AFTER.total_seconds())), MAX_RETRY_AFTER))
    return Breaker(
        failures=failures,
        reason=reason,
        failed_at=now,
        opened_at=opened_at,
        next_time=max(waits, default=None),
        revision=(known.revision if known else 0) + 1,
    )


def probed(known: Breaker, now: datetime) -> Breaker:
    """Return an open breaker after one fetch has gone first: the others wait for its result."""
    return known.model_copy(update={"next_time": now + _spacing(known.opened_at, now), "revision": known.revision + 1})


def released(known: Breaker) -> Breaker:
    """Return a breaker after an operator has removed the cause: it is closed, and counts anew."""
    changes = {"failures": 0, "opened_at": None, "next_time": None, "revision": known.revision + 1}
    return known.model_copy(update=changes)


def blocks(known: Breaker | None, now: datetime) -> bool:
    """Return whether no request may be made now."""
    return known is not None and known.next_time is not None and now < known.next_time


def held_until(known: Breaker, now: datetime) -> datetime:
    """Return when a row that waits for a breaker is due again.

    Up to 20 %, chosen at random, is added to spread the rows.
    """
    spread = random.uniform(1, 1.2)  # noqa: S311 - it spreads load and protects nothing
    opened = known.opened_at or now
    wait = min(max((now - opened) / HOLD_SHARE, MIN_HOLD), MAX_HOLD) if known.is_open else timedelta()
    wait = max(wait, (known.next_time or now) - now)
    return times.truncated(now + wait * spread)


def closes(known: Breaker | None, *, answered: bool) -> bool:
    """Return whether a breaker ends after an attempt that did not fail because of the provider.

    `answered` says that the provider refused the recording and served nothing. That does not end
    the counting of failures, but it ends an open breaker, because the provider works.
    """
    return known is not None and (known.is_open or not answered)


def _spacing(opened_at: datetime | None, now: datetime) -> timedelta:
    """Return the time between two probes of a breaker that has been open since a time."""
    return min(max((now - (opened_at or now)) / 2, MIN_SPACING), MAX_SPACING)
