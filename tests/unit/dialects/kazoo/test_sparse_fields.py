"""`fields` limits the items of a list, and `bookmark` begins a page, as in KAZOO 5."""

from typing import Any

import pytest

from callvault.models import State
from tests import worlds
from tests.crossbar import LIST, WINDOW, ask, ids, put, refusal
from tests.worlds import content

DOCUMENT: dict[str, Any] = {
    "provider": "kazoo",
    "direction": "inbound",
    "caller": "+15551112222",
    "extra": {"custom_channel_vars": {"a": 1, "b": {"c": 2, "d": 3}}, "tags": ["x"]},
}


def item(fields: str, **more: str) -> dict[str, Any]:
    """Return the only item of a list with these fields."""
    (found,) = content(ask(query=WINDOW | {"fields": fields} | more))["data"]
    return dict(found)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('["direction"]', {"direction": "inbound"}),
        ('["id","direction"]', {"direction": "inbound"}),
        ('["_id"]', {}),
        ('["from","tags"]', {"from": "+15551112222", "tags": ["x"]}),
        ('"direction,from"', {"direction": "inbound", "from": "+15551112222"}),
        ('["custom_channel_vars.b.c"]', {"custom_channel_vars": {"b": {"c": 2}}}),
        ('["custom_channel_vars.a","custom_channel_vars.b.d"]', {"custom_channel_vars": {"a": 1, "b": {"d": 3}}}),
        ('["custom_channel_vars","custom_channel_vars.a"]', {"custom_channel_vars": {"a": 1, "b": {"c": 2, "d": 3}}}),
        ('["_read_only"]', {"_read_only": {"content_types": []}}),
        ('["_read_only.content_types","pvt_created"]', {"_read_only": {"content_types": []}}),
        ('["archive.state"]', {"archive": {"state": "pending"}}),
        ('["missing","direction.x","tags.1"]', {}),
        ('["direction","a..b","",".a"]', {"direction": "inbound"}),
    ],
)
def test_an_item_has_its_id_and_the_named_fields(fields: str, expected: dict[str, Any]) -> None:
    put(**DOCUMENT)
    assert item(fields) == {"id": "r1"} | expected


@pytest.mark.parametrize("fields", ["", "[]", '["pvt_created"]', '["_rev","a..b"]', '""'])
def test_without_a_public_field_an_item_is_the_whole_document(fields: str) -> None:
    put(**DOCUMENT)
    assert item(fields) == content(ask())["data"][0]


@pytest.mark.parametrize(
    "fields", ["direction", "direction,from", "[broken", "[1]", '["a",null]', '["a",{"b":true}]', "5"]
)
def test_fields_that_are_no_texts_are_refused_as_in_kazoo(fields: str) -> None:
    message = {"message": "invalid fields query string"}
    assert refusal(ask(query=WINDOW | {"fields": fields})) == (404, "faulty_request", message)


def test_an_object_of_fields_is_refused() -> None:
    status, message, data = refusal(ask(query=WINDOW | {"fields": '{"direction":false}'}))
    assert (status, message, list(data)) == (400, "validation error", ["fields"])


def test_fields_do_not_change_which_recordings_are_listed() -> None:
    put("r1", direction="inbound")
    put("r2", direction="outbound")
    query = WINDOW | {"filter_direction": "inbound", "fields": '["from"]'}
    assert content(ask(query=query))["data"] == [{"id": "r1"}]


def test_a_csv_has_the_named_columns() -> None:
    put(**DOCUMENT)
    answer = ask(query=WINDOW | {"fields": '["direction"]', "accept": "csv"})
    assert answer.body == "id,direction\r\nr1,inbound\r\n"


def test_one_recording_is_whole_whatever_fields_says() -> None:
    put(**DOCUMENT)
    document = content(ask(f"{LIST}/r1", {"fields": '["direction"]'}))["data"]
    assert document["from"] == "+15551112222"


def test_full_docs_changes_nothing_and_is_known() -> None:
    put(**DOCUMENT)
    answer = ask(query=WINDOW | {"full_docs": "true"})
    assert content(answer)["data"] == content(ask())["data"]
    assert "warning" not in answer.headers


# ---- bookmark


def test_a_bookmark_is_a_start_key_by_another_name() -> None:
    for number in range(3):
        put(f"r{number}")
    query = {"ascending": "true", "page_size": "1"}
    first = content(ask(query=WINDOW | query))
    second = content(ask(query=WINDOW | query | {"bookmark": first["next_start_key"]}))
    assert [found["id"] for found in second["data"]] == ["r1"]
    assert second["start_key"] == first["next_start_key"]
    assert "ignored" not in second["archive"]
    assert ids(query | {"bookmark": second["next_start_key"], "fields": '["from"]'}) == ["r2"]


def test_a_bookmark_has_precedence_over_a_start_key() -> None:
    for number in range(3):
        put(f"r{number}")
    query = {"ascending": "true", "page_size": "1"}
    first = content(ask(query=WINDOW | query))["next_start_key"]
    second = content(ask(query=WINDOW | query | {"start_key": first}))["next_start_key"]
    answer = content(ask(query=WINDOW | query | {"start_key": first, "bookmark": second}))
    assert [found["id"] for found in answer["data"]] == ["r2"]
    assert answer["archive"]["ignored"] == ["start_key"]
    assert ids(query | {"start_key": first, "bookmark": ""}) == ["r0"]


@pytest.mark.parametrize("name", ["bookmark", "start_key"])
def test_a_bookmark_that_the_archive_did_not_issue_is_refused_by_its_name(name: str) -> None:
    status, message, data = refusal(ask(query=WINDOW | {name: "g2wAAAACbgUAgNvy3g5oAWpq"}))
    assert (status, message, list(data)) == (400, "validation error", [name])


def test_a_retry_begins_at_a_bookmark() -> None:
    for number in range(3):
        put(f"r{number}", state=State.FAILED, reason="http_403")
    query = WINDOW | {"ascending": "true"}
    second = content(ask(query=query | {"page_size": "1"}))["next_start_key"]
    retry: dict[str, Any] = {"method": "POST", "body": {"action": "retry", "data": {}}, "reader": "admin"}
    assert content(ask(query=query | {"bookmark": second}, **retry))["data"]["queued"] == 2
    assert worlds.row("r0", "a1").state is State.FAILED
    assert list(refusal(ask(query=query | {"bookmark": "x"}, **retry))[2]) == ["bookmark"]
