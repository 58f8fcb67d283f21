"""The provider that is down, and the breakers and slots of its accounts, kept in memory."""

from collections import deque
from datetime import UTC, datetime, timedelta

from callvault.storage import breaker, pace
from callvault.storage.breaker import Breaker
from tools.simulation.setting import Result, Setting

ORIGIN = "https://api.example.com"
START = datetime(2026, 11, 27, tzinfo=UTC)
"""The time 0 of the simulation."""


def moment(seconds: float) -> datetime:
    """Return a time of the simulation as the product sees it."""
    return START + timedelta(seconds=seconds)


class Provider:
    """The provider that is down for a while. Its accounts have breakers, and it has slots."""

    def __init__(self, setting: Setting, result: Result) -> None:
        self._setting, self._result = setting, result
        self.breakers: dict[str, Breaker] = {}
        self._recovers_until: datetime | None = None
        self._next_slot = 0
        self._asked: deque[float] = deque()

    def breaker_of(self, account_id: str, _: str) -> Breaker | None:
        """Return the breaker of an account, or None."""
        return self.breakers.get(account_id)

    def recovers_at(self, now: datetime) -> bool:
        """Return whether the provider recovers."""
        return self._recovers_until is not None and now < self._recovers_until

    def recover(self, now: datetime) -> None:
        """Begin or prolong the recovery."""
        self._recovers_until = now + pace.RECOVERY

    def take(self, seconds: float) -> float | None:
        """Return the time of the slot that a fetch gets, or None."""
        slot = pace.slot(self._next_slot, round(seconds * 1000))
        if slot is None:
            return None
        self._next_slot = slot + pace.interval(self._setting.per_second)
        return slot / 1000

    def ask(self, seconds: float) -> str | None:
        """Make a request, and return the reason of its failure, or None if it succeeds."""
        asked = self._asked
        asked.append(seconds)
        while asked[0] <= seconds - 1:
            asked.popleft()
        if self._setting.begin <= seconds < self._setting.returned:
            self._result.requests_while_down += 1
            self._result.max_in_a_second_down = max(self._result.max_in_a_second_down, len(asked))
            return "unreachable"
        if seconds >= self._setting.returned:
            self._result.max_in_a_second = max(self._result.max_in_a_second, len(asked))
        return "http_429" if len(asked) > self._setting.allowed else None

    def finish(self, account_id: str, reason: str | None, now: datetime) -> datetime | None:
        """Count what a request came to, and return when its row is due if the breaker is open."""
        known = self.breakers.get(account_id)
        if reason is not None:
            known = self.breakers[account_id] = breaker.failed(known, reason, now)
            return breaker.held_until(known, now) if known.is_open else None
        if known is not None and breaker.closes(known, answered=False):
            if known.is_open and breaker.is_outage(known):
                self.recover(now)
            del self.breakers[account_id]
        return None
