"""Clients of Crossbar go on working against the archive."""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callvault import clients, dialects, times
from callvault.dialects import shared_fields
from callvault.dialects.kazoo import documents, envelopes, filters, requests, routes
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Media, Recording, State
from callvault.readers import access, pages
from callvault.storage import table
from callvault.web import Request, Response

TIME = datetime(2024, 1, 5, 9, 58, 20, 375_000, UTC)
START = 63_871_667_900
"""TIME in Gregorian seconds."""
LIST = "/v2/accounts/a1/recordings"
WINDOW = {"created_from": str(START - 3600), "created_to": str(START + 3600)}
SECRETS = {"ops": "a1.ops", "viewer": "a1.viewer", "u1": "a1.u1", "other": "a2.other"}
MEDIA = Media(
    key="media/a1/2024/01/05/r1.mp3",
    version_id="v1",
    size=244_960,
    sha256="ab" * 32,
    content_type="audio/mpeg",
    codec="mp3",
    channels=2,
    sample_rate=8000,
    duration_ms=61_200,
)
KAZOO: dict[str, Any] = {
    "recording_id": "202401-9d6e7a3f0c1b4e58a2f7c6d5e4b3a291",
    "provider": "kazoo",
    "state": State.VERIFIED,
    "name": "f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
    "format": "mp3",
    "media": MEDIA,
    "caller": "1000@acct.example.com",
    "callee": "+15551234567@acct.example.com",
    "direction": "inbound",
    "duration_ms": 61_240,
    "call_id": "0f3c2b1a-9d8e@10.0.0.5",
    "owner_id": "72855158432d790dfb22d03ff64c033e",
    "extra": {
        "description": "recording f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
        "source_type": "kzc_recording",
        "request": "+15551234567@acct.example.com",
        "caller_id_name": "Alice",
        "caller_id_number": "1000",
        "callee_id_name": "Bob",
        "callee_id_number": "+15551234567",
        "cdr_id": "202401-0f3c2b1a-9d8e@10.0.0.5",
        "interaction_id": "63871672799-1a2b3c4d",
        "origin": "callflow : main",
        "url": "https://user:p4ss@archive.example.com/uploads/kazoo/a1/t0ken",
        "custom_channel_vars": {"account_id": "a1", "authorizing_type": "device"},
        "owner_id": "spoofed",
        "pvt_created": 1,
        "_rev": "1-abc",
    },
}


@pytest.fixture(autouse=True)
def accounts() -> None:
    ssm = clients.ssm()
    readers: dict[str, list[dict[str, Any]]] = {"a1": [], "a2": []}
    for name, token in SECRETS.items():
        account_id, _, secret = token.partition(".")
        reader = {"name": name, "sha256": hashlib.sha256(secret.encode()).hexdigest(), "can_delete": name != "viewer"}
        readers[account_id].append(reader | ({"user_id": "u1"} if name == "u1" else {}))
    for account_id, known in readers.items():
        value = json.dumps({"provider": "bandwidth", "readers": known})
        ssm.put_parameter(Name=f"/callvault/accounts/{account_id}", Value=value, Type="SecureString")


def put(recording_id: str = "r1", **fields: Any) -> Recording:
    values: dict[str, Any] = {"account_id": "a1", "provider": "bandwidth", "state": State.PENDING, "start_time": TIME}
    return table.put(Recording(**values | {"recording_id": recording_id} | fields), "seen")


def ask(
    path: str = LIST,
    query: Mapping[str, Any] | None = None,
    *,
    method: str = "GET",
    body: object = None,
    headers: Mapping[str, str] | None = None,
    reader: str | None = "ops",
) -> Response:
    token = {"x-auth-token": SECRETS[reader]} if reader else {}
    return dialects.answer(
        Request(
            method=method,
            path=path,
            raw_query=urlencode(WINDOW if query is None else query),
            headers=token | dict(headers or {}),
            body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            request_id="JKJaXmPLvHcESHA=",
        )
    )


def content(response: Response) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(response.body)
    return value


