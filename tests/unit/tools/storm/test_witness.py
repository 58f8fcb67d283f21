"""The reports of the archive and the ledger have to agree."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from callvault import times
from callvault.completeness import Day
from tools.local.faults import media
from tools.storm import plan, witness
from tools.storm.found import Found
from tools.storm.ledger import Entry, Ledger
from tools.storm.plan import Way
from tools.storm.variants import Variant
from tools.storm.world import ACCOUNTS

DRAWN = replace(
    next(plan.draw(0)),
    way=Way.BANDWIDTH,
    variant=Variant.PLAIN,
    fault=media.NONE,
    absent=False,
    seconds=3,
    silent=False,
)
ENDS = {
    "r-1": ("verified", None),
    "r-2": ("absent", "error"),
    "r-3": ("failed", "http_403"),
    "r-4": ("failed", "http_404"),
    "r-5": ("verified", None),
}
RIGHT: dict[str, Any] = {
    "listed": 5,
    "stored": 2,
    "absent": 1,
    "failed": 1,
    "gone": 1,
    "failed_by": {"http_403": 1},
    "seconds_listed": 12,
    "callbacks": 4,
}
ZERO = dict.fromkeys((*witness.NUMBERS, "callbacks"), 0)


def day(**numbers: Any) -> Day:
    return Day(date=date(2026, 11, 27), checked_at=times.now(), **numbers)


def disagreements(*days: Day, **others: list[Day]) -> list[str]:
    """Return what the reports of Bandwidth's account, and of other ways, have otherwise."""
    ledger = Ledger()
    for recording_id, (state, reason) in ENDS.items():
        drawn = replace(DRAWN, absent=state == "absent", silent=recording_id == "r-5")
        identity = ACCOUNTS[Way.BANDWIDTH], recording_id
        ledger.open(Entry(drawn, *identity, sha256="", size=1, state=state, reason=reason, listed=True))
    reports = {account_id: [day(**ZERO)] for account_id in ACCOUNTS.values()}
    reports[ACCOUNTS[Way.BANDWIDTH]] = list(days)
    reports[ACCOUNTS[Way.TELNYX]] = [day(unknown="no_list")]
    reports |= {ACCOUNTS[Way[name]]: found for name, found in others.items()}
    return witness.disagreements(ledger, Found({}, reports=reports))


def test_reports_that_add_up_to_the_ledger_agree() -> None:
    assert disagreements(day(**ZERO | RIGHT)) == []
    assert disagreements(day(**ZERO), day(**ZERO | RIGHT)) == []


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ({"listed": 6, "unexplained": 1}, "unexplained 1 in the reports, 0 in the ledger"),
        ({"stored": 1, "pending": 1}, "pending 1 in the reports, 0 in the ledger"),
        ({"listed": 4, "stored": 1}, "stored 1 in the reports, 2 in the ledger"),
        ({"gone": 0, "absent": 2}, "gone 0 in the reports, 1 in the ledger"),
        ({"unlisted": 1}, "unlisted 1 in the reports, 0 in the ledger"),
        ({"failed_by": {"http_401": 1}}, "failed_by http_403 0 in the reports, 1 in the ledger"),
        ({"seconds_listed": 15}, "seconds_listed 15 in the reports, 12 in the ledger"),
        ({"callbacks": 5}, "callbacks 5 in the reports, at most 4 in the ledger"),
    ],
)
def test_a_number_that_the_ledger_does_not_have_is_a_disagreement(numbers: dict[str, Any], problem: str) -> None:
    found = disagreements(day(**ZERO | RIGHT | numbers))
    assert f"{ACCOUNTS[Way.BANDWIDTH]}: {problem}" in found


def test_a_missing_report_is_a_disagreement() -> None:
    assert disagreements() == [f"{ACCOUNTS[Way.BANDWIDTH]}: there is no report"]


def test_an_unknown_day_is_a_disagreement() -> None:
    unknown = replace_date(day(unknown="http_503"))
    found = disagreements(day(**ZERO | RIGHT), unknown)
    assert found == [f"{ACCOUNTS[Way.BANDWIDTH]}: 2026-11-26 is unknown, http_503"]


def replace_date(known: Day) -> Day:
    return known.model_copy(update={"date": date(2026, 11, 26)})


def test_an_account_without_a_list_must_not_have_numbers() -> None:
    found = disagreements(day(**ZERO | RIGHT), TELNYX=[day(**ZERO)])
    assert len(found) == 1
    assert "numbers without a list" in found[0]
