"""Add up the report on a day: what the provider lists, by what became of it."""

from collections import Counter
from datetime import date, datetime

from pydantic import BaseModel, Field

from callvault.completeness import Day
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.look_ups import DELETED
from callvault.storage import history

GONE_REASONS = frozenset({"gone", "http_404", "http_410"})
"""Reasons of failed recordings whose provider does not have the media any more."""
ARRIVED = ("callback", *history.SENT)
"""Beginnings of the history entries of what came by itself: a callback, or audio that was sent."""
OUTCOMES = ("stored", "pending", "absent", "failed", "gone", "unexplained")
"""The numbers of a report that make up `listed`."""


def outcome(row: Recording | None) -> str:
    """Return the number of a report that a listed recording is counted in, by its row.

    None stands for a recording that has no row and could not be taken in.
    """
    if row is None:
        return "unexplained"
    if row.state in TOMBSTONES or (row.state is State.ABSENT and row.reason == DELETED):
        return "gone"
    if row.state is State.FAILED:
        return "gone" if row.reason in GONE_REASONS else "failed"
    if row.state is State.ABSENT:
        return "absent"
    return "stored" if row.state in {State.STORED, State.VERIFIED} else "pending"


class Tally(BaseModel):
    """The numbers of a day, as far as its lists were read. The order of additions is irrelevant."""

    outcomes: Counter[str] = Field(default_factory=Counter)
    failed_by: Counter[str] = Field(default_factory=Counter)
    listed_ms: int = 0
    measured_ms: int = 0
    callbacks: int = 0
    unverified: int = 0
    """Number of stored recordings whose duration is not measured yet, because it is measured from
    the audio as it is read back."""

    def add(self, listed: Recording, row: Recording | None) -> None:
        """Add a listed recording and its row, as it is now."""
        found = outcome(row)
        self.outcomes[found] += 1
        self.listed_ms += listed.duration_ms or 0
        if row is None:
            return
        if found == "failed":
            self.failed_by[row.reason or "unknown"] += 1
        if found == "stored" and row.media is not None:
            self.measured_ms += row.media.duration_ms or 0
            self.unverified += row.state is State.STORED
        self.callbacks += any(event.what.startswith(ARRIVED) for event in row.history)

    def include(self, other: "Tally") -> None:
        """Add all that another tally has."""
        self.outcomes += other.outcomes
        self.failed_by += other.failed_by
        self.listed_ms += other.listed_ms
        self.measured_ms += other.measured_ms
        self.callbacks += other.callbacks
        self.unverified += other.unverified

    def report(self, day: date, *, unlisted: int, unaccountable: tuple[str, ...], checked_at: datetime) -> Day:
        """Return the report on a day whose lists were read to the end."""
        return Day(
            date=day,
            listed=self.outcomes.total(),
            **{name: self.outcomes[name] for name in OUTCOMES},
            unlisted=unlisted,
            failed_by=dict(sorted(self.failed_by.items())),
            seconds_listed=_seconds(self.listed_ms),
            seconds_measured=_seconds(self.measured_ms),
            callbacks=self.callbacks,
            unaccountable=unaccountable,
            checked_at=checked_at,
        )


def _seconds(milliseconds: int) -> int:
    """Return milliseconds in whole seconds, rounded half up."""
    return (milliseconds + 500) // 1000