def ids(query: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    """Return the ids of a list that is asked for without caring about its window."""
    response = ask(query=WINDOW | dict(query or {}), **options)
    assert response.status == 200, response.body
    return [item["id"] for item in content(response)["data"]]


def refusal(response: Response) -> tuple[int, str, Any]:
    """Return what is particular in a refusal, having checked the rest."""
    envelope = content(response)
    assert envelope["status"] == "error"
    assert envelope["error"] == str(response.status)
    assert envelope["request_id"] == response.headers["x-request-id"]
    return response.status, envelope["message"], envelope["data"]


# ---- documents


def test_a_recording_from_kazoo_has_kazoos_document() -> None:
    put(**KAZOO)
    document = content(ask(f"{LIST}/{KAZOO['recording_id']}"))["data"]
    archived = document.pop("archive")
    assert document == {
        "id": "202401-9d6e7a3f0c1b4e58a2f7c6d5e4b3a291",
        "name": "f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
        "description": "recording f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
        "content_type": "audio/mpeg",
        "media_type": "mp3",
        "media_source": "recorded",
        "source_type": "kzc_recording",
        "from": "1000@acct.example.com",
        "to": "+15551234567@acct.example.com",
        "request": "+15551234567@acct.example.com",
        "direction": "inbound",
        "start": START,
        "duration": 61,
        "duration_ms": 61_240,
        "caller_id_name": "Alice",
        "caller_id_number": "1000",
        "callee_id_name": "Bob",
        "callee_id_number": "+15551234567",
        "call_id": "0f3c2b1a-9d8e@10.0.0.5",
        "cdr_id": "202401-0f3c2b1a-9d8e@10.0.0.5",
        "interaction_id": "63871672799-1a2b3c4d",
        "owner_id": "72855158432d790dfb22d03ff64c033e",
        "origin": "callflow : main",
        "custom_channel_vars": {"account_id": "a1", "authorizing_type": "device"},
    }
    assert {name: archived[name] for name in ("provider", "state", "partial", "size", "sha256", "duration_ms")} == {
        "provider": "kazoo",
        "state": "verified",
        "partial": False,
        "size": 244_960,
        "sha256": "ab" * 32,
        "duration_ms": 61_200,
    }
    assert archived["history"][0]["what"] == "seen"


def test_a_recording_of_another_provider_says_only_what_is_known() -> None:
    put(
        "r1",
        caller="+15551230001",
        callee="sip:bob@example.com",
        extra={"applicationId": "x", "interaction_id": "not KAZOO's", "mediaUrl": "https://voice.bandwidth.com/x"},
        start_time=None,
    )
    document = content(ask(f"{LIST}/r1"))["data"]
    archived = document.pop("archive")
    assert document == {
        "id": "r1",
        "media_source": "recorded",
        "source_type": "bandwidth",
        "from": "+15551230001",
        "to": "sip:bob@example.com",
        "caller_id_number": "+15551230001",
    }
    assert set(archived) == {"provider", "state", "partial", "created_time", "updated_time", "history"}


def test_the_archives_own_facts_stand_apart() -> None:
    put(
        "r1",
        state=State.FAILED,
        reason="not_audio",
        format="wav",
        parent_call_id="c0",
        conference_id="f1",
        tag="sales",
        user_metadata={"case": 7},
        transcription={"id": "t1"},
        discrepancies=("size",),
        source_expires_time=TIME + timedelta(days=30),
        media=MEDIA.model_copy(update={"partial": True, "content_type": "audio/x-wav"}),
    )
    document = content(ask(f"{LIST}/r1"))["data"]
    assert document["name"] == "r1.wav"
    assert document["description"] == "recording r1.wav"
    assert document["conference_id"] == "f1"
    assert document["user_metadata"] == {"case": 7}
    assert (document["duration"], document["duration_ms"]) == (61, 61_200)
    assert document["archive"] == document["archive"] | {
        "reason": "not_audio",
        "partial": True,
        "parent_call_id": "c0",
        "tag": "sales",
        "transcription": {"id": "t1"},
        "discrepancies": ["size"],
        "source_expires_time": "2024-02-04T09:58:20.375Z",
        "codec": "mp3",
    }


@pytest.mark.parametrize(("seconds", "year"), [(0, 1), (10**15, 9999), (START, 2024), (times.GREGORIAN_EPOCH, 1970)])
def test_gregorian_seconds_count_from_the_year_0(seconds: int, year: int) -> None:
    assert documents.from_gregorian(seconds).year == year


# ---- envelopes


def test_a_list_comes_in_crossbars_envelope() -> None:
    put("r1", state=State.VERIFIED, media=MEDIA)
    put("r2")
    response = ask(query=WINDOW | {"page_size": 1})
    envelope = content(response)
    assert set(envelope) == {
        "data", "page_size", "start_key", "next_start_key", "revision",
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
def test_who_has_it_already_gets_a_304(path: str) -> None:
    recording = put()
    etag = ask(path).headers["etag"]
    for known in (etag, f'"x", W/{etag}', "*"):
        response = ask(path, headers={"if-none-match": known})
        assert (response.status, response.body, response.headers["etag"]) == (304, "", etag)
    table.edit(recording, "changed", tag="x")
    assert ask(path, headers={"if-none-match": etag}).status == 200


def test_a_list_is_another_once_more_follows() -> None:
    put("r1")
    query = WINDOW | {"ascending": "true", "page_size": 1}
    etag = ask(query=query).headers["etag"]
    put("r2")
    assert ask(query=query, headers={"if-none-match": etag}).status == 200


def test_the_request_id_is_the_callers_own_if_it_is_one() -> None:
    for given_id, expected in (("mine-1", "mine-1"), ("", "JKJaXmPLvHcESHA="), ("two words", "JKJaXmPLvHcESHA=")):
        response = ask(headers={"x-request-id": given_id})
        assert response.headers["x-request-id"] == content(response)["request_id"] == expected


def test_a_request_without_any_id_is_answered() -> None:
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
def test_jsonp_calls_nothing_but_a_function(name: str) -> None:
    response = ask(query={"jsonp": name})
    assert response.headers["content-type"] == "application/json"
    assert content(response)["status"] == "success"


def test_every_answer_may_be_read_by_any_site_and_kept_by_none() -> None:
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


def test_text_that_no_utf_8_can_hold_does_not_break_a_list() -> None:
    response = envelopes.succeed(Request(method="GET", path=LIST), [{"origin": "\ud800"}], revision="1")
    assert content(response)["data"] == [{"origin": "?"}]


# ---- who asks


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({"x-auth-token": "a1.ops"}, {}, None),
        ({"authorization": "Basic " + base64.b64encode(b"a1:ops").decode()}, {}, None),
        ({"authorization": "Bearer a1.ops"}, {}, None),
        ({}, {"auth_token": "a1.ops"}, None),
        ({}, {}, {"auth_token": "a1.ops"}),
        ({"authorization": "Bearer a1.wrong"}, {}, {"auth_token": "a1.ops"}),
        ({"x-auth-token": "a1.ops"}, {}, {"auth_token": "a1.wrong"}),
        ({}, {"auth_token": "a1.ops"}, {"auth_token": "a1.wrong"}),
        ({"x-auth-token": "a1.ops"}, {}, {"auth_token": 7}),
    ],
)
def test_tokens_are_taken_from_wherever_crossbar_does(
    headers: dict[str, str], query: dict[str, str], body: object
) -> None:
    assert ask(query=query, headers=headers, body=body, reader=None).status == 200


