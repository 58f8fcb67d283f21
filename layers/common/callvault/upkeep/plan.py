"""Decide which fetches that are due a run of the sweep queues, and when.

While an account's breaker is open, its rows go on waiting in the table, and one goes first. The run
spreads what has waited for an origin over the time until the next run, so that it does not come
back in one burst. It leaves to that run what is too much. The simulation (tools/simulation) uses
the same plan.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callvault.messaging import next_attempts
from callvault.storage import breaker, pace
from callvault.storage.breaker import Breaker
from callvault.values import Attempt

MANY_SECONDS = 2
"""An origin goes on recovering if the fetches of a run need the slots of so many seconds."""


@dataclass(frozen=True)
class Queued:
    """The fetch is queued."""

    delay: int = 0
    """Seconds after which its message is delivered."""


@dataclass(frozen=True)
class Held:
    """The row goes on waiting, because the provider fails for its account."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class Left:
    """The row stays due for the next run, because the origin has no slots left in this one."""


class Plan:
    """What one run does. Its methods may be called from several threads.

    `breaker_of` returns the breaker of an account and an origin. `per_second` is the number of
    slots that an origin has while it recovers.
    """

    def __init__(self, breaker_of: Callable[[str, str], Breaker | None], per_second: int) -> None:
        self._breaker_of, self._per_second = breaker_of, per_second
        self._breakers: dict[tuple[str, str], Breaker | None] = {}
        self._probed: set[tuple[str, str]] = set()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def decide(self, account_id: str, attempt: Attempt | None, now: datetime) -> Queued | Held | Left:
        """Return what to do with a fetch that is due; may raise UnavailableError."""
        origin = attempt.origin if attempt else None
        if origin is None:
            return Queued()
        with self._lock:
            known = self._known(account_id, origin)
            # A fetch whose day is over is given up by its function, without a request.
            over = next_attempts.is_over(attempt, now)
            if known is not None and not over and not self._goes_first(account_id, origin, known, now):
                return Held(breaker.held_until(known, now), known.reason)
            delay = pace.delay(self._counts[origin], self._per_second)
            self._counts[origin] += 1
            return Left() if delay is None else Queued(delay)

    def overdue(self) -> list[str]:
        """Return the origins of which many fetches were due."""
        return [origin for origin, count in self._counts.items() if count > MANY_SECONDS * self._per_second]

    def _known(self, account_id: str, origin: str) -> Breaker | None:
        """Return an account's breaker, which is read once in a run."""
        if (account_id, origin) not in self._breakers:
            self._breakers[account_id, origin] = self._breaker_of(account_id, origin)
        return self._breakers[account_id, origin]

    def _goes_first(self, account_id: str, origin: str, known: Breaker, now: datetime) -> bool:
        """Return whether a fetch may be queued although its provider has failed."""
        if breaker.blocks(known, now) or (known.is_open and (account_id, origin) in self._probed):
            return False
        self._probed.add((account_id, origin))
        return True
