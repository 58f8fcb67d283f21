"""The reports on an account's days come in Crossbar's envelope, one object for each day."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from callvault import clients
from callvault.completeness import Day
from callvault.readers import completeness
from callvault.storage import reports
from tests import worlds
from tests.crossbar import ask, refusal
from tests.worlds import content

PATH = "/v2/accounts/a1/completeness"
NOW = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)
FIRST, SECOND, THIRD = (date(2026, 11, number) for number in (24, 25, 26))
SPAN = {"from": "2026-11-24", "to": "2026-11-26"}
FULL: dict[str, Any] = {
    "listed": 9,
    "stored": 3,
    "pending": 1,
    "absent": 1,
    "failed": 2,
    "gone": 1,
    "unexplained": 1,
    "unlisted": 2,
    "failed_by": {"not_audio": 1, "http_500": 1},
    "seconds_listed": 600,
    "seconds_measured": 180,
    "callbacks": 7,
    "unaccountable": ["conferences"],
}


@pytest.fixture(autouse=True)
def today(clock: worlds.Clock) -> None:
    clock.stop(NOW)


def report(day: date, **fields: Any) -> None:
    reports.write("a1", Day.model_validate({"date": day, "checked_at": NOW, **fields}))


def days(query: dict[str, str], **options: Any) -> list[dict[str, Any]]:
    response = ask(PATH, query, **options)
    assert response.status == 200, response.body
    found: list[dict[str, Any]] = content(response)["data"]
    return found


def test_a_report_has_every_number_by_its_name() -> None:
    report(FIRST, **FULL)
    envelope = content(ask(PATH, {"from": "2026-11-24", "to": "2026-11-24"}))
    assert envelope["data"] == [
        {"date": "2026-11-24", **FULL, "unknown": None, "checked_at": "2026-11-27T10:30:00.000Z"}
    ]
    assert envelope["archive"] == {"from": "2026-11-24", "to": "2026-11-24"}
    assert envelope["status"] == "success"


def test_a_day_without_a_report_is_given_as_unknown() -> None:
    report(FIRST, listed=0)
    report(THIRD, unknown="http_401")
    found = days(SPAN)
    assert [(day["date"], day["listed"], day["unknown"]) for day in found] == [
        ("2026-11-24", 0, None),
        ("2026-11-25", None, "not_reconciled"),
        ("2026-11-26", None, "http_401"),
    ]
    assert found[1].keys() == found[0].keys()
    assert {name for name, value in found[1].items() if value is not None} == {
        "date", "unknown", "failed_by", "unaccountable",
    }  # fmt: skip


def test_without_a_span_the_last_forty_days_are_reported() -> None:
    found = days({})
    assert len(found) == 40
    assert (found[0]["date"], found[-1]["date"]) == ("2026-10-19", "2026-11-27")
    assert len(days({"from": "", "to": ""})) == 40


def test_one_end_of_the_span_is_enough() -> None:
    assert [day["date"] for day in days({"from": "2026-11-26"})] == ["2026-11-26", "2026-11-27"]
    found = days({"to": "2026-03-01"})
    assert (len(found), found[0]["date"], found[-1]["date"]) == (40, "2026-01-21", "2026-03-01")


@pytest.mark.parametrize(("until", "number"), [("0001-01-01", 1), ("0001-01-05", 5), ("9999-12-31", 40)])
def test_the_ends_of_the_calendar_are_no_error(until: str, number: int) -> None:
    assert len(days({"to": until})) == number


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "written",
    [
        "x",
        "20261124",
        "2026-W48-2",
        "2026-11",
        "2026-02-30",
        "2026-11-24T00:00:00Z",
        "1781740800",
        "\N{ARABIC-INDIC DIGIT TWO}026-11-24",
        "9" * 5000,
    ],
)
def test_what_is_no_day_is_refused_by_name(name: str, written: str) -> None:
    status, message, data = refusal(ask(PATH, {name: written}))
    assert (status, message) == (400, "validation error")
    assert data == {name: {"type": {"message": f"{name} is not a day: write YYYY-MM-DD"}}}


def test_an_end_before_the_beginning_is_refused() -> None:
    status, message, data = refusal(ask(PATH, {"from": "2026-11-26", "to": "2026-11-25"}))
    assert (status, message, list(data["from"])) == (400, "validation error", ["date_range"])


def test_four_hundred_days_are_the_most() -> None:
    first = THIRD - timedelta(days=completeness.MAX_DAYS - 1)
    assert len(days({"from": first.isoformat(), "to": THIRD.isoformat()})) == 400
    before = (first - timedelta(days=1)).isoformat()
    status, message, data = refusal(ask(PATH, {"from": before, "to": THIRD.isoformat()}))
    assert (status, message, list(data["from"])) == (400, "validation error", ["date_range"])


def test_unknown_parameters_are_named() -> None:
    response = ask(PATH, SPAN | {"form": "2026-11-20"})
    assert content(response)["archive"]["ignored"] == ["form"]
    assert response.headers["warning"] == '299 callvault "Ignored parameters: form"'
    response = ask(PATH, SPAN | {"form": "2026-11-20", "accept": "csv"})
    assert response.headers["warning"] == '299 callvault "Ignored parameters: form"'


def test_known_parameters_are_not_named() -> None:
    known = {"pretty_print": "true", "jsonp": "f", "_": "1", "accept": "application/json", "file_name": "x"}
    assert "warning" not in ask(PATH, SPAN | known).headers


@pytest.mark.parametrize(("query", "headers"), [({"accept": "csv"}, {}), ({}, {"accept": "text/csv"})])
def test_the_reports_come_as_csv_on_request(query: dict[str, str], headers: dict[str, str]) -> None:
    report(FIRST, listed=0)
    report(THIRD, **FULL)
    response = ask(PATH, SPAN | query, headers=headers)
    assert response.headers["content-type"] == "text/csv"
    assert response.headers["content-disposition"] == 'attachment; filename="completeness.csv"'
    first, second, third = csv.DictReader(io.StringIO(response.body))
    assert (first["date"], first["listed"], first["unexplained"]) == ("2026-11-24", "0", "")
    assert (second["date"], second["listed"], second["unknown"]) == ("2026-11-25", "", "not_reconciled")
    assert (third["failed_by.http_500"], third["failed_by.not_audio"], third["unexplained"]) == ("1", "1", "1")
    assert third["unaccountable"] == '["conferences"]'
    assert list(first)[:2] == ["date", "listed"]


def test_the_file_may_have_another_name() -> None:
    response = ask(PATH, SPAN | {"accept": "csv", "file_name": "november.csv"})
    assert response.headers["content-disposition"] == 'attachment; filename="november.csv"'


def test_an_unchanged_report_is_not_sent_again() -> None:
    report(FIRST, **FULL)
    etag = ask(PATH, SPAN).headers["etag"]
    assert ask(PATH, SPAN, headers={"if-none-match": etag}).status == 304
    report(SECOND, listed=1)
    assert ask(PATH, SPAN, headers={"if-none-match": etag}).status == 200


@pytest.mark.parametrize("reader", ["ops", "viewer", "admin"])
def test_every_reader_of_the_whole_account_may_read(reader: str) -> None:
    assert len(days(SPAN, reader=reader)) == 3


def test_a_reader_that_is_limited_to_one_user_is_refused() -> None:
    report(FIRST, **FULL)
    assert refusal(ask(PATH, SPAN, reader="u1")) == (403, "forbidden", {"message": "forbidden"})


def test_an_account_gets_only_its_own_reports() -> None:
    report(FIRST, **FULL)
    found = content(ask("/v2/accounts/a2/completeness", SPAN, reader="other"))["data"]
    assert {day["unknown"] for day in found} == {"not_reconciled"}
    assert ask(PATH, SPAN, reader="other").status == 403


def test_the_account_of_the_token_has_a_shorter_path() -> None:
    report(FIRST, **FULL)
    assert content(ask("/v2/account/completeness", SPAN))["data"] == days(SPAN)


def test_a_page_of_another_origin_may_read() -> None:
    response = ask(PATH, method="OPTIONS", reader=None)
    assert (response.status, response.headers["allow"]) == (200, "GET, OPTIONS")
    assert ask(PATH, SPAN).headers["access-control-allow-origin"] == "*"


def test_a_bucket_that_does_not_answer_is_a_datastore_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.s3(), "get_object", "SlowDown")
    status, message, data = refusal(ask(PATH, SPAN))
    assert (status, message, data["cause"]) == (503, "datastore_fault", "bucket_unavailable")
