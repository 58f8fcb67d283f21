"""Define what is simulated, and what came of it."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is simulated. Half of the accounts are at the provider that is down."""

    accounts: int = 2_000
    recordings_a_day: int = 1_000_000
    outage_hours: float = 12
    """Duration of the outage; 0 for a run without one."""
    allowed: int = 60
    """Number of requests that the provider allows in a second after the outage."""
    per_second: int = 50
    """The template's RecoveryPerSecond."""
    concurrency: int = 100
    """The template's FetchConcurrency."""
    hours_before: float = 1
    hours_after: float = 4
    """Time that is simulated before and after the outage."""
    seed: int = 1

    @property
    def begin(self) -> float:
        """Return when the outage begins, in seconds."""
        return self.hours_before * 3600

    @property
    def returned(self) -> float:
        """Return when the provider comes back, in seconds."""
        return self.begin + self.outage_hours * 3600

    @property
    def end(self) -> float:
        """Return when the last callback comes, in seconds."""
        return self.returned + self.hours_after * 3600


@dataclass
class Result:
    """What came of a run. Times are in seconds."""

    waits: list[float] = field(default_factory=list)
    """Times from a callback of the other accounts until its recording was stored."""
    recordings: int = 0
    """Number of recordings of the provider that was down."""
    stored: int = 0
    """Number of those that were stored."""
    failed: int = 0
    """Number of those that were given up."""
    backlog: int = 0
    """Number of recordings that waited when the provider came back."""
    backlog_gone: float | None = None
    """Time after that until all of them were stored."""
    max_in_flight: int = 0
    max_in_a_second: int = 0
    """Most requests to the provider in any second after the outage."""
    max_in_a_second_down: int = 0
    """The same during the outage."""
    max_swept: int = 0
    """Most rows that a run of the sweep handled."""
    requests_while_down: int = 0

    @property
    def median_wait(self) -> float:
        """Return the median of the waits of the other accounts."""
        return statistics.median(self.waits)


@dataclass(frozen=True)
class Bounds:
    """The bounds of the figures."""

    in_flight: int = 10_000
    ratio: float = 1.1
    """Of the other accounts' median wait, to that of a run without an outage."""
    hours: float = 2.5
    """Until the backlog is gone."""


def exceeded(setting: Setting, result: Result, usual: Result, bounds: Bounds) -> list[str]:
    """Return a sentence for each figure that is out of its bounds; `usual` had no outage."""
    gone = result.backlog_gone
    checks = {
        f"{result.max_in_flight} messages were in flight.": result.max_in_flight < bounds.in_flight,
        "The other accounts waited too long.": result.median_wait <= bounds.ratio * usual.median_wait,
        "The backlog was not gone in time.": gone is not None and gone <= bounds.hours * 3600,
        f"{result.max_in_a_second} requests were made in a second.": result.max_in_a_second <= setting.allowed,
        f"{result.failed} recordings were given up.": result.failed == 0,
        "Not every recording was stored.": result.stored == result.recordings,
    }
    return [sentence for sentence, holds in checks.items() if not holds]