@pytest.mark.parametrize("body", [None, b"{", b"[]", b'{"auth_token": "\\ud800.x"}', b"[" * 100_000])
def test_without_a_token_the_credentials_are_invalid(body: object) -> None:
    expected = (401, "invalid_credentials", {"message": "invalid credentials"})
    assert refusal(ask(reader=None, body=body)) == expected
    assert refusal(ask(reader=None, headers={"x-auth-token": "nodot"})) == expected


@pytest.mark.parametrize("token", ["a1.wrong", "a9.ops", "a/1.ops"])
def test_a_token_that_nobody_has_is_refused(token: str) -> None:
    assert refusal(ask(reader=None, headers={"x-auth-token": token})) == (401, "invalid credentials", {})


def test_another_accounts_recordings_are_forbidden() -> None:
    put()
    for path in (LIST, f"{LIST}/r1", f"{LIST}/unknown", f"{LIST}/r1/attachment"):
        assert refusal(ask(path, reader="other")) == (403, "forbidden", {"message": "forbidden"})


def test_an_account_id_that_can_be_nobodys_is_not_found() -> None:
    path = "/v2/accounts/a b/recordings"
    assert refusal(ask(path)) == (404, "bad identifier", {"message": "invalid account_id 'a b'"})


def test_a_limited_reader_sees_their_own_recordings_only() -> None:
    put("mine", owner_id="u1", state=State.VERIFIED, media=MEDIA)
    put("theirs", owner_id="u2", state=State.VERIFIED, media=MEDIA)
    assert ids(reader="u1") == ["mine"]
    assert ids({"filter_owner_id": "u2"}, reader="u1") == []
    assert ids(path="/v2/accounts/a1/users/u1/recordings", reader="u1") == ["mine"]
    assert ask(f"{LIST}/mine", reader="u1").status == 200
    for path in (f"{LIST}/theirs", f"{LIST}/theirs/attachment"):
        for method in ("GET", "PATCH", "DELETE"):
            assert ask(path, {"accept": "audio/mpeg"}, method=method, reader="u1").status in {404, 405}
    for path in ("", "/mine", "/theirs", "/theirs/attachment"):
        assert ask(f"/v2/accounts/a1/users/u2/recordings{path}", reader="u1").status == 403


