"""Readers are authenticated, and limited readers see only recordings of their user."""

import base64
import functools
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from callvault.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from callvault.models import State
from callvault.readers import access
from callvault.web import Request
from tests import worlds

TIME = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
KEY = "media/a1/2026/06/30/r1.wav"

principal = functools.partial(worlds.principal, "a1")
put = functools.partial(worlds.put, "r1", account_id="a1", start_time=TIME)


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("headers", "raw_query"),
    [
        ({"x-auth-token": "a1.s3.cret"}, ""),
        ({"x-auth-token": "a1.s3.cret", **basic("a2:other")}, "auth_token=a2.other"),
        ({}, "auth_token=a1.s3.cret"),
        (basic("a2:other"), "auth_token=a1.s3.cret"),
        (basic("a1:s3.cret"), ""),
        ({"authorization": "Bearer a1.s3.cret"}, ""),
        ({}, "authorization=a1.s3.cret"),
    ],
)
def test_credentials_are_found_in_every_header_and_parameter(headers: dict[str, str], raw_query: str) -> None:
    request = Request(method="GET", path="/", headers=headers, raw_query=raw_query)
    assert access.credentials(request) == ("a1", "s3.cret")


@pytest.mark.parametrize("headers", [{}, {"x-auth-token": "no-dot"}, {"x-auth-token": ".secret"}, basic("a1:")])
def test_a_request_without_usable_credentials_is_unauthenticated(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError):
        access.authenticate(Request(method="GET", path="/", headers=headers))


def test_a_reader_is_authenticated_by_the_hash_of_its_secret() -> None:
    worlds.put_account("a1", readers=[worlds.reader("ops", "s3cret")])
    request = Request(method="GET", path="/", headers={"x-auth-token": "a1.s3cret"})
    assert access.authenticate(request).reader.name == "ops"
    for wrong in ("a1.wrong", "a2.s3cret"):
        with pytest.raises(UnauthenticatedError):
            access.authenticate(replace(request, headers={"x-auth-token": wrong}))


def test_a_reader_may_request_only_its_own_account_and_user() -> None:
    access.check(principal(), "a1")
    access.check(principal(), "a1", "u1")
    access.check(principal(user_id="u1"), "a1")
    access.check(principal(user_id="u1"), "a1", "u1")
    with pytest.raises(ForbiddenError):
        access.check(principal(), "a2")
    with pytest.raises(ForbiddenError):
        access.check(principal(user_id="u1"), "a1", "u2")


def test_the_account_of_a_path_may_have_either_of_its_ids() -> None:
    worlds.put_account("a1", readers=[worlds.reader("ops")])
    request = Request(method="GET", path="/", headers={"x-auth-token": "a1.ops"})
    for account_id in ("a1", "9900000"):
        assert access.enter(request, account_id).account.account_id == "a1"
    for account_id in ("a2", "", "9900001"):
        with pytest.raises(ForbiddenError):
            access.enter(request, account_id)


def test_a_recording_is_found_below_its_call_and_its_conference_only() -> None:
    put(call_id="c1", conference_id="f1")
    assert access.find(principal(), "r1", call_id="c1", conference_id="f1").recording_id == "r1"
    for call_id, conference_id in (("c2", None), (None, "c1")):
        with pytest.raises(NotFoundError):
            access.find(principal(), "r1", call_id=call_id, conference_id=conference_id)


@pytest.mark.parametrize("state", [State.DELETED, State.EXPIRED])
def test_a_tombstone_is_not_found(state: State) -> None:
    put(state=state)
    with pytest.raises(NotFoundError):
        access.find(principal(), "r1")


def test_another_users_recording_is_not_found() -> None:
    put(owner_id="u1")
    assert access.find(principal(user_id="u1"), "r1").owner_id == "u1"
    with pytest.raises(NotFoundError):
        access.find(principal(user_id="u2"), "r1")


@pytest.mark.parametrize("recording_id", ["unknown", "r" * 3000])
def test_an_unknown_recording_is_not_found(recording_id: str) -> None:
    with pytest.raises(NotFoundError):
        access.find(principal(), recording_id)


def test_a_media_url_names_the_stored_version() -> None:
    url = urlsplit(access.media_url(put(media=worlds.media(key=KEY), state=State.STORED), disposition="inline"))
    values = parse_qs(url.query)
    assert url.path.endswith(KEY)
    assert values["versionId"] == ["v1"]
    assert values["response-content-type"] == ["audio/x-wav"]
    assert values["response-content-disposition"] == ["inline"]
    assert values["X-Amz-Expires"] == ["900"]


def test_a_media_url_without_a_version_names_the_key_only() -> None:
    media = worlds.media(version_id=None)
    assert "versionId" not in access.media_url(put(media=media, state=State.STORED))


def test_a_recording_without_audio_has_no_media_url() -> None:
    with pytest.raises(NotFoundError):
        access.media_url(put())
