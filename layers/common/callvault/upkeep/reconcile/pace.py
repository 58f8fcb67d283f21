"""Take recordings in at the account's rate, and stop when the time of the function ends."""

import time
from collections.abc import Callable

from callvault import settings

MAX_SLEEP = 5
"""Longest time to sleep before the lease is renewed, in seconds."""


class TimeIsUpError(Exception):
    """The run has used its time. The rest is done for another message."""


class Pace:
    """The rate of one run."""

    def __init__(self, deadline: float, renew: Callable[[], None]) -> None:
        """Begin at the full rate, until `deadline`, a time of time.monotonic().

        `renew` is called at least every MAX_SLEEP seconds while `wait` sleeps.
        """
        self._deadline = deadline
        self._renew = renew
        self._next = time.monotonic()

    def check(self) -> None:
        """Raise TimeIsUpError if the time has come."""
        if time.monotonic() >= self._deadline:
            raise TimeIsUpError

    def wait(self) -> None:
        """Sleep until the next recording may be taken in.

        Raises TimeIsUpError if the time ends before that, and what `renew` raises.
        """
        if self._next >= self._deadline:
            raise TimeIsUpError
        self.check()
        while (rest := self._next - time.monotonic()) > 0:
            time.sleep(min(rest, MAX_SLEEP))
            self._renew()
        self._next = max(self._next, time.monotonic() - 1) + 60 / settings.get().reconcile_per_minute