def test_an_api_key_is_exchanged_for_a_token() -> None:
    response = ask("/v2/api_auth", method="PUT", body={"data": {"api_key": "a1.u1"}}, reader=None)
    envelope = content(response)
    assert response.status == 201
    assert envelope["data"] == {"account_id": "a1", "owner_id": "u1", "is_reseller": False, "apps": []}
    assert ask(headers={"x-auth-token": envelope["auth_token"]}, reader=None).status == 200


@pytest.mark.parametrize("key", ["a1.wrong", "a" * 64, "a9.x"])
def test_a_wrong_api_key_is_refused(key: str) -> None:
    response = ask("/v2/api_auth", method="PUT", body={"data": {"api_key": key}}, reader=None)
    assert refusal(response) == (401, "invalid_credentials", {"message": "invalid credentials"})


@pytest.mark.parametrize(
    ("body", "field"), [({"data": {}}, "api_key"), ({"data": {"api_key": 1}}, "api_key"), ({}, "json"), (b"{", "json")]
)
def test_a_login_without_an_api_key_is_invalid(body: object, field: str) -> None:
    status, message, data = refusal(ask("/v2/api_auth", method="PUT", body=body, reader=None))
    assert (status, message, list(data)) == (400, "validation error", [field])


def test_nobody_logs_in_by_name_and_password() -> None:
    body = {"data": {"credentials": "5f4dcc3b5aa765d61d8327deb882cf99", "account_name": "a1"}}
    response = ask("/v2/user_auth", method="PUT", body=body, reader=None)
    assert refusal(response) == (401, "invalid_credentials", {"message": "invalid credentials"})


def test_a_token_says_whose_it_is() -> None:
    assert content(ask("/v2/token_auth"))["data"] == {"account_id": "a1", "is_reseller": False, "apps": []}
    assert ask("/v2/token_auth", reader=None).status == 401


# ---- paths and methods


@pytest.mark.parametrize("path", ["/v2/account/recordings", f"{LIST}/", "/v2/accounts/a1/users/u1/recordings"])
def test_a_list_has_several_paths(path: str) -> None:
    put(owner_id="u1")
    assert ids(path=path) == ["r1"]


def test_a_users_list_is_theirs() -> None:
    put("r1", owner_id="u1")
    put("r2", owner_id="u2")
    assert ids(path="/v2/accounts/a1/users/u1/recordings") == ["r1"]
    assert ids(path="/v2/accounts/a1/users/unknown/recordings") == []
    assert ids({"filter_owner_id": "u2"}, path="/v2/accounts/a1/users/u1/recordings") == []


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/accounts/a1", f"{LIST}/r1/x", "/v2/accounts//recordings"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert refusal(ask(path, reader=None)) == (404, "not_found", {"message": "not found"})


