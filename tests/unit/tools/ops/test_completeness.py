"""The command `completeness`, against a stack in memory."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from callvault import clients
from callvault.completeness import Day
from callvault.readers.completeness import Report
from callvault.storage import reports
from tests import worlds
from tests.unit.tools.ops import stacks
from tools.ops import cli

NOW = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)
FIRST, SECOND = date(2026, 11, 24), date(2026, 11, 25)
SPAN = "--from 2026-11-24 --to 2026-11-26"


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any], clock: worlds.Clock) -> None:
    """Create a stack with the outputs and parameters of the template, and two accounts."""
    clock.stop(NOW)
    for account_id in ("a1", "a2"):
        worlds.put_account(account_id)
    reports.write("a1", report(FIRST, listed=2, stored=1, unexplained=1, unaccountable=("conferences",)))
    reports.write("a1", report(SECOND, unknown="http_401"))
    reports.write("a2", report(FIRST, listed=0, unexplained=0))
    stacks.create(monkeypatch, template)


def report(day: date, **fields: Any) -> Day:
    return Day.model_validate({"date": day, "checked_at": NOW, **fields})


def run(capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = cli.main(["completeness", *line.split()])
    return status, *capsys.readouterr()


def days(found: list[Report]) -> list[tuple[Any, ...]]:
    return [(day["account"], day["date"], day["listed"], day["unexplained"], day["unknown"]) for day in found]


def test_an_account_with_something_unexplained_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, f"--account a1 {SPAN} --json")
    found = json.loads(out)
    assert status == 1
    assert (found["unexplained"], found["unknown_days"]) == (1, 2)
    assert days(found["days"]) == [
        ("a1", "2026-11-24", 2, 1, None),
        ("a1", "2026-11-25", None, None, "http_401"),
        ("a1", "2026-11-26", None, None, "not_reconciled"),
    ]
    assert found["days"][0].keys() == {"account", *Day.model_fields}


def test_unknown_days_are_no_failure_and_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, f"--account a2 {SPAN}")
    assert status == 0
    assert "a2: days of which nothing is known, because of not_reconciled: 2." in out
    assert "Unexplained recordings: 0. Known days: 1. Unknown days: 2." in out


def test_the_table_has_a_line_for_each_day(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, f"--account a1 {SPAN}")
    heading, first, second, third, *rest = out.splitlines()
    assert status == 1
    assert heading.split() == ["ACCOUNT", "DATE", "LISTED", "STORED", "PENDING", "ABSENT", "FAILED", "GONE",
                               "UNEXPLAINED", "UNLISTED", "UNKNOWN"]  # fmt: skip
    assert first.split() == ["a1", "2026-11-24", "2", "1", "-", "-", "-", "-", "1", "-", "-"]
    assert second.split()[-1] == "http_401"
    assert third.split()[-1] == "not_reconciled"
    assert "a1: in no list of the provider, and in no number: conferences." in rest


def test_all_accounts_are_reported_on(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--all-accounts --from 2026-11-24 --to 2026-11-24 --json")
    assert status == 1
    assert days(json.loads(out)["days"]) == [("a1", "2026-11-24", 2, 1, None), ("a2", "2026-11-24", 0, 0, None)]


def test_forty_days_are_reported_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "--account a2 --json")[1])["days"]
    assert (len(found), found[0]["date"], found[-1]["date"]) == (40, "2026-10-19", "2026-11-27")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "give one of the two"),
        ("--account a1 --all-accounts", "give one of the two"),
        ("--account a9", "There is no account a9"),
        ("--account a1 --from 2026-11-26 --to 2026-11-25", "--from 2026-11-26 is later than --to 2026-11-25."),
        ("--account a1 --from 2025-01-01", "more than 400 days"),
        ("--account a1 --from yesterday", "'yesterday' is not a day, such as 2026-11-20"),
        ("--account a1 --to 2026-02-30", "'2026-02-30' is not a day"),
        ("--account a1 --to 2026-W48-2", "is not a day"),
    ],
)
def test_a_wrong_command_line_is_explained(capsys: pytest.CaptureFixture[str], line: str, says: str) -> None:
    status, out, err = run(capsys, line)
    assert (status, out) == (2, "")
    assert says in err


def test_a_bucket_that_does_not_answer_is_a_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds.fail(monkeypatch, clients.s3(), "get_object", "SlowDown")
    status, out, err = run(capsys, f"--account a1 {SPAN} --json")
    assert (status, out) == (1, "")
    assert "SlowDown" in err
