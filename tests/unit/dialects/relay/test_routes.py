"""Clients of SignalWire's Recordings API go on working against the archive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from callvault import dialects, times
from callvault.errors import ForbiddenError, InvalidRequestError, NotFoundError, UnavailableError
from callvault.models import Recording, State
from callvault.readers import pages
from callvault.storage import table
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

TIME = datetime(2026, 11, 20, 9, 30, 36, 217_000, UTC)
ORIGIN = "https://archive.example.com/prod"
ROOT = "/api/relay/rest/recordings"
PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
MEDIA = worlds.media(channels=2, duration_ms=20_900, size=320_044)
STORED: dict[str, Any] = {"state": State.VERIFIED, "media": MEDIA}
CALL: dict[str, Any] = STORED | {
    "call_id": "leg-1",
    "caller": "+15551112222",
    "callee": "+15553334444",
    "direction": "inbound",
    "end_time": TIME + timedelta(seconds=20),
    "duration_ms": 20_400,
    "channels": 2,
    "extra": {"event_type": "calling.call.record", "track": "both", "price": 0.05, "price_unit": "USD"},
}


@pytest.fixture(autouse=True)
def accounts() -> None:
    readers = worlds.readers(ops={"can_delete": True}, viewer={}, u1={"user_id": "u1", "can_delete": True})
    worlds.put_account("sw", "signalwire", provider_account_id=PROJECT, readers=readers)
    worlds.put_account("tw", "twilio", provider_account_id="AC1", readers=readers)


def put(recording_id: str = "r-1", **fields: Any) -> Recording:
    return worlds.put(recording_id, **{"account_id": "sw", "provider": "signalwire", "start_time": TIME, **fields})


def ask(
    path: str = ROOT,
    query: Mapping[str, Any] | None = None,
    *,
    method: str = "GET",
    account_id: str = "sw",
    reader: str = "ops",
) -> Response:
    headers = worlds.basic_header(account_id, reader)
    raw_query = urlencode(query or {})
    return dialects.answer(Request(method=method, path=path, raw_query=raw_query, headers=headers, origin=ORIGIN))


def document(recording_id: str = "r-1", **options: Any) -> Any:
    response = ask(f"{ROOT}/{recording_id}", **options)
    assert response.status == 200, response.body
    return content(response)


def ids(page: Any) -> list[str]:
    return [one["id"] for one in page["data"]]


def follow(url: str) -> Any:
    """Return the page of a link, asked for as signalwire-sdk does: by the link's query alone."""
    assert url.startswith(f"{ORIGIN}{ROOT}?")
    response = ask(query=dict(parse_qsl(urlsplit(url).query)))
    assert response.status == 200, response.body
    return content(response)


# ---- resources


def test_a_recording_has_the_members_of_the_api() -> None:
    put(**CALL)
    found = document()
    archived, updated = found.pop("archive"), found.pop("updated_at")
    assert found == {
        "id": "r-1",
        "project_id": PROJECT,
        "created_at": "2026-11-20T09:30:36.217Z",
        "duration_in_seconds": 20,
        "error_code": None,
        "price": 0.05,
        "price_unit": "USD",
        "status": "completed",
        "url": f"{ORIGIN}{ROOT}/r-1/download",
        "stereo": True,
        "byte_size": 320_044,
        "track": "both",
        "relay_pstn_leg_id": "leg-1",
    }
    assert times.read(updated) is not None
    assert archived["state"] == "verified"
    assert (archived["from"], archived["to"], archived["direction"]) == ("+15551112222", "+15553334444", "inbound")
    assert (archived["start_time"], archived["end_time"]) == ("2026-11-20T09:30:36.217Z", "2026-11-20T09:30:56.217Z")


@pytest.mark.parametrize("leg", ["relay_sip_leg_id", "relay_webrtc_leg_id"])
def test_the_leg_has_the_member_of_its_kind(leg: str) -> None:
    put(call_id="leg-1", extra={leg: "leg-1"})
    assert document()[leg] == "leg-1"
    assert "relay_pstn_leg_id" not in document()