def test_a_method_is_refused_before_anybody_is_asked_who_they_are() -> None:
    response = ask(method="PUT", reader=None)
    assert refusal(response) == (405, "invalid_method", {"message": "method not allowed"})
    assert response.headers["allow"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(("query", "body"), [({"verb": "delete"}, None), ({}, {"verb": "DELETE", "data": {}})])
def test_a_post_can_stand_for_another_verb(query: dict[str, str], body: object) -> None:
    put()
    assert content(ask(f"{LIST}/r1", query, method="POST", body=body))["data"]["_read_only"] == {"deleted": True}
    assert ask(f"{LIST}/r1").status == 404


@pytest.mark.parametrize(("method", "query"), [("GET", {"verb": "DELETE"}), ("POST", {})])
def test_other_methods_stand_for_themselves(method: str, query: dict[str, str]) -> None:
    put()
    assert ask(f"{LIST}/r1", query, method=method, body={"verb": 7}).status in {200, 403}
    assert ask(f"{LIST}/r1").status == 200


@pytest.mark.parametrize(
    ("recording_id", "message", "data"),
    [
        ("202401-0123", "bad_identifier", {"message": "bad identifier", "cause": "202401-0123"}),
        ("r-1", "bad identifier", ["r-1"]),
        ("202401", "bad identifier", ["202401"]),
        ("r" * 5000, "bad identifier", ["r" * 5000]),
    ],
)
def test_an_unknown_recording_is_not_found(recording_id: str, message: str, data: object) -> None:
    for query in ({}, {"accept": "audio/mpeg"}):
        assert refusal(ask(f"{LIST}/{recording_id}", query)) == (404, message, data)


# ---- pages


def test_the_newest_comes_first_unless_asked_otherwise() -> None:
    for number in range(3):
        put(f"r{number}", start_time=TIME + timedelta(seconds=number))
    for query in ({}, {"ascending": "false"}, {"descending": "true"}, {"descending": "x"}, {"ascending": "x"}):
        assert ids(query) == ["r2", "r1", "r0"]
    for query in ({"ascending": "true"}, {"descending": "false"}, {"ascending": "true", "descending": "true"}):
        assert ids(query) == ["r0", "r1", "r2"]


@pytest.mark.parametrize("size", ["abc", "0", "-1", "", "1.5", "9" * 5000, "٣"])
def test_a_bad_page_size_is_a_faulty_request(size: str) -> None:
    assert refusal(ask(query={"page_size": size})) == (404, "faulty_request", {"message": "invalid page size"})


def test_a_page_has_fifty_recordings_unless_asked_otherwise() -> None:
    for number in range(52):
        put(f"r{number}")
    assert content(ask())["page_size"] == 50
    assert content(ask(query=WINDOW | {"page_size": 10**9}))["page_size"] == 52
    whole = content(ask(query=WINDOW | {"paginate": "false", "page_size": "x"}))
    assert len(whole["data"]) == 52
    assert not whole.keys() & {"page_size", "start_key", "next_start_key"}


def test_a_page_ends_before_it_outgrows_an_answer_of_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_a_key_of_another_list_is_invalid(key: str) -> None:
    status, message, data = refusal(ask(query=WINDOW | {"start_key": key}))
    assert (status, message) == (400, "validation error")
    assert data["start_key"]["invalid"]["message"]


def test_a_key_is_bound_to_what_is_listed_and_to_nothing_else() -> None:
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


def test_an_empty_key_is_the_first_page() -> None:
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
    for query in ({}, {"created_from": "x"}, {"created_to": "0"}, {"created_from": "-5", "created_to": "9" * 5000}):
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


@pytest.mark.parametrize(("since", "until"), [(1, 2), (10**15, 10**15 + 5)])
def test_a_window_that_no_calendar_has_is_empty(since: int, until: int) -> None:
    put()
    assert ids({"created_from": since, "created_to": until}) == []


# ---- filters

FILTERED: dict[str, Any] = {
    "recording_id": "yes",
    "provider": "kazoo",
    "direction": "inbound",
    "caller": "1000@x",
    "callee": "2000@x",
    "call_id": "c1",
    "conference_id": "f1",
    "owner_id": "u1",
    "duration_ms": 61_240,
    "extra": {
        "origin": "callflow : main",
        "transcribe": True,
        "nothing": None,
        "blank": "",
        "zero": 0,
        "list": ["a"],
        "custom_channel_vars": {"account_id": "a1", "deep": {"er": "x"}},
    },
}


KEPT: list[dict[str, str]] = [
    {"filter_direction": "inbound"},
    {"filter_call_id": "c1"},
    {"filter_conference_id": "f1"},
    {"filter_owner_id": "u1"},
    {"filter_from": "1000@x"},
    {"filter_to": "2000@x"},
    {"filter_from": "1000@x", "filter_to": "2000@x", "filter_owner_id": "u1"},
    {"filter_from": '["x", "1000@x"]'},
    {"filter_duration": "61"},
    {"filter_duration": "[60, 61]"},
    {"filter_transcribe": "true"},
    {"filter_nothing": "null"},
    {"filter_list": ""},
    {"filter_missing": ""},
    {"filter_blank": ""},
    {"filter_custom_channel_vars.account_id": "a1"},
    {"filter_custom_channel_vars.deep.er": "x"},
    {"filter_archive.provider": "kazoo"},
    {"filter_not_direction": "outbound"},
    {"filter_not_missing": "x"},
    {"filter_not_from": '["x", "y"]'},
    {"filter_not_from": "[broken"},
    {"has_key": "origin"},
    {"has_key": "nothing"},
    {"has_key": "custom_channel_vars.deep"},
    {"key_missing": "missing"},
    {"key_missing": "origin.missing"},
    {"has_value": "origin"},
    {"has_value": "list"},
    {"value_missing": "blank"},
    {"value_missing": "zero"},
    {"value_missing": "nothing"},
    {"value_missing": "missing"},
    {"filter_pvt_created": str(START)},
    {"modified_from": "1"},
    {"modified_to": "99999999999"},
    {"unknown": "x"},
    {"filter_origin": "callflow : main", "has_key": "transcribe", "filter_not_to": "x"},
]


def test_a_filter_keeps_what_fits() -> None:
    put(**FILTERED)
    for query in KEPT:
        assert ids(query) == ["yes"], query


LEFT_OUT: list[dict[str, str]] = [
    {"filter_direction": "outbound"},
    {"filter_direction": ""},
    {"filter_call_id": "c2"},
    {"filter_from": "1000"},
    {"filter_from": "x" * 5000},
    {"filter_from": "[]"},
    {"filter_from": "[" * 5000},
    {"filter_owner_id": "u2", "filter_call_id": "c1"},
    {"filter_call_id": "c1", "filter_from": "x"},
    {"filter_missing": "x"},
    {"filter_custom_channel_vars": "a1"},
    {"filter_url": "x"},
    {"filter_not_direction": "inbound"},
    {"filter_not_direction": '["inbound"]'},
    {"filter_not_missing": ""},
    {"has_key": "missing"},
    {"has_key": "origin.missing"},
    {"key_missing": "origin"},
    {"has_value": "blank"},
    {"has_value": "zero"},
    {"has_value": "missing"},
    {"value_missing": "origin"},
    {"modified_from": "99999999999"},
    {"modified_to": "1"},
    {"modified_to": "soon"},
    {"filter_direction": "inbound", "key_missing": "origin"},
]


def test_a_filter_leaves_out_what_does_not_fit() -> None:
    put(**FILTERED)
    for query in LEFT_OUT:
        assert ids(query) == [], query


def test_pages_are_filled_under_filters() -> None:
    for number in range(12):
        put(f"r{number:02}", direction="inbound" if number % 3 == 0 else "outbound")
    page = content(ask(query=WINDOW | {"filter_direction": "inbound", "page_size": 3, "ascending": "true"}))
    assert [item["id"] for item in page["data"]] == ["r00", "r03", "r06"]
    rest = {"filter_direction": "inbound", "page_size": 3, "ascending": "true", "start_key": page["next_start_key"]}
    assert ids(rest) == ["r09"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.one_of(
            st.sampled_from(["page_size", "start_key", "created_from", "created_to", "has_key", "accept", "jsonp"]),
            st.text().map(lambda text: f"filter_{text}"),
            st.text(),
        ),
        st.text(),
        max_size=4,
    )
)
def test_no_query_breaks_a_list(query: dict[str, str]) -> None:
    assert ask(query=query).status in {200, 400, 404}


