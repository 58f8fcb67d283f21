"""A list comes as CSV on request, as from Crossbar."""

import csv
import io
import time

import pytest

from callvault.dialects.kazoo import documents
from callvault.readers import pages
from tests.crossbar import WINDOW, ask, put, refusal

SECONDS = 2
"""A time that a proportional search does not need, and a quadratic one exceeds by far."""


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ({"accept": "csv"}, {}),
        ({}, {"accept": "text/csv"}),
        ({}, {"accept": "text/comma-separated-values"}),
        ({}, {"accept": "text/html, application/octet-stream"}),
        ({}, {"accept": "application/json;q=0.5, text/csv"}),
    ],
)
def test_a_list_comes_as_csv_on_request(query: dict[str, str], headers: dict[str, str]) -> None:
    put("r1", caller="+15551230001", callee='He said "hi", then left')
    put("r2", user_metadata={"case": {"number": 7}, "tags": ["a", "b"]})
    response = ask(query=WINDOW | query, headers=headers)
    assert response.headers["content-type"] == "text/csv"
    assert response.headers["content-disposition"] == 'attachment; filename="recordings.csv"'
    second, first = csv.DictReader(io.StringIO(response.body))
    assert first["id"] == "r1"
    assert first["from"] == "+15551230001"
    assert first["to"] == 'He said "hi", then left'
    assert first["user_metadata.case.number"] == ""
    assert second["user_metadata.case.number"] == "7"
    assert second["user_metadata.tags"] == '["a", "b"]'
    assert second["archive.partial"] == "false"


@pytest.mark.parametrize("name", ["user_metadata.consent", "archive.reason", "archive.external_url", "id.x"])
def test_a_name_with_a_dot_that_a_sender_chose_is_no_column_of_the_archives_own(name: str) -> None:
    put(provider="kazoo", extra={name: "forged", "custom.field": "kept"})
    (row,) = csv.DictReader(io.StringIO(ask(query=WINDOW | {"accept": "csv"}).body))
    assert row.get(name, "") != "forged"
    assert row["custom.field"] == "kept"


def test_no_cell_of_a_csv_is_interpreted_as_a_formula() -> None:
    put(caller="=HYPERLINK(1)", callee="@SUM(1)", tag="-1+1", call_id="\t=1", user_metadata={"=cmd": "-5.25", "x": "+"})
    (row,) = csv.DictReader(io.StringIO(ask(query=WINDOW | {"accept": "csv"}).body))
    assert row["from"] == "'=HYPERLINK(1)"
    assert row["to"] == "'@SUM(1)"
    assert row["archive.tag"] == "'-1+1"
    assert row["call_id"] == "'\t'=1"
    assert row["user_metadata.=cmd"] == "-5.25"
    assert row["user_metadata.x"] == "'+"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\0=1", "'\0=1"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1+1", "'\uff0b1+1"),
        ("\uff20SUM(1)", "'\uff20SUM(1)"),
        ("\uff0d1+1", "'\uff0d1+1"),
        ("a;=1", "a;'=1"),
        ('a; "=1";@b', "a; \"'=1\";'@b"),
        ("a;\0\uff1d1", "a;\0'\uff1d1"),
        ("a\t=1", "a\t'=1"),
        ("a\n=1", "a\n'=1"),
        ('a\n \0"\t=1', "a\n \0\"\t'=1"),
        ("sip:u@h;tag=x", "sip:u@h;tag=x"),
        ("a =1", "a =1"),
        ("-5.25", "-5.25"),
    ],
)
def test_no_spreadsheet_takes_a_part_of_a_cell_for_a_formula(text: str, cell: str) -> None:
    put(tag=text)
    (row,) = csv.DictReader(io.StringIO(ask(query=WINDOW | {"accept": "csv"}).body, newline=""))
    assert row["archive.tag"] == cell


@pytest.mark.parametrize("run", ["\t", "\n", "; "])
def test_a_long_run_of_characters_that_end_a_cell_costs_little(run: str) -> None:
    """In the time that a run of 60,000 tabs took before, Lambda would have ended the function."""
    document = {"name": "a" + run * 30_000 + "b"}
    before = time.process_time()
    documents.write_csv([document], ["name"])
    assert time.process_time() - before < SECONDS


def test_a_csv_has_the_next_start_key_and_the_requested_file_name() -> None:
    put("r1")
    put("r2")
    query = WINDOW | {"accept": "csv", "page_size": 1}
    first = ask(query=query | {"file_name": "may.csv"})
    assert first.headers["content-disposition"] == 'attachment; filename="may.csv"'
    last = ask(query=query | {"start_key": first.headers["x-next-start-key"]}, headers={"x-file-name": "june.csv"})
    assert last.headers["content-disposition"] == 'attachment; filename="june.csv"'
    assert "x-next-start-key" not in last.headers
    assert "r1" in last.body


def test_a_csv_whose_columns_exceed_the_response_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    put("r1")
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 10)
    assert refusal(ask(query=WINDOW | {"accept": "csv"})) == (416, "range not satisfiable", {})