def test_a_conference_has_a_member_of_its_own() -> None:
    put(conference_id="conf-1")
    assert document()["relay_conference_id"] == "conf-1"
    assert "relay_pstn_leg_id" not in document()


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [
        (State.ANNOUNCED, None, "recording"),
        (State.PENDING, None, "processing"),
        (State.ABSENT, "no_input", "no_input"),
        (State.ABSENT, "error", "failed"),
        (State.FAILED, "not_audio", "failed"),
    ],
)
def test_the_state_determines_the_status(state: State, reason: str | None, status: str) -> None:
    put(state=state, reason=reason)
    found = document()
    assert (found["status"], found["url"], found["byte_size"], found["stereo"]) == (status, None, None, None)


def test_a_providers_code_for_missing_audio_is_the_error_code() -> None:
    put(state=State.ABSENT, reason="13223")
    assert document()["error_code"] == "13223"
    put("r-2", state=State.ABSENT, reason="error")
    assert document("r-2")["error_code"] is None


def test_a_price_of_the_compatibility_api_is_a_number_too() -> None:
    put(extra={"price": "-0.05"})
    assert document()["price"] == -0.05


@pytest.mark.parametrize("price", ["1 USD", "nan", True, None, [], 1e300, float("nan")])
def test_a_price_that_is_not_a_plain_number_is_unknown(price: Any) -> None:
    put(extra={"price": price, "track": 7, "price_unit": []})
    found = document()
    assert (found["price"], found["track"], found["price_unit"]) == (None, None, None)


def test_an_account_of_another_provider_is_its_own_project() -> None:
    worlds.put("RE1", account_id="tw", provider="twilio", channels=1, **STORED | {"extra": {"price": 1}})
    found = document("RE1", account_id="tw")
    assert (found["project_id"], found["stereo"], found["price"]) == ("tw", False, None)


def test_an_id_may_have_characters_that_are_escaped_in_the_url() -> None:
    put("r 1.wav", **STORED)
    assert document("r 1.wav")["url"] == f"{ORIGIN}{ROOT}/r%201.wav/download"


# ---- audio, deletion


def test_the_url_redirects_to_the_audio() -> None:
    put(**STORED)
    response = ask(urlsplit(document()["url"]).path.removeprefix("/prod"))
    assert response.status == 302
    assert MEDIA.key in response.headers["location"]
    assert "inline" in response.headers["location"]


def test_a_recording_without_audio_has_none_to_download() -> None:
    put()
    assert ask(f"{ROOT}/r-1/download").status == 404


def test_a_deleted_recording_is_not_found_and_not_listed() -> None:
    put(**STORED)
    response = ask(f"{ROOT}/r-1", method="DELETE")
    assert (response.status, response.body) == (204, "")
    row = table.get("sw", "r-1")
    assert row is not None
    assert row.state is State.DELETED
    for path, method in [(f"{ROOT}/r-1", "GET"), (f"{ROOT}/r-1", "DELETE"), (f"{ROOT}/r-1/download", "GET")]:
        assert ask(path, method=method).status == 404
    assert content(ask())["data"] == []


def test_a_reader_without_the_right_deletes_nothing() -> None:
    put(**STORED)
    assert ask(f"{ROOT}/r-1", method="DELETE", reader="viewer").status == 403
    assert document()["status"] == "completed"


# ---- lists


def test_a_list_has_the_newest_first_without_the_large_members() -> None:
    put("r-1", **CALL)
    put("r-2", **CALL | {"start_time": TIME + timedelta(hours=1)})
    page = content(ask())
    assert ids(page) == ["r-2", "r-1"]
    assert page["links"] == {
        "self": f"{ORIGIN}{ROOT}",
        "first": f"{ORIGIN}{ROOT}?page_number=0&page_size=50",
    }
    assert "history" not in page["data"][0]["archive"]
    assert page["data"][1] | {"archive": None} == document() | {"archive": None}