# ---- CSV


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


def test_no_cell_of_a_csv_is_a_formula() -> None:
    put(caller="=HYPERLINK(1)", callee="@SUM(1)", tag="-1+1", call_id="\t=1", user_metadata={"=cmd": "-5.25", "x": "+"})
    (row,) = csv.DictReader(io.StringIO(ask(query=WINDOW | {"accept": "csv"}).body))
    assert row["from"] == "'=HYPERLINK(1)"
    assert row["to"] == "'@SUM(1)"
    assert row["archive.tag"] == "'-1+1"
    assert row["call_id"] == "'\t=1"
    assert row["user_metadata.=cmd"] == "-5.25"
    assert row["user_metadata.x"] == "'+"


def test_a_csv_says_where_to_go_on_and_takes_a_name() -> None:
    put("r1")
    put("r2")
    query = WINDOW | {"accept": "csv", "page_size": 1}
    first = ask(query=query | {"file_name": "may.csv"})
    assert first.headers["content-disposition"] == 'attachment; filename="may.csv"'
    last = ask(query=query | {"start_key": first.headers["x-next-start-key"]}, headers={"x-file-name": "june.csv"})
    assert last.headers["content-disposition"] == 'attachment; filename="june.csv"'
    assert "x-next-start-key" not in last.headers
    assert "r1" in last.body


