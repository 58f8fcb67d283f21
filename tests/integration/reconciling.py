"""Run the reconciliation of the account `acme`, and read what it wrote."""

from datetime import date, timedelta
from typing import Any

import pytest

from callvault import settings, times
from callvault.completeness import Day
from callvault.models import State
from callvault.storage import cursors, reports, table
from callvault.upkeep.reconcile.tally import OUTCOMES
from functions.reconcile_accounts import app
from tests import worlds
from tests.integration import events
from tests.listers import NOON, BookLister

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)
NUMBERS = ("listed", *OUTCOMES, "unlisted", "callbacks")


def configure(monkeypatch: pytest.MonkeyPatch, **values: int) -> None:
    """Change settings of the reconciliation, such as `days`."""
    for name, value in values.items():
        monkeypatch.setenv(f"RECONCILE_{name.upper()}", str(value))
    settings.get.cache_clear()


def reconcile(account_id: str = "acme", *, received: int = 1, seconds: float = 900, message: str = "m-1") -> Any:
    """Invoke the function with the message of an account; return the ids that it reports."""
    event = events.sqs({"account_id": account_id}, received=received, since=times.now().timestamp())
    event["Records"][0] |= {"messageId": message}
    answer = app.handler(event, events.context(seconds))
    assert "batchItemFailures" in answer
    return answer["batchItemFailures"]


def of_day(day: date = TODAY) -> Day:
    """Return the report on a day."""
    [found] = reports.read("acme", day, day)
    return found


def numbers(day: date = TODAY) -> dict[str, int]:
    """Return the numbers of a report that are not 0."""
    report = of_day(day)
    assert report.unknown is None
    return {name: getattr(report, name) for name in NUMBERS if getattr(report, name)}


def every_report() -> list[Day]:
    """Return all reports of the account, without the times at which they were made."""
    found = reports.read("acme", TODAY - timedelta(days=60), TODAY + timedelta(days=60))
    return [one.model_copy(update={"checked_at": NOON}) for one in found]


def finish(lister: type[BookLister], failing: frozenset[str] = frozenset()) -> None:
    """Do what the fetches do: store every pending recording, or let it fail."""
    for one in lister.book.kept.values():
        row = table.get("acme", one.recording_id)
        if row is None or row.state is not State.PENDING:
            continue
        if one.recording_id in failing:
            table.put(row.model_copy(update={"state": State.FAILED, "reason": "http_500"}), "failed http_500")
        else:
            media = worlds.media(duration_ms=one.seconds * 1000)
            table.put(row.model_copy(update={"state": State.VERIFIED, "media": media}), "verified")


def cursors_reached() -> bool:
    """Return whether a run has covered everything."""
    found = cursors.of("acme")
    return found is not None and found.reached is not None