def test_pages_are_followed_in_both_directions() -> None:
    for number in range(5):
        put(f"r-{number}", start_time=TIME - timedelta(hours=number))
    first = content(ask(query={"page_size": 2}))
    second = follow(first["links"]["next"])
    third = follow(second["links"]["next"])
    assert [ids(page) for page in (first, second, third)] == [["r-0", "r-1"], ["r-2", "r-3"], ["r-4"]]
    assert "next" not in third["links"]
    assert "prev" not in first["links"]
    assert ids(follow(third["links"]["prev"])) == ["r-2", "r-3"]
    assert ids(follow(follow(third["links"]["prev"])["links"]["prev"])) == ["r-0", "r-1"]
    assert ids(follow(third["links"]["first"])) == ["r-0", "r-1"]
    assert follow(second["links"]["self"]) == second


def test_a_page_that_is_too_large_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        put(f"r-{number}", start_time=TIME - timedelta(hours=number))
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 1)
    page = content(ask())
    assert ids(page) == ["r-0"]
    assert ids(follow(page["links"]["next"])) == ["r-1"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"page_size": "9" * 10}, "page_size"),
        ({"page_number": "-1"}, "page_number"),
        ({"page_number": "1"}, "page_token"),
        ({"page_token": "PA"}, "page_token"),
        ({"page_token": "XXabc"}, "page_token"),
        ({"page_token": "PAforged"}, "page token"),
    ],
)
def test_an_invalid_parameter_is_named(query: dict[str, str], text: str) -> None:
    response = ask(query=query)
    (error,) = content(response)["errors"]
    assert response.status == 400
    assert error == {"detail": error["detail"], "status": "400", "title": "Invalid Attribute", "code": "400"}
    assert text in error["detail"]


def test_a_page_has_at_most_a_thousand_recordings() -> None:
    put()
    assert content(ask(query={"page_size": 5000}))["links"]["first"].endswith("page_size=1000")


def test_an_unknown_parameter_is_named() -> None:
    response = ask(query={"page_size": 1, "status": "completed"})
    assert response.status == 200
    assert "status" in response.headers["warning"]
    assert "warning" not in ask().headers


def test_a_limited_reader_sees_and_deletes_its_own_recordings_only() -> None:
    put("r-1", owner_id="u1", **STORED)
    put("r-2", owner_id="u2", **STORED)
    assert ids(content(ask(reader="u1"))) == ["r-1"]
    assert document(reader="u1")["id"] == "r-1"
    for path, method in [(f"{ROOT}/r-2", "GET"), (f"{ROOT}/r-2", "DELETE"), (f"{ROOT}/r-2/download", "GET")]:
        assert ask(path, method=method, reader="u1").status == 404


def test_another_accounts_recordings_are_not_there() -> None:
    put(**STORED)
    assert content(ask(account_id="tw"))["data"] == []
    assert ask(f"{ROOT}/r-1", account_id="tw").status == 404


# ---- errors


def test_missing_credentials_are_asked_for() -> None:
    response = dialects.answer(Request(method="GET", path=ROOT, origin=ORIGIN))
    assert (response.status, content(response)) == (401, {"error": "Unauthorized"})
    assert response.headers["www-authenticate"].startswith("Basic")


def test_errors_have_the_words_of_the_api() -> None:
    for path, status, error in [(f"{ROOT}/none", 404, "Not Found"), ("/api/relay/rest/queues", 404, "Not Found")]:
        response = ask(path)
        assert (response.status, content(response)["error"]) == (status, error)
    response = ask(method="POST")
    assert (response.status, content(response)["error"]) == (405, "Method Not Allowed")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (ForbiddenError("no"), 403, "Forbidden"),
        (NotFoundError("where?"), 404, "Not Found"),
        (UnavailableError("table_unavailable", "down", retry_after=7), 503, "Service Unavailable"),
        (KeyError("x"), 500, "Internal Server Error"),
    ],
)
def test_every_error_has_its_word(monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, word: str) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(table, "get", fail)
    response = ask(f"{ROOT}/r-1")
    assert (response.status, content(response)["error"]) == (status, word)
    assert response.headers.get("retry-after") == ("7" if status == 503 else None)


def test_an_invalid_parameter_of_the_reader_is_no_server_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise InvalidRequestError("token", "The page token does not belong to this list.")

    monkeypatch.setattr(pages, "read", fail)
    assert ask().status == 400
