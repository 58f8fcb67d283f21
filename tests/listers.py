"""A provider whose list is a stand-in's book, for the tests of the reconciliation."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from callvault import providers, times
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.providers.listings import Listed, Page, Span
from tests import worlds
from tools.local.providers.books import Book, Kept

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
STATES = {
    "completed": (State.PENDING, None),
    "processing": (State.ANNOUNCED, None),
    "absent": (State.ABSENT, "absent"),
    "deleted": (State.ABSENT, "deleted"),
}


class BookLister(Bandwidth):
    """Bandwidth with a list of calls and one of conferences.

    Pages overlap by one recording, and the list of conferences has one recording of the other list.
    """

    LISTS: ClassVar[tuple[str, ...]] = ("calls", "conferences")
    book: ClassVar[Book]
    size: ClassVar[int] = 3
    """Maximum number of recordings in a page."""
    failures: ClassVar[list[UnavailableError | RejectedError]] = []
    """The errors of the next requests."""
    asked: ClassVar[list[tuple[str, Span, str | None]]] = []

    def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:
        """Return a page of a list."""
        self.asked.append((name, span, cursor))
        if self.failures:
            raise self.failures.pop(0)
        entries = self.book.between(span.since, span.until)
        found = [one for one in entries if (one.conference_id is None) == (name == "calls")]
        if name == "conferences":
            found += [one for one in entries if one not in found][:1]
        start = json.loads(cursor)["start"] if cursor else 0
        end = start + self.size
        listed = tuple(self.listed(one) for one in found[max(0, start - 1) : end])
        return Page(listed=listed, cursor=json.dumps({"start": end}) if end < len(found) else None)

    def listed(self, kept: Kept) -> Listed:
        """Return an entry of the list."""
        state, reason = STATES[kept.status]
        recording = worlds.recording(
            kept.recording_id,
            account_id=self.account.account_id,
            state=state,
            reason=reason,
            call_id=kept.call_id,
            start_time=kept.time,
            duration_ms=kept.seconds * 1000 if state is not State.ANNOUNCED else None,
            extra={"status": kept.status},
        )
        return Listed(recording=recording, time=kept.time)

    def listing_time(self, recording: Recording) -> datetime | None:
        """Return the time by which the list filters."""
        return recording.start_time

    def unaccountable(self) -> tuple[str, ...]:
        """Return what no list has."""
        return ()


def install(monkeypatch: pytest.MonkeyPatch, *entries: Kept, size: int = 3) -> type[BookLister]:
    """Make Bandwidth a provider with a list, of an account `acme`, and return its class."""

    class Installed(BookLister):
        """The provider of one test."""

    Installed.book, Installed.size, Installed.failures, Installed.asked = Book(), size, [], []
    Installed.book.add(entries)
    monkeypatch.setitem(providers.PROVIDERS, "bandwidth", Installed)
    worlds.put_account(api={"origin": "https://api.example.com", "username": "u", "password": "p"})
    return Installed


def list_one(monkeypatch: pytest.MonkeyPatch, provider: str, recording_id: str) -> None:
    """Make the list of a provider have one recording, of now, whose media is there."""
    known: Any = providers.PROVIDERS[provider]

    class Installed(known):  # type: ignore[misc]  # any provider
        """The provider of one test."""

        LISTS: ClassVar[tuple[str, ...]] = ("recordings",)

        def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:
            """Return the only page."""
            del name, cursor
            time = times.now() - timedelta(hours=1)
            recording = worlds.recording(recording_id, provider=provider, state=State.PENDING)
            listed = [Listed(recording=recording, time=time)] if span.since <= time < span.until else []
            return Page(listed=tuple(listed), cursor=None)

        def listing_time(self, recording: Recording) -> datetime | None:
            """Return the start, which nobody here knows."""
            return recording.start_time

        def unaccountable(self) -> tuple[str, ...]:
            """Return what no list has."""
            return ()

    monkeypatch.setitem(providers.PROVIDERS, provider, Installed)


def kept(number: int, *, days_ago: int = 0, status: str = "completed", seconds: int = 20, hour: int = 1) -> Kept:
    """Return a recording in a book, of some day before NOON's."""
    time = NOON.replace(hour=hour, minute=number % 60) - timedelta(days=days_ago)
    return Kept(recording_id=f"r-{number}", call_id=f"c-{number}", time=time, seconds=seconds, status=status)


def arrive(entries: Iterable[Kept], state: State = State.PENDING) -> None:
    """Write the rows of recordings that a callback announced."""
    for one in entries:
        worlds.put(
            one.recording_id,
            what=f"callback {state}",
            state=state,
            call_id=one.call_id,
            start_time=one.time,
            duration_ms=one.seconds * 1000,
        )