def test_a_csv_whose_columns_outgrow_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    put("r1")
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 10)
    assert refusal(ask(query=WINDOW | {"accept": "csv"})) == (416, "range not satisfiable", {})


# ---- audio


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("audio/mpeg", "audio"),
        ("audio/mp3", "audio"),
        ("audio/wav", "audio"),
        ("audio/*", "audio"),
        ("AUDIO/MPEG", "audio"),
        ("text/html, audio/mpeg;q=0.1", "audio"),
        ("audio/mpeg, */*", "json"),
        ("*/*, audio/mpeg", "audio"),
        ("audio/mpeg, */*;q=0.8", "audio"),
        ("audio/mpeg;q=0.5, application/json;q=0.6", "json"),
        ("audio/mpeg;q=0", None),
        ("audio/mpeg;level=1;q=high", "audio"),
        ("text/html", None),
        ("", None),
    ],
)
def test_the_most_wanted_type_that_is_known_is_chosen(accept: str, expected: str | None) -> None:
    request = Request(method="GET", path="/", headers={"accept": accept})
    assert requests.preferred(request, routes.AUDIO_TYPES) == expected


def test_the_query_is_heard_before_the_header() -> None:
    def wanted(query: str) -> str | None:
        request = Request(method="GET", path="/", raw_query=query, headers={"accept": "application/json"})
        return requests.preferred(request, routes.AUDIO_TYPES)

    assert wanted("accept=audio/mpeg") == "audio"
    assert wanted("accept=garbage") == "json"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{LIST}/r1", {"accept": "audio/mpeg"}),
        (f"{LIST}/r1/attachment", {}),
        ("/v2/account/recordings/r1/attachment", {}),
    ],
)
def test_audio_is_a_redirect_to_what_is_stored(path: str, query: dict[str, str]) -> None:
    put(state=State.STORED, media=MEDIA.model_copy(update={"content_type": "audio/x-wav"}))
    response = ask(path, query)
    target = urlsplit(response.headers["location"])
    values = parse_qs(target.query)
    assert response.status == 302
    assert response.headers["cache-control"] == "no-store"
    assert target.path.endswith("/media/a1/2024/01/05/r1.mp3")
    assert values["response-content-type"] == ["audio/x-wav"]
    assert values["response-content-disposition"] == ['attachment; filename="r1.wav"']
    assert "x-auth-token" not in target.query.lower()


def test_a_player_gets_audio_by_its_address_alone() -> None:
    put(state=State.VERIFIED, media=MEDIA)
    query = {"accept": "audio/mpeg", "inline": "true", "auth_token": "a1.viewer"}
    response = ask(f"{LIST}/r1", query, headers={"accept": "*/*"}, reader=None)
    disposition = parse_qs(urlsplit(response.headers["location"]).query)["response-content-disposition"]
    assert disposition == ['inline; filename="r1.mp3"']


def test_a_recording_without_audio_has_none_to_give() -> None:
    put()
    data = {"message": "bad identifier", "details": "r1"}
    for path, query in ((f"{LIST}/r1", {"accept": "audio/mpeg"}), (f"{LIST}/r1/attachment", {})):
        assert refusal(ask(path, query)) == (404, "bad_identifier", data)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("call.mp3", 'attachment; filename="call.mp3"'),
        ('a"; x="b.mp3', 'attachment; filename="a_; x=_b.mp3"'),
        ("a\r\nset-cookie: x", 'attachment; filename="a__set-cookie: x"'),
        ("../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'),
        ("Anruf für José", "attachment; filename=\"Anruf f_r Jos_\"; filename*=UTF-8''Anruf%20f%C3%BCr%20Jos%C3%A9"),
        ("100%?", "attachment; filename=\"100__\"; filename*=UTF-8''100%25%3F"),
        ("\u202egpj.exe\ud800", 'attachment; filename="_gpj.exe_"'),
    ],
)
def test_a_name_cannot_leave_its_header(name: str, expected: str) -> None:
    assert shared_fields.disposition(name) == expected


