"""Disturb the providers' lists while the storm rages: errors, rate limits and expired tokens."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import override

from tools.local.faults.replies import Reply
from tools.local.providers import disturbances
from tools.local.providers.disturbances import Disturbances

EXPIRED = "expired"
"""The name of the disturbance that makes all tokens invalid. The page itself is sent."""
REPLIES = {
    "throttled": disturbances.throttled(1),
    "error": Reply(status=500, body=b"{}"),
    "unavailable": Reply(status=503, body=b"{}"),
    "hung_up": Reply(silent=True),
    "html": Reply(body=b"<html><body>Service unavailable</body></html>", headers={"content-type": "text/html"}),
}
"""The replies that replace a page."""
RATES = {"throttled": 0.06, "error": 0.03, "unavailable": 0.03, "hung_up": 0.02, "html": 0.02, EXPIRED: 0.08}
"""The rate of each disturbance, as a fraction of the pages."""


class Interruptions:
    """What disturbs the lists of all providers."""

    def __init__(self, seed: int) -> None:
        self.rages = False
        """Whether the lists are disturbed."""
        self.struck: Counter[str] = Counter()
        """Number of disturbances, by list and kind."""
        self._chance = random.Random(seed)  # noqa: S311 - guards nothing
        self._lock = Lock()

    def of(self, name: str, expire: Callable[[], None]) -> "ListInterruptions":
        """Return what disturbs one list; `expire` makes the tokens of its provider invalid."""
        return ListInterruptions(name=name, expire=expire, all_lists=self)

    def draw(self, name: str) -> str | None:
        """Draw what disturbs a page of a list, or None, and count it."""
        with self._lock:
            point = self._chance.random()
            for kind, rate in RATES.items() if self.rages else ():
                if (point := point - rate) < 0:
                    self.struck[f"{name} {kind}"] += 1
                    return kind
        return None


@dataclass(kw_only=True)
class ListInterruptions(Disturbances):
    """What disturbs one list."""

    name: str
    expire: Callable[[], None]
    all_lists: Interruptions

    @override
    def next_page(self) -> Reply | None:
        """Draw what disturbs a page, and return the reply that replaces it, or None."""
        kind = self.all_lists.draw(self.name)
        if kind == EXPIRED:
            self.expire()
        return REPLIES.get(kind) if kind else super().next_page()
