"""The reports on the days of an account are written to the bucket and read from it."""

from datetime import date

import pytest

from callvault import clients, times
from callvault.completeness import Day
from callvault.errors import UnavailableError
from callvault.storage import bucket, reports
from tests import worlds

FIRST, SECOND, THIRD = (date(2026, 11, number) for number in (24, 25, 26))


def day(of: date, **fields: object) -> Day:
    return Day.model_validate({"date": of, "checked_at": times.now(), **fields})


def test_a_report_is_read_as_it_was_written() -> None:
    written = day(FIRST, listed=3, stored=2, failed=1, failed_by={"http_500": 1}, unaccountable=("conferences",))
    reports.write("acme", written)
    assert reports.read("acme", FIRST, FIRST) == [written]
    assert worlds.objects() == ["completeness/acme/2026-11-24.json"]


def test_reports_are_read_in_order_and_missing_days_left_out() -> None:
    reports.write("acme", day(THIRD, listed=3))
    reports.write("acme", day(FIRST, listed=1))
    assert [(one.date, one.listed) for one in reports.read("acme", FIRST, THIRD)] == [(FIRST, 1), (THIRD, 3)]
    assert [one.date for one in reports.read("acme", SECOND, THIRD)] == [THIRD]
    assert reports.read("acme", SECOND, SECOND) == []


def test_no_days_are_read_backward() -> None:
    reports.write("acme", day(FIRST))
    assert reports.read("acme", SECOND, FIRST) == []


def test_a_later_report_replaces_the_earlier_one() -> None:
    reports.write("acme", day(FIRST, unknown="http_401"))
    reports.write("acme", day(FIRST, listed=0))
    assert [(one.listed, one.unknown) for one in reports.read("acme", FIRST, FIRST)] == [(0, None)]


def test_an_account_has_only_its_own_reports() -> None:
    reports.write("acme", day(FIRST, listed=1))
    assert reports.read("acme2", FIRST, FIRST) == []


def test_members_of_a_later_release_are_ignored() -> None:
    bucket.write(
        reports.key("acme", FIRST), b'{"date":"2026-11-24","checked_at":"2026-11-27T00:00:00Z","new":1}', "a/b"
    )
    assert [one.date for one in reports.read("acme", FIRST, FIRST)] == [FIRST]


def test_a_year_is_read() -> None:
    reports.write("acme", day(FIRST))
    assert [one.date for one in reports.read("acme", date(2026, 1, 1), date(2026, 12, 31))] == [FIRST]


def test_a_bucket_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.s3(), "get_object", "SlowDown")
    with pytest.raises(UnavailableError):
        reports.read("acme", FIRST, THIRD)
