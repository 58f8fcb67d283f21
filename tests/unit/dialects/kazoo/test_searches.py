"""A search finds what it asks for, or says what it did not understand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault import dialects, times
from callvault.dialects import shared_fields
from callvault.dialects.kazoo import documents, filter_fields
from callvault.models import State
from callvault.storage import listing, queries
from callvault.storage.queries import Span
from callvault.values import Attempt
from callvault.web import Request
from tests import worlds
from tests.crossbar import LIST, MEDIA, START, TIME, WINDOW, ask, ids, put, refusal
from tests.worlds import content

DAY = "2024-01-05"
"""The day of TIME."""
OLD = {"call_id": "c1", "conference_id": "f1", "caller": "+15551112222", "callee": "+15553334444", "owner_id": "u1"}


def found(query: dict[str, Any], path: str = LIST, **options: Any) -> list[str]:
    """Return the ids of a list that has these parameters and no others."""
    response = ask(path, query, **options)
    assert response.status == 200, response.body
    return [item["id"] for item in content(response)["data"]]


# ---- times


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (START, START),
        (START - times.GREGORIAN_EPOCH, START - times.GREGORIAN_EPOCH),
        ((START - times.GREGORIAN_EPOCH) * 1000, (START - times.GREGORIAN_EPOCH) * 1000),
        (DAY, DAY),
        ("20240105", "20240105"),
        ("2024-01-05T09:58:20Z", "2024-01-05T09:58:20Z"),
        ("2024-01-05T10:58:20.000+01:00", "2024-01-05T10:58:20+01:00"),
        ("2024-01-05 09:58", "2024-01-05 09:59"),
        ("2024-01-01", "2024-01-31"),
        (DAY, START),
    ],
)
def test_a_time_may_be_written_in_every_usual_form(since: object, until: object) -> None:
    put()
    put("earlier", start_time=TIME - timedelta(days=40))
    put("later", start_time=TIME + timedelta(days=40))
    assert found({"created_from": since, "created_to": until}) == ["r1"]


@pytest.mark.parametrize("name", ["created_from", "created_to", "modified_from", "modified_to"])
@pytest.mark.parametrize(
    "written",
    [
        "x",
        "soon",
        "0",
        "1",
        "-5",
        "2024",
        "202401",
        "2024-01",
        "05/01/2024",
        "5 Jan 2024",
        "9" * 5000,
        "10000000000000000",
    ],
)
@pytest.mark.parametrize("further", [{}, {"filter_call_id": "c1"}])
def test_a_time_that_cannot_be_read_is_refused_by_name(name: str, written: str, further: dict[str, str]) -> None:
    status, message, data = refusal(ask(query={name: written, **further}))
    assert (status, message, list(data)) == (400, "validation error", [name])


def test_the_answer_says_which_span_was_searched() -> None:
    span = content(ask(query={"created_from": DAY, "created_to": DAY}))["archive"]
    assert span == {"created_from": "2024-01-05T00:00:00.000Z", "created_to": "2024-01-05T23:59:59.999Z"}


# ---- indexed fields


@pytest.mark.parametrize(
    "query",
    [
        {"filter_call_id": "c1"},
        {"filter_conference_id": "f1"},
        {"filter_from": "+15551112222"},
        {"filter_to": "+15553334444"},
        {"filter_owner_id": "u1"},
        {"filter_call_id": "c1", "filter_archive.state": "verified"},
        {"filter_call_id": "c1", "created_from": "2023-06-01"},
        {"filter_call_id": "c1", "created_to": "2026-11-21"},
    ],
)
def test_a_list_by_an_indexed_field_finds_recordings_of_any_age(
    query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=3653))
    put(**OLD, state=State.VERIFIED, media=MEDIA)
    put("other")
    assert found(query) == ["r1"]


def test_a_users_list_finds_recordings_of_any_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=3653))
    put(**OLD)
    put("other")
    assert found({}, "/v2/accounts/a1/users/u1/recordings") == ["r1"]


def test_pages_of_a_list_by_an_indexed_field_follow_each_other() -> None:
    for number in range(3):
        put(f"r{number}", **OLD, start_time=TIME - timedelta(days=100 * number))
    first = content(ask(query={"filter_call_id": "c1", "page_size": 2}))
    assert [item["id"] for item in first["data"]] == ["r0", "r1"]
    assert found({"filter_call_id": "c1", "page_size": 2, "start_key": first["next_start_key"]}) == ["r2"]


@pytest.mark.parametrize("value", ["c1", '"c1"', '["c1"]'])
def test_a_value_of_an_indexed_filter_may_be_json(value: str) -> None:
    put(call_id="c1")
    put("other", call_id="c2")
    assert found({"filter_call_id": value} | WINDOW) == ["r1"]


@pytest.mark.parametrize("query", [{}, {"filter_direction": "inbound"}, {"filter_call_id": '["c1"]'}])
def test_a_list_without_an_index_reads_a_month_at_most(query: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    pages = queries.pages

    def noted(span: Span, **more: Any) -> Any:
        read.append(span.index)
        return pages(span, **more)

    monkeypatch.setattr(queries, "pages", noted)
    put(**OLD)
    assert found(query) == []
    assert read in (["by_month"] * 2, ["by_month"] * 3)
    assert ask(query=query | {"created_from": "2023-06-01"}).status == 400


# ---- parameters that the list does not know


def test_a_parameter_that_a_list_does_not_know_is_named(caplog: pytest.LogCaptureFixture) -> None:
    put()
    response = ask(query=WINDOW | {"from": "+15551112222", "limit": "5"})
    assert content(response)["archive"]["ignored"] == ["from", "limit"]
    assert response.headers["warning"] == '299 callvault "Ignored parameters: from, limit"'
    (line,) = [record for record in caplog.records if record.message == "Parameters were ignored"]
    assert getattr(line, "ignored", None) == ["from", "limit"]
    assert "15551112222" not in str(vars(line))


def test_a_csv_names_ignored_parameters_too() -> None:
    response = ask(query=WINDOW | {"from": "x", "accept": "text/csv"})
    assert response.headers["warning"] == '299 callvault "Ignored parameters: from"'


@pytest.mark.parametrize(
    "name", ["+15551112222", "15551112222", 'x"\r\nset-cookie: a=b', "alice@example.com", "é", "x" * 65]
)
def test_a_name_that_may_be_a_value_is_not_repeated(name: str, caplog: pytest.LogCaptureFixture) -> None:
    response = ask(query=WINDOW | {name: "", "from": ""})
    assert content(response)["archive"]["ignored"] == ["?", "from"]
    assert response.headers["warning"] == '299 callvault "Ignored parameters: ?, from"'
    assert [getattr(record, "ignored", None) for record in caplog.records] == [["?", "from"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"filter_form": "+15551112222"}, []),
        ({"filter_callid": "c1"}, []),
        ({"filter_state": "failed"}, []),
        ({"filter_any_form": '["+15551112222"]'}, []),
        ({"filter_none_form": '["+15551112222"]'}, ["r1"]),
        ({"filter_array_intersect_all_form": '["a"]'}, []),
        ({"filter_array_intersect_any_form": '["a"]'}, []),
        ({"filter_array_intersect_none_form": '["a"]'}, ["r1"]),
        ({"filter_archive.stat": "failed"}, []),
        ({"filter_call_id.x": "c1"}, []),
        ({"filter_not_archive.reson": "gone"}, ["r1"]),
        ({"has_key": "callid"}, []),
        ({"key_missing": "callid"}, ["r1"]),
    ],
)
def test_a_filter_on_a_field_that_no_recording_has_is_named(query: dict[str, str], found: list[str]) -> None:
    put(**OLD, start_time=TIME)
    response = ask(query=WINDOW | query)
    assert [item["id"] for item in content(response)["data"]] == found
    assert content(response)["archive"]["ignored"] == list(query)
    assert response.headers["warning"] == f'299 callvault "Ignored parameters: {", ".join(query)}"'


def test_a_filter_on_a_field_that_only_some_recordings_have_is_known() -> None:
    put("r1", provider="kazoo", extra={"my": {"field": "a"}})
    put("r2")
    response = ask(query=WINDOW | {"filter_my.field": "a"})
    assert [item["id"] for item in content(response)["data"]] == ["r1"]
    assert "warning" not in response.headers


def test_every_field_of_a_document_is_known_to_the_filters() -> None:
    attempt = Attempt(count=1, reason="http_500", next_time=TIME)
    shown: dict[str, Any] = {
        "created_time": TIME,
        "updated_time": TIME,
        "call_id": "c1",
        "conference_id": "f1",
        "direction": "inbound",
        "duration_ms": 5,
        "owner_id": "u1",
    }
    shown |= {"caller": "+1555", "callee": "+1556", "tag": "t", "parent_call_id": "c0", "reason": "x", "name": "n"}
    shown |= {"transcription": {"a": 1}, "discrepancies": ("x",), "source_expires_time": TIME, "attempt": attempt}
    shown |= {"user_metadata": {"x": 1}, "state": State.PENDING, "media": MEDIA, "extra": {"label": "l", "origin": "o"}}
    document = documents.render(worlds.recording(provider="kazoo", start_time=TIME, **shown))
    paths = set(document) | {f"archive.{name}" for name in document["archive"]}
    assert [path for path in paths if not filter_fields.is_known(path)] == []
    assert set(document["archive"]) == shared_fields.ARCHIVE_FIELDS


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("filter_call_id=c1&filter_call_id=c2", ["filter_call_id"]),
        ("filter_call_id=c1&filter_call_id=c1", None),
        ("created_from=2024-01-01&created_from=2024-01-02&filter_call_id=c1", ["created_from"]),
    ],
)
def test_a_parameter_with_several_values_is_named(query: str, named: list[str] | None) -> None:
    request = Request(method="GET", path=LIST, raw_query=query, headers={"x-auth-token": "a1.ops"})
    assert content(dialects.answer(request))["archive"].get("ignored") == named


@pytest.mark.parametrize("name", ["filter_from", "filter_not_to", "filter_any_from", "filter_none_to"])
def test_a_plus_that_was_not_escaped_is_understood_in_a_list_of_numbers(name: str) -> None:
    put("r1", caller="+15551112222", callee="+15550000000")
    put("r2", caller="+15553334444", callee="+15551112222")
    assert ids(WINDOW | {name: '[" 15551112222", "7"]'}) == ["r1"]


def test_a_list_whose_parameters_are_known_has_no_warning() -> None:
    known = {"_": "1", "accept": "json", "ascending": "true", "page_size": 5, "pretty_print": "true", "has_key": "id"}
    response = ask(query=WINDOW | known | {"filter_user_metadata.x": "", "auth_token": "a1.ops"}, reader=None)
    assert response.status == 200
    assert "ignored" not in content(response)["archive"]
    assert "warning" not in response.headers


@pytest.mark.parametrize("name", ["from", "filter_form", "filter_not_archive.reson"])
def test_a_retry_refuses_a_parameter_that_it_does_not_know(name: str) -> None:
    put(state=State.FAILED, reason="http_403")
    body = {"action": "retry", "data": {}}
    response = ask(query=WINDOW | {name: "+15551112222"}, method="POST", body=body, reader="admin")
    assert refusal(response)[0] == 400
    assert list(refusal(response)[2]) == [name]
    assert worlds.row("r1", "a1").state is State.FAILED


# ---- removed recordings


@pytest.mark.parametrize("state", [State.DELETED, State.EXPIRED])
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("filter_archive.state", "{}"),
        ("filter_archive.state", '["{}"]'),
        ("filter_archive.state", '["failed", "{}"]'),
        ("filter_any_archive.state", '["failed", "{}"]'),
    ],
)
def test_an_admin_lists_removed_recordings(state: State, name: str, form: str) -> None:
    put("gone", state=state)
    put("there", state=State.VERIFIED, media=MEDIA)
    query = WINDOW | {name: form.format(state)}
    (item,) = content(ask(query=query, reader="admin"))["data"]
    assert (item["id"], item["archive"]["state"]) == ("gone", state)
    assert item["_read_only"] == {"content_types": [], "deleted": True}


def test_a_removed_recording_is_in_no_other_list() -> None:
    put("gone", state=State.DELETED, owner_id="u2")
    query = {"filter_archive.state": "deleted"}
    assert ids(query, reader="ops") == []
    assert ids(query, reader="u1") == []  # an admin who sees the recordings of u1 only
    for others in ({}, {"filter_not_archive.state": "verified"}, {"filter_archive.state": "failed"}):
        assert ids(others, reader="admin") == []


def test_an_admin_learns_whether_a_recording_was_removed_or_never_announced() -> None:
    put("gone", state=State.DELETED, owner_id="u2")
    status, message, data = refusal(ask(f"{LIST}/gone", reader="admin"))
    assert (status, message, data["archive"]) == (404, "bad_identifier", {"state": "deleted"})
    assert "archive" not in refusal(ask(f"{LIST}/202401-none", reader="admin"))[2]
    for reader in ("ops", "u1"):
        assert refusal(ask(f"{LIST}/gone", reader=reader)) == (404, "bad identifier", ["gone"])


# ---- the provider's clock

EXPIRY = datetime(2024, 2, 4, 10, 0, 0, 500_000, UTC)
"""A time at which a provider deletes a recording."""


@pytest.mark.parametrize(
    ("before", "matches"),
    [
        ("2024-02-05", True),
        ("2024-02-04", False),
        ("2024-02-04T10:00:01Z", True),
        ("2024-02-04T10:00:00Z", False),
        ("2024-02-04T12:00:01+02:00", True),
        (documents.gregorian(EXPIRY) + 1, True),
        (documents.gregorian(EXPIRY), False),
        (documents.gregorian(EXPIRY) - times.GREGORIAN_EPOCH + 1, True),
        ((documents.gregorian(EXPIRY) - times.GREGORIAN_EPOCH) * 1000, False),
    ],
)
def test_recordings_that_expire_before_a_time_are_found(before: object, matches: bool) -> None:  # noqa: FBT001
    put(source_expires_time=EXPIRY)
    put("r2")
    answer = content(ask(query=WINDOW | {"filter_archive.expires_before": before}))
    assert [item["id"] for item in answer["data"]] == ["r1"] * matches
    assert "ignored" not in answer["archive"]


def test_what_is_lost_soon_is_found_by_its_state_and_its_expiry() -> None:
    put("stored", state=State.VERIFIED, media=MEDIA, source_expires_time=EXPIRY)
    put("failed", state=State.FAILED, source_expires_time=EXPIRY)
    put("later", state=State.FAILED, source_expires_time=EXPIRY + timedelta(days=9))
    query = {"filter_archive.expires_before": "2024-02-05", "filter_any_archive.state": '["pending","failed"]'}
    assert ids(query) == ["failed"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("value", ["soon", "72h", "2024", "2024-W05"])
def test_an_expiry_that_cannot_be_read_is_refused_by_name(method: str, value: str) -> None:
    query = WINDOW | {"filter_archive.expires_before": value}
    status, message, data = refusal(ask(query=query, method=method, body={"action": "retry"}, reader="admin"))
    assert (status, message, list(data)) == (400, "validation error", ["filter_archive.expires_before"])


def test_a_blank_expiry_and_other_kinds_of_this_filter_are_named() -> None:
    for name in ("filter_archive.expires_before", "filter_not_archive.expires_before", "filter_archive.expires_after"):
        assert content(ask(query=WINDOW | {name: ""}))["archive"]["ignored"] == [name]


def test_failed_recordings_that_expire_soon_are_retried() -> None:
    put(state=State.FAILED, reason="http_500", source_expires_time=EXPIRY)
    put("later", state=State.FAILED, reason="http_500", source_expires_time=EXPIRY + timedelta(days=9))
    query = WINDOW | {"filter_archive.expires_before": "2024-02-05"}
    answer = ask(query=query, method="POST", body={"action": "retry"}, reader="admin")
    assert content(answer)["data"] == {"queued": 1, "pending": 0, "left": 0}


def test_a_page_of_a_list_by_expiry_is_bound_to_the_expiry() -> None:
    for number in range(2):
        put(f"r{number}", source_expires_time=EXPIRY)
    query = WINDOW | {"filter_archive.expires_before": "2024-02-05", "page_size": 1}
    key = {"start_key": content(ask(query=query))["next_start_key"]}
    assert ask(query=query | key).status == 200
    assert ask(query=query | key | {"filter_archive.expires_before": "2024-02-06"}).status == 400
