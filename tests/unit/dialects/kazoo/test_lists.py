"""Lists come in pages, in a window of time, as from Crossbar."""

import json
from datetime import timedelta

import pytest

from callvault.dialects.kazoo import filters
from callvault.readers import pages
from tests.crossbar import START, TIME, WINDOW, ask, ids, put, refusal
from tests.worlds import content


def test_the_newest_comes_first_by_default() -> None:
    for number in range(3):
        put(f"r{number}", start_time=TIME + timedelta(seconds=number))
    for query in ({}, {"ascending": "false"}, {"descending": "true"}, {"descending": "x"}, {"ascending": "x"}):
        assert ids(query) == ["r2", "r1", "r0"]
    for query in ({"ascending": "true"}, {"descending": "false"}, {"ascending": "true", "descending": "true"}):
        assert ids(query) == ["r0", "r1", "r2"]


@pytest.mark.parametrize("size", ["abc", "0", "-1", "", "1.5", "9" * 5000, "٣"])
def test_an_invalid_page_size_is_a_bad_request(size: str) -> None:
    assert refusal(ask(query={"page_size": size})) == (404, "faulty_request", {"message": "invalid page size"})


def test_a_page_has_fifty_recordings_by_default() -> None:
    for number in range(52):
        put(f"r{number}")
    assert content(ask())["page_size"] == 50
    assert content(ask(query=WINDOW | {"page_size": 10**9}))["page_size"] == 52
    whole = content(ask(query=WINDOW | {"paginate": "false", "page_size": "x"}))
    assert len(whole["data"]) == 52
    assert not whole.keys() & {"page_size", "start_key", "next_start_key"}


def test_a_page_ends_before_it_exceeds_the_response_limit_of_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 7_000)
    for number in range(4):
        put(f"r{number}", user_metadata={"note": '"' * 600})
    first = ask(query=WINDOW | {"ascending": "true"})
    assert len(json.dumps(first.body)) < 7_500
    assert [item["id"] for item in content(first)["data"]] == ["r0", "r1"]
    assert content(first)["page_size"] == 2
    assert ids({"ascending": "true", "start_key": content(first)["next_start_key"]}) == ["r2", "r3"]
    assert refusal(ask(query=WINDOW | {"paginate": "false"})) == (416, "range not satisfiable", {})


@pytest.mark.parametrize("key", ["x", "g2wAAAACbgUAgNvy3g5oAWpq", "e30", "é"])
def test_a_start_key_that_the_archive_did_not_issue_is_invalid(key: str) -> None:
    status, message, data = refusal(ask(query=WINDOW | {"start_key": key}))
    assert (status, message) == (400, "validation error")
    assert data["start_key"]["invalid"]["message"]


def test_a_start_key_is_valid_only_for_the_same_list() -> None:
    put("r1", owner_id="u1")
    put("r2", owner_id="u1")
    query = WINDOW | {"page_size": 1, "filter_direction": ""}
    key = {"start_key": content(ask(query=query))["next_start_key"]}
    for same in (
        {"page_size": 9},
        {"pretty_print": "true"},
        {"_": "1717171717"},
        {"accept": "csv"},
        {"file_name": "x"},
    ):
        assert ask(query=query | key | same).status == 200
    for other in ({"filter_call_id": "c"}, {"created_from": START}, {"ascending": "true"}, {"has_key": "x"}):
        assert ask(query=query | key | other).status == 400
    assert ask("/v2/accounts/a1/users/u1/recordings", query | key).status == 400
    assert ask("/v2/accounts/a2/recordings", query | key, reader="other").status == 400


def test_an_empty_start_key_is_the_first_page() -> None:
    put()
    assert ids({"start_key": ""}) == ["r1"]


# ---- times


def test_the_window_counts_whole_gregorian_seconds_and_includes_both_ends() -> None:
    put()
    assert ids({"created_from": START, "created_to": START}) == ["r1"]
    assert ids({"created_from": START - 9, "created_to": START - 1}) == []
    assert ids({"created_from": START + 1, "created_to": START + 9}) == []


def test_without_a_window_the_last_month_is_listed() -> None:
    put("now", start_time=None)
    put("old")
    for query in ({}, {"created_from": ""}, {"created_to": ""}):
        response = ask(query=query)
        assert [item["id"] for item in content(response)["data"]] == ["now"]


def test_without_a_beginning_the_window_is_a_month() -> None:
    put()
    month = filters.MAX_RANGE
    assert ids({"created_from": "", "created_to": START + month}) == ["r1"]
    assert ids({"created_from": "", "created_to": START + month + 1}) == []


def test_a_range_of_more_than_a_month_is_refused() -> None:
    since, until = START, START + 2_682_001
    assert ask(query={"created_from": since, "created_to": until - 1}).status == 200
    cause = {
        "message": f"created_to {until} is more than 2682000 seconds from created_from {since}",
        "cause": until,
    }
    response = ask(query={"created_from": since, "created_to": until})
    assert refusal(response) == (400, "validation error", {"created_from": {"date_range": cause}})


def test_an_inverted_range_is_refused() -> None:
    cause = {"message": f"created_to {START - 1} is prior to created_from {START}", "cause": START}
    response = ask(query={"created_from": START, "created_to": START - 1})
    assert refusal(response) == (400, "validation error", {"created_from": {"date_range": cause}})
