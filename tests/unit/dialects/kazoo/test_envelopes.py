"""Answers come in Crossbar's envelope, with its headers, as JSON or JSONP."""

from datetime import datetime

import pytest

from callvault import dialects
from callvault.dialects.kazoo import envelopes
from callvault.models import State
from callvault.storage import table
from callvault.web import Request
from tests.crossbar import LIST, MEDIA, WINDOW, ask, put, refusal
from tests.worlds import content


def test_a_list_comes_in_crossbars_envelope() -> None:
    put("r1", state=State.VERIFIED, media=MEDIA)
    put("r2")
    response = ask(query=WINDOW | {"page_size": 1})
    envelope = content(response)
    assert set(envelope) == {
        "data", "archive", "page_size", "start_key", "next_start_key", "revision",
        "timestamp", "version", "node", "request_id", "status",
    }  # fmt: skip
    assert envelope["page_size"] == 1
    assert envelope["status"] == "success"
    assert envelope["version"].startswith("4.3")
    assert datetime.strptime(envelope["timestamp"], "%Y-%m-%dT%H:%M:%S%z")
    assert envelope["data"][0]["_read_only"] == {"content_types": []}
    last = content(ask(query=WINDOW | {"page_size": 1, "start_key": envelope["next_start_key"]}))
    assert "next_start_key" not in last
    assert last["start_key"] == envelope["next_start_key"]
    assert last["data"][0]["_read_only"] == {"content_types": ["audio/mpeg"]}


def test_an_empty_list_has_no_revision() -> None:
    response = ask()
    assert content(response)["data"] == []
    assert content(response)["page_size"] == 0
    assert content(response)["start_key"]
    assert "revision" not in content(response)
    assert "etag" not in response.headers


def test_a_single_document_has_no_paging_keys_and_no_read_only_part() -> None:
    put()
    response = ask(f"{LIST}/r1")
    assert set(content(response)) == {"data", "revision", "timestamp", "version", "node", "request_id", "status"}
    assert "_read_only" not in content(response)["data"]
    assert response.headers["etag"] == '"1"'


@pytest.mark.parametrize("path", [LIST, f"{LIST}/r1"])
def test_a_matching_etag_gets_a_304(path: str) -> None:
    recording = put()
    etag = ask(path).headers["etag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        response = ask(path, headers={"if-none-match": known})
        assert (response.status, response.body, response.headers["etag"]) == (304, "", etag)
    table.edit(recording, "changed", tag="x")
    assert ask(path, headers={"if-none-match": etag}).status == 200


def test_the_etag_of_a_list_changes_when_a_next_page_appears() -> None:
    put("r1")
    query = WINDOW | {"ascending": "true", "page_size": 1}
    etag = ask(query=query).headers["etag"]
    put("r2")
    assert ask(query=query, headers={"if-none-match": etag}).status == 200


def test_a_valid_request_id_of_the_caller_is_returned() -> None:
    for given_id, expected in (("mine-1", "mine-1"), ("", "JKJaXmPLvHcESHA="), ("two words", "JKJaXmPLvHcESHA=")):
        response = ask(headers={"x-request-id": given_id})
        assert response.headers["x-request-id"] == content(response)["request_id"] == expected


def test_a_request_without_a_request_id_is_answered() -> None:
    assert refusal(dialects.answer(Request(method="GET", path="/v2/x")))[0] == 404


@pytest.mark.parametrize(("query", "headers"), [({"pretty_print": "true"}, {}), ({}, {"x-pretty-print": "true"})])
def test_json_is_indented_on_request(query: dict[str, str], headers: dict[str, str]) -> None:
    assert '\n  "status": "success"' in ask(query=query, headers=headers).body


def test_jsonp_calls_the_named_function() -> None:
    response = ask(query={"jsonp": "app.on$data"})
    assert response.headers["content-type"] == "application/javascript"
    assert response.body.startswith('app.on$data({"data":[]')
    assert response.body.endswith("});")
    assert ask("/v2/nothing", {"jsonp": "f"}).body.startswith("f({")


@pytest.mark.parametrize("name", ["", "alert(1)//", "a b", "1a", "a\n", "é", "x" * 200])
def test_jsonp_accepts_only_a_function_name(name: str) -> None:
    response = ask(query={"jsonp": name})
    assert response.headers["content-type"] == "application/json"
    assert content(response)["status"] == "success"


def test_every_response_allows_any_origin_and_forbids_shared_caching() -> None:
    put("r1", state=State.VERIFIED, media=MEDIA)
    for response in (ask(), ask("/v2/nothing"), ask(f"{LIST}/r1", {"accept": "audio/mpeg"}), ask(reader=None)):
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["x-content-type-options"] == "nosniff"
    for path in (LIST, f"{LIST}/r1"):
        assert ask(path).headers["cache-control"] == "private, no-cache"
    for path in ("/v2/token_auth", "/v2/nothing"):
        assert ask(path).headers["cache-control"] == "no-store"


def test_a_preflight_needs_no_credentials() -> None:
    response = ask(f"{LIST}/r1", method="OPTIONS", reader=None)
    assert response.status == 200
    assert response.headers["access-control-allow-methods"] == "GET, POST, PATCH, DELETE, OPTIONS"
    assert "x-auth-token" in response.headers["access-control-allow-headers"]
    assert response.headers["access-control-max-age"] == "86400"


def test_a_lone_surrogate_does_not_break_a_list() -> None:
    response = envelopes.succeed(Request(method="GET", path=LIST), [{"origin": "\ud800"}], revision="1")
    assert content(response)["data"] == [{"origin": "?"}]