@given(name=st.text(max_size=300), inline=st.booleans())
def test_a_disposition_is_always_one_line_of_ascii(name: str, inline: bool) -> None:  # noqa: FBT001
    value = shared_fields.disposition(name, inline=inline)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert len(value) < 4_000


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "r1.bin"),
        ({"format": "wav"}, "r1.wav"),
        ({"media": MEDIA}, "r1.mp3"),
        ({"media": MEDIA, "name": "Sales call"}, "Sales call.mp3"),
        ({"media": MEDIA, "name": "call.MP3"}, "call.MP3"),
        ({"media": MEDIA, "name": "call.wav"}, "call.wav.mp3"),
    ],
)
def test_a_file_has_its_types_extension(fields: dict[str, Any], expected: str) -> None:
    recording = Recording(account_id="a1", recording_id="r1", provider="kazoo", state=State.STORED, **fields)
    assert shared_fields.file_name(recording) == expected


# ---- changes


def test_metadata_is_merged_and_null_deletes() -> None:
    put()
    ask(f"{LIST}/r1", method="PATCH", body={"data": {"user_metadata": {"case": 7, "note": {"a": 1, "b": 2}}}})
    response = ask(f"{LIST}/r1", method="PATCH", body={"data": {"user_metadata": {"case": None, "note": {"a": None}}}})
    assert response.status == 200
    assert content(response)["data"]["user_metadata"] == {"note": {"b": 2}}
    assert content(ask(f"{LIST}/r1"))["data"]["user_metadata"] == {"note": {"b": 2}}
    assert response.headers["etag"] == '"3"'


def test_a_patch_of_nothing_changes_nothing() -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", body={"data": {}})
    assert response.status == 200
    assert content(response)["revision"] == "1"


def test_all_else_is_read_only() -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", body={"data": {"name": "x", "user_metadata": {"a": 1}}})
    assert refusal(response) == (400, "validation error", {"name": {"forbidden": {"message": "Read-only property"}}})
    assert "user_metadata" not in content(ask(f"{LIST}/r1"))["data"]


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        ({"data": {"user_metadata": [1]}}, "user_metadata", 400),
        ({"data": {"user_metadata": {"a": [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}}}, "user_metadata", 400),
        ({"data": []}, "json", 400),
        (b"not json", "json", 400),
        (b'{"data": {"user_metadata": {"a": NaN}}}', "json", 400),
        ({"data": {"user_metadata": {"a": "x" * 20_000}}}, "message", 413),
    ],
)
def test_metadata_that_cannot_be_kept_is_refused(body: object, field: str, status: int) -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", body=body)
    assert response.status == status
    assert list(content(response)["data"]) == [field]


@pytest.mark.parametrize("query", [{}, {"should_soft_delete": "false"}])
def test_deleting_answers_with_the_document_and_only_once(query: dict[str, str]) -> None:
    put(owner_id="u1", state=State.VERIFIED, media=MEDIA)
    data = content(ask(f"{LIST}/r1", query, method="DELETE"))["data"]
    assert data["id"] == "r1"
    assert data["_read_only"] == {"deleted": True}
    assert ask(f"{LIST}/r1", query, method="DELETE").status == 404
    assert ask(f"{LIST}/r1").status == 404
    assert ask(f"{LIST}/r1", {"accept": "audio/mpeg"}).status == 404
    assert ids() == []


def test_who_may_not_delete_is_forbidden_to() -> None:
    put()
    response = ask(f"{LIST}/r1", method="DELETE", reader="viewer")
    assert refusal(response) == (403, "forbidden", {"message": "forbidden"})


# ---- trouble


def test_an_outage_says_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for retry_after, header in ((None, "5"), (1.2, "2")):
        error = UnavailableError("table_unavailable", "down", retry_after)

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(access, "find", fail)
        response = ask(f"{LIST}/r1")
        assert refusal(response) == (
            503,
            "datastore_fault",
            {"message": "datastore fault", "cause": "table_unavailable"},
        )
        assert response.headers["retry-after"] == header


def test_a_field_of_ours_is_named_in_a_validation_error() -> None:
    request = Request(method="GET", path=LIST)
    response = routes.refuse(InvalidRequestError("size", "too small"), request)
    assert refusal(response) == (400, "validation error", {"size": {"invalid": {"message": "too small"}}})


def test_a_path_is_quoted_nowhere_but_in_json() -> None:
    name = "<script>alert(1)</script>"
    response = ask(f"{LIST}/{quote(name, safe='')}")
    assert response.headers["content-type"] == "application/json"
