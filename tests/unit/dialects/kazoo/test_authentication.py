"""Readers bring tokens, Basic credentials or an API key as to Crossbar."""

import pytest

from callvault.models import State
from callvault.web import Response
from tests import worlds
from tests.crossbar import LIST, MEDIA, ask, ids, put, refusal
from tests.worlds import content


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({"x-auth-token": "a1.ops"}, {}, None),
        (worlds.basic_header("a1", "ops"), {}, None),
        ({"authorization": "Bearer a1.ops"}, {}, None),
        ({}, {"auth_token": "a1.ops"}, None),
        ({}, {}, {"auth_token": "a1.ops"}),
        ({"authorization": "Bearer a1.wrong"}, {}, {"auth_token": "a1.ops"}),
        ({"x-auth-token": "a1.ops"}, {}, {"auth_token": "a1.wrong"}),
        ({}, {"auth_token": "a1.ops"}, {"auth_token": "a1.wrong"}),
        ({"x-auth-token": "a1.ops"}, {}, {"auth_token": 7}),
    ],
)
def test_tokens_are_read_from_the_same_places_as_by_crossbar(
    headers: dict[str, str], query: dict[str, str], body: object
) -> None:
    assert ask(query=query, headers=headers, body=body, reader=None).status == 200


@pytest.mark.parametrize(
    ("method", "query", "body", "name"),
    [
        ("GET", {"jsonp": "f"}, None, "jsonp"),
        ("POST", {"verb": "DELETE"}, None, "verb"),
        ("POST", {}, {"verb": "DELETE"}, "verb"),
    ],
)
@pytest.mark.parametrize("extra", [{}, {"x-auth-token": "a1.ops"}])
def test_what_another_site_could_make_a_browser_send_is_refused_with_basic(
    method: str, query: dict[str, str], body: object, name: str, extra: dict[str, str]
) -> None:
    put()
    headers = worlds.basic_header("a1", "ops") | extra
    response = ask(f"{LIST}/r1", query, method=method, body=body, headers=headers, reader=None)
    text = response.body.removeprefix("f(").removesuffix(");")
    refused = {name: {"forbidden": {"message": f"{name} cannot be used with Basic credentials"}}}
    assert (response.status, worlds.content(Response(status=400, body=text))["data"]) == (400, refused)
    assert ask(f"{LIST}/r1").status == 200


@pytest.mark.parametrize("body", [None, b"{", b"[]", b'{"auth_token": "\\ud800.x"}', b"[" * 100_000])
def test_without_a_token_the_credentials_are_invalid(body: object) -> None:
    expected = (401, "invalid_credentials", {"message": "invalid credentials"})
    assert refusal(ask(reader=None, body=body)) == expected
    assert refusal(ask(reader=None, headers={"x-auth-token": "nodot"})) == expected


@pytest.mark.parametrize("token", ["a1.wrong", "a9.ops", "a/1.ops"])
def test_an_unknown_token_is_refused(token: str) -> None:
    assert refusal(ask(reader=None, headers={"x-auth-token": token})) == (401, "invalid credentials", {})


def test_another_accounts_recordings_are_forbidden() -> None:
    put()
    for path in (LIST, f"{LIST}/r1", f"{LIST}/unknown", f"{LIST}/r1/attachment"):
        assert refusal(ask(path, reader="other")) == (403, "forbidden", {"message": "forbidden"})


def test_an_impossible_account_id_is_not_found() -> None:
    path = "/v2/accounts/a b/recordings"
    assert refusal(ask(path)) == (404, "bad identifier", {"message": "invalid account_id 'a b'"})


def test_a_limited_reader_sees_only_recordings_of_its_user() -> None:
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


def test_a_login_by_name_and_password_is_refused() -> None:
    body = {"data": {"credentials": "5f4dcc3b5aa765d61d8327deb882cf99", "account_name": "a1"}}
    response = ask("/v2/user_auth", method="PUT", body=body, reader=None)
    assert refusal(response) == (401, "invalid_credentials", {"message": "invalid credentials"})


def test_token_auth_returns_the_account_of_the_token() -> None:
    assert content(ask("/v2/token_auth"))["data"] == {"account_id": "a1", "is_reseller": False, "apps": []}
    assert ask("/v2/token_auth", reader=None).status == 401
