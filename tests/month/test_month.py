"""Tests that the reports on a month equal the books of the providers."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from botocore.client import BaseClient

from callvault import settings, times
from callvault.completeness import Day
from callvault.storage import reports
from functions.ingest_callback import app as ingest_callback
from tests.integration import events
from tests.month import announcements, books
from tests.month.accounts import stand_ins
from tests.month.archive import Archive
from tests.month.books import Month
from tests.worlds import Clock

RECORDINGS = int(os.environ.get("RECORDINGS") or 0)
"""Number of recordings of each test, if it is not that of `make test`."""
SEED = int(os.environ.get("SEED") or 1)
KILLS = 10
NUMBERS = (
    "listed", "stored", "pending", "absent", "failed", "gone", "unexplained", "unlisted", "callbacks",
    "seconds_listed", "seconds_measured",
)  # fmt: skip
pytestmark = pytest.mark.loopback


class KilledError(BaseException):
    """The process was killed."""


@pytest.fixture
def months(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Month]]:
    """Return the months of all providers, whose stand-ins are running."""
    monkeypatch.setenv("RECONCILE_PER_MINUTE", "600000")
    settings.get.cache_clear()
    drawn = books.draw(SEED, RECORDINGS or request.param, times.now())
    for month in drawn.values():
        month.fill()
    with stand_ins(drawn):
        yield drawn


@pytest.fixture
def archive(clock: Clock, months: dict[str, Month]) -> Archive:
    """Return an archive that has received the callbacks and fetched what they announced."""
    clock.stop(times.now())
    made = Archive(clock)
    for provider, month in months.items():
        for one in month.drawn:
            if one.has_callback:
                event = announcements.event(provider, provider, one.kept)
                with clock.at(one.kept.time + timedelta(minutes=1)):
                    answer = ingest_callback.handler(event, events.context())
                assert answer["statusCode"] < 300, answer
    made.settle()
    for month in months.values():
        month.delete()
    return made


@pytest.mark.parametrize("months", [500], indirect=True)
def test_reports_equal_the_books(archive: Archive, months: dict[str, Month]) -> None:
    archive.reconcile()
    archive.settle()
    archive.reconcile()
    first = _reports(months)
    assert _differences(first, months) == {}
    assert {month.provider: _failed_by(first[month.provider]) for month in months.values()} == {
        month.provider: _expected_failures(month) for month in months.values()
    }
    archive.reconcile()
    archive.settle()
    assert _reports(months) == first


@pytest.mark.parametrize("months", [120], indirect=True)
def test_reports_equal_the_books_after_ten_kills(
    archive: Archive, months: dict[str, Month], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(SEED)  # noqa: S311 - it draws the kills
    for _ in range(KILLS):
        with (
            _killed(monkeypatch, random.randrange(2, sum(len(month.drawn) for month in months.values()) // 2)),
            pytest.raises(KilledError),
        ):
            archive.reconcile()
        archive.clock.forward(minutes=2)  # the lease of the killed run ends
    archive.reconcile()
    archive.settle()
    archive.reconcile()
    assert _differences(_reports(months), months) == {}


@contextmanager
def _killed(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Kill the process at the nth call of AWS."""
    base: Any = BaseClient
    call, calls = base._make_api_call, 0

    def counted(client: Any, operation: str, arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise KilledError
        return call(client, operation, arguments)

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", counted)
        yield


def _reports(months: dict[str, Month]) -> dict[str, list[Day]]:
    """Return the reports of each account, without the time at which they were made."""
    today = times.now().date()
    found = {name: reports.read(name, today - timedelta(days=60), today) for name in months}
    moment = times.now().replace(year=2000)
    return {name: [one.model_copy(update={"checked_at": moment}) for one in days] for name, days in found.items()}


def _differences(found: dict[str, list[Day]], months: dict[str, Month]) -> dict[str, tuple[int, int]]:
    """Return each number of a report and of the book that are not the same, by account and day."""
    assert [one for days in found.values() for one in days if one.unknown] == []
    reported = {
        f"{name} {one.date} {what}": getattr(one, what) for name in found for one in found[name] for what in NUMBERS
    }
    kept = {
        f"{name} {day} {what}": number
        for name, month in months.items()
        for day, numbers in month.expected().items()
        for what, number in numbers.items()
    }
    pairs = {one: (reported.get(one, 0), kept.get(one, 0)) for one in reported.keys() | kept.keys()}
    return {one: pair for one, pair in sorted(pairs.items()) if pair[0] != pair[1]}


def _failed_by(days: list[Day]) -> Counter[str]:
    """Return the failures of a month by reason."""
    return sum((Counter(one.failed_by) for one in days), Counter())


def _expected_failures(month: Month) -> Counter[str]:
    """Return the failures that a month has by its book."""
    failed = sum(one.fate is books.Fate.FAILS for one in month.drawn)
    return Counter(not_audio=failed) if failed else Counter()
