"""Clients of Bandwidth go on working against the archive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from callvault import dialects, times
from callvault.dialects import responses
from callvault.dialects.bandwidth import routes
from callvault.errors import ConfigurationError, UnavailableError
from callvault.models import Recording, State
from callvault.readers import access, pages
from callvault.storage import table
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

NOW = times.now()
TIME = NOW - timedelta(hours=2)
ACCOUNT = "/api/v2/accounts/a1"
ORIGIN = "https://archive.example.com/prod"
MEDIA = worlds.media(channels=2, duration_ms=15_000)
CALL: dict[str, Any] = {
    "state": State.VERIFIED,
    "media": MEDIA,
    "call_id": "c-1",
    "parent_call_id": "c-0",
    "caller": "+15551112222",
    "callee": "+15553334444",
    "direction": "inbound",
    "start_time": datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC),
    "end_time": datetime(2026, 6, 17, 22, 20, tzinfo=UTC),
    "duration_ms": 13_670,
    "channels": 1,
    "format": "wav",
    "tag": "sales",
    "name": "First call",
    "extra": {"applicationId": "app-1", "transferCallerId": "+15550000000", "transferTo": 7, "unknown": "kept"},
}


@pytest.fixture(autouse=True)
def account() -> None:
    u1 = {"can_delete": True, "user_id": "u1"}
    worlds.put_account("a1", readers=worlds.readers(ops={"can_delete": True}, viewer={}, u1=u1))


def put(recording_id: str = "r-1", **fields: Any) -> Recording:
    return worlds.put(recording_id, **{"account_id": "a1", "start_time": TIME, **fields})


def ask(
    path: str,
    query: Mapping[str, Any] | None = None,
    *,
    method: str = "GET",
    reader: str = "ops",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Response:
    return dialects.answer(
        Request(
            method=method,
            path=path,
            raw_query=urlencode(query or {}),
            headers=worlds.basic_header("a1", reader) if headers is None else headers,
            body=body,
            origin=ORIGIN,
            request_id="JKJaXmPLvHcESHA=",
        )
    )


def ids(path: str = f"{ACCOUNT}/recordings", query: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    response = ask(path, query, **options)
    assert response.status == 200, response.body
    return [item["recordingId"] for item in content(response)]


def refusal(response: Response) -> tuple[int, str]:
    """Return status and type of a refusal, having checked the rest."""
    members = content(response)
    assert set(members) == {"type", "description", "id"}
    assert members["id"] == "JKJaXmPLvHcESHA="
    assert response.headers["content-type"] == "application/json;charset=UTF-8"
    return response.status, members["type"]


# ---- metadata


def test_a_calls_recording_has_bandwidths_metadata() -> None:
    put(**CALL)
    document = content(ask(f"{ACCOUNT}/calls/c-1/recordings/r-1"))
    archived = document.pop("archive")
    assert document == {
        "applicationId": "app-1",
        "accountId": "a1",
        "callId": "c-1",
        "parentCallId": "c-0",
        "recordingId": "r-1",
        "to": "+15553334444",
        "from": "+15551112222",
        "transferCallerId": "+15550000000",
        "direction": "inbound",
        "duration": "PT13.67S",
        "channels": 1,
        "startTime": "2026-06-17T22:19:40.375Z",
        "endTime": "2026-06-17T22:20:00.000Z",
        "fileFormat": "wav",
        "status": "complete",
        "mediaUrl": f"{ORIGIN}{ACCOUNT}/calls/c-1/recordings/r-1/media",
        "recordingName": "First call",
        "transcription": None,
    }
    assert archived["sha256"] == "ab" * 32
    assert archived["tag"] == "sales"
    assert [event["what"] for event in archived["history"]] == ["callback"]


def test_a_conferences_recording_has_bandwidths_metadata() -> None:
    put(conference_id="conf-1", extra={"name": "Monday"})
    document = content(ask("/api/v2/accounts/9900000/conferences/conf-1/recordings/r-1"))
    del document["archive"]
    assert document == {
        "accountId": "9900000",
        "conferenceId": "conf-1",
        "name": "Monday",
        "recordingId": "r-1",
        "startTime": times.write(TIME),
        "status": "processing",
        "mediaUrl": None,
    }


def test_measured_values_fill_missing_fields() -> None:
    put(**CALL | {"duration_ms": None, "channels": None, "format": None})
    document = content(ask(f"{ACCOUNT}/calls/c-1/recordings/r-1"))
    assert (document["duration"], document["channels"], document["fileFormat"]) == ("PT15S", 2, "wav")


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"end_time": TIME, "duration_ms": 5_000}, times.write(TIME)),
        ({"duration_ms": 5_000}, times.write(TIME + timedelta(seconds=5))),
        ({"media": MEDIA, "state": State.VERIFIED}, times.write(TIME + timedelta(seconds=15))),
        ({}, None),
        ({"start_time": None, "duration_ms": 5_000}, None),
        ({"start_time": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "duration_ms": 5_000}, None),
    ],
    ids=["reported", "by duration", "by media", "no duration", "no start", "beyond the last year"],
)
def test_the_end_is_the_announced_one_or_else_follows_from_start_and_duration(
    fields: dict[str, Any], end: str | None
) -> None:
    put(**fields)
    document = content(ask(f"{ACCOUNT}/recordings/r-1"))
    assert document.get("endTime") == end
    assert ("endTime" in document) is (end is not None)


def test_a_recording_of_another_provider_has_only_known_fields() -> None:
    put("202401-x", provider="kazoo", start_time=None, extra={"applicationId": "not Bandwidth's"})
    document = content(ask(f"{ACCOUNT}/recordings/202401-x"))
    told = {name for name, value in document.items() if value is not None}
    assert told == {"accountId", "recordingId", "status", "archive"}


def test_a_media_url_leads_to_its_recording() -> None:
    for number, fields in enumerate(({}, {"call_id": "0f3c@10.0.0.5"}, {"conference_id": "a b", "call_id": "c"})):
        put(f"r {number}", media=MEDIA, state=State.VERIFIED, **fields)
    for number, parent in enumerate(("", "/calls/0f3c%4010.0.0.5", "/conferences/a%20b")):
        document = content(ask(f"{ACCOUNT}/recordings/r {number}"))
        assert document["mediaUrl"] == f"{ORIGIN}{ACCOUNT}{parent}/recordings/r%20{number}/media"
    assert ask(f"{ACCOUNT}/conferences/a b/recordings/r 2/media").status == 302


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": State.ANNOUNCED}, "processing"),
        ({"state": State.PENDING}, "processing"),
        ({"state": State.STORED, "media": MEDIA}, "complete"),
        ({"state": State.VERIFIED, "media": MEDIA.model_copy(update={"partial": True})}, "partial"),
        ({"state": State.FAILED, "reason": "gone"}, "error"),
        ({"state": State.ABSENT, "reason": "error"}, "error"),
    ],
)
def test_a_state_has_bandwidths_status(fields: dict[str, Any], status: str) -> None:
    put(**fields)
    assert content(ask(f"{ACCOUNT}/recordings/r-1"))["status"] == status


def test_a_transcription_is_served_only_if_its_text_is_archived() -> None:
    described = {"id": "t-1", "status": "available", "completedTime": "2026-06-17T22:30:00Z", "url": "https://theirs"}
    spoken = {"transcripts": [{"speaker": 0, "text": "Hello", "confidence": 0.9}]}
    put("r-1", call_id="c-1", transcription=described)
    put("r-2", call_id="c-1", transcription={"id": 7, "completedTime": "soon"} | spoken)
    base = f"{ACCOUNT}/calls/c-1/recordings"
    first, second = content(ask(f"{base}/r-1")), content(ask(f"{base}/r-2"))
    assert first["transcription"] == {"id": "t-1", "status": "available", "completedTime": "2026-06-17T22:30:00.000Z"}
    url = f"{ORIGIN}{base}/r-2/transcription"
    assert second["transcription"] == {"url": url}
    assert refusal(ask(f"{base}/r-1/transcription")) == (404, "validation")
    assert content(ask(f"{base}/r-2/transcription")) == spoken


# ---- lists


def test_recordings_of_an_account_are_listed_from_the_oldest_on() -> None:
    put("new")
    put("old", start_time=TIME - timedelta(days=400))
    put("of-a-conference", conference_id="conf-1")
    put("of-both", conference_id="conf-1", call_id="c-1", start_time=TIME - timedelta(hours=1))
    assert ids() == ["old", "of-both", "new"]
    assert ids(f"{ACCOUNT}/conferences/conf-1/recordings") == ["of-both", "of-a-conference"]
    assert ids(f"{ACCOUNT}/calls/c-1/recordings") == ["of-both"]
    assert ids(f"{ACCOUNT}/calls/c-2/recordings") == []


def test_a_list_has_neither_history_nor_transcription() -> None:
    put(**CALL | {"transcription": {"transcripts": []}})
    (item,) = content(ask(f"{ACCOUNT}/calls/c-1/recordings"))
    assert item["archive"]["sha256"] == "ab" * 32
    assert not {"history", "transcription"} & set(item["archive"])


def test_min_start_time_is_inclusive_and_max_start_time_is_exclusive() -> None:
    for number in range(3):
        put(f"r-{number}", start_time=TIME + timedelta(minutes=number))
    first, last = (times.write(TIME + timedelta(minutes=number)) for number in (0, 2))
    assert ids(query={"minStartTime": first, "maxStartTime": last}) == ["r-0", "r-1"]
    assert ids(query={"minStartTime": last, "maxStartTime": ""}) == ["r-2"]
    assert ids(query={"maxStartTime": "0001-01-01T00:00:00Z"}) == []
    assert ids(query={"minStartTime": "0001-01-01T00:00:00Z", "maxStartTime": "9999-12-31T00:00:00Z"}) == [
        "r-0", "r-1", "r-2",
    ]  # fmt: skip


def test_a_number_must_match_in_full() -> None:
    put("r-1", caller="+15551112222", callee="+15553334444")
    put("r-2", caller="+15551112222", callee="sip:bob@example.com")
    assert ids(query={"from": "+15551112222"}) == ["r-1", "r-2"]
    assert ids(query={"from": "+15551112222", "to": "sip:bob@example.com"}) == ["r-2"]
    assert ids(query={"to": "+1555"}) == []


@pytest.mark.parametrize("name", ["minStartTime", "maxStartTime"])
def test_an_invalid_time_is_refused_with_its_name(name: str) -> None:
    response = ask(f"{ACCOUNT}/recordings", {name: "yesterday"})
    assert refusal(response) == (400, "validation")
    assert name in content(response)["description"]


def test_a_plus_that_is_not_escaped_still_finds_the_number() -> None:
    put(caller="+15551112222", callee="+15553334444")
    assert ids(query={"from": " 15551112222"}) == ["r-1"]
    assert ids(query={"to": " 15553334444"}) == ["r-1"]


@pytest.mark.parametrize(
    ("path", "query", "ignored"),
    [
        (f"{ACCOUNT}/recordings", {"From": "+15551112222", "from": "", "to": "", "minStartTime": ""}, "From"),
        (f"{ACCOUNT}/recordings", {"limit": "5", "callId": "c-1"}, "callId, limit"),
        (f"{ACCOUNT}/calls/c-1/recordings", {"minStartTime": "2026-01-01"}, "minStartTime"),
        (f"{ACCOUNT}/conferences/conf-1/recordings", {"from": "+15551112222"}, "from"),
    ],
)
def test_a_parameter_that_a_list_does_not_know_is_named(path: str, query: dict[str, str], ignored: str) -> None:
    response = ask(path, query)
    assert response.status == 200
    assert response.headers["warning"] == f'299 callvault "Ignored parameters: {ignored}"'


def test_a_list_whose_parameters_are_known_has_no_warning() -> None:
    known = {"from": "", "to": "", "minStartTime": "2026-01-01", "maxStartTime": "2026-02-01"}
    assert "warning" not in ask(f"{ACCOUNT}/recordings", known).headers


def test_a_list_ends_at_the_maximum_number_of_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MAX_RECORDINGS", 2)
    for number in range(3):
        put(f"r-{number}", start_time=TIME + timedelta(minutes=number))
    assert ids() == ["r-0", "r-1"]


def test_a_list_that_does_not_fit_is_refused_rather_than_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 1)
    put("r-1")
    put("r-2")
    response = ask(f"{ACCOUNT}/recordings")
    assert refusal(response) == (413, "validation")
    assert "minStartTime" in content(response)["description"]


# ---- audio and removal


def test_audio_is_a_redirect_although_the_sdk_asks_for_json() -> None:
    put(**CALL)
    response = ask(f"{ACCOUNT}/calls/c-1/recordings/r-1/media")
    assert response.status == 302
    assert "versionId=v1" in response.headers["location"]
    assert response.headers["cache-control"] == "no-store"


def test_media_that_is_not_stored_yet_is_not_found() -> None:
    put(call_id="c-1")
    path = f"{ACCOUNT}/calls/c-1/recordings/r-1/media"
    assert refusal(ask(path)) == (404, "validation")
    assert refusal(ask(path, method="DELETE")) == (404, "validation")
    assert ask(f"{ACCOUNT}/calls/c-1/recordings/r-1").status == 200


@pytest.mark.parametrize("path", ["", "/media"])
def test_a_deleted_recording_is_not_found(path: str) -> None:
    put(**CALL)
    recording = f"{ACCOUNT}/calls/c-1/recordings/r-1"
    response = ask(recording + path, method="DELETE")
    assert (response.status, response.body) == (204, "")
    assert refusal(ask(recording)) == (404, "validation")
    assert ids(f"{ACCOUNT}/calls/c-1/recordings") == []
    known = table.get("a1", "r-1")
    assert known is not None
    assert known.state is State.DELETED


@pytest.mark.parametrize("parent", ["calls/c-1", "conferences/conf-1"])
def test_the_media_and_then_the_recording_are_deleted_as_bandwidths_own_tests_do(parent: str) -> None:
    put(**CALL, conference_id="conf-1")
    recording = f"{ACCOUNT}/{parent}/recordings/r-1"
    assert [ask(path, method="DELETE").status for path in (f"{recording}/media", recording)] == [204, 204]
    assert refusal(ask(f"{recording}/media", method="DELETE")) == (404, "validation")
    assert worlds.history("r-1", "a1")[-1] == "deleted by ops"
    assert worlds.history("r-1", "a1").count("deleted by ops") == 1


def test_a_deletion_of_what_a_reader_may_not_see_is_not_found() -> None:
    put("theirs", owner_id="u2", state=State.DELETED)
    put("expired", state=State.EXPIRED)
    for path, reader in [("theirs", "u1"), ("expired", "ops"), ("unknown", "ops")]:
        assert refusal(ask(f"{ACCOUNT}/recordings/{path}", method="DELETE", reader=reader)) == (404, "validation")


@pytest.mark.parametrize("state", [State.VERIFIED, State.DELETED])
def test_a_reader_without_the_right_to_delete_is_forbidden(state: State) -> None:
    put(**CALL | {"state": state})
    path = f"{ACCOUNT}/calls/c-1/recordings/r-1"
    assert refusal(ask(path, method="DELETE", reader="viewer")) == (403, "authorization-error")
    assert ask(path, reader="viewer").status == (200 if state is State.VERIFIED else 404)


@pytest.mark.parametrize("path", ["", "/media"])
def test_a_reader_without_the_right_to_delete_does_not_learn_what_was_deleted(path: str) -> None:
    put("gone", state=State.DELETED)
    answers = [
        refusal(ask(f"{ACCOUNT}/recordings/{one}{path}", method="DELETE", reader="viewer")) for one in ("gone", "never")
    ]
    assert answers == [(403, "authorization-error")] * 2


@pytest.mark.parametrize("parent", ["calls/c-2", "conferences/c-1"])
def test_a_recording_is_not_found_below_another_call_or_conference(parent: str) -> None:
    put(**CALL)
    assert refusal(ask(f"{ACCOUNT}/{parent}/recordings/r-1")) == (404, "validation")


def test_a_limited_reader_sees_only_recordings_of_its_user() -> None:
    put("mine", owner_id="u1", call_id="c-1")
    put("theirs", owner_id="u2", call_id="c-1")
    assert ids(reader="u1") == ["mine"]
    assert ids(f"{ACCOUNT}/calls/c-1/recordings", reader="u1") == ["mine"]
    assert refusal(ask(f"{ACCOUNT}/calls/c-1/recordings/theirs", reader="u1")) == (404, "validation")


# ---- refusals


def test_a_request_without_credentials_gets_a_challenge() -> None:
    response = ask(f"{ACCOUNT}/recordings", headers={})
    assert refusal(response) == (401, "authentication-error")
    assert response.headers["www-authenticate"].startswith("Basic")


def test_an_unknown_path_is_a_404_and_an_unknown_method_a_405() -> None:
    assert refusal(ask("/api/v2/accounts/a1/calls")) == (404, "validation")
    response = ask(f"{ACCOUNT}/recordings", method="POST")
    assert refusal(response) == (405, "validation")
    assert response.headers["allow"] == "GET"


def test_a_request_without_a_request_id_gets_a_refusal_without_one() -> None:
    response = dialects.answer(Request(method="GET", path=f"{ACCOUNT}/recordings"))
    assert content(response)["id"] is None


@pytest.mark.parametrize(("after", "header"), [(None, "5"), (1.2, "2")])
def test_an_unavailable_table_is_a_503_with_retry_after(
    monkeypatch: pytest.MonkeyPatch, after: float | None, header: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UnavailableError("table_unavailable", "down", after)

    monkeypatch.setattr(table, "get", fail)
    response = ask(f"{ACCOUNT}/recordings/r-1")
    assert refusal(response) == (503, "system-overloaded")
    assert response.headers["retry-after"] == header


# ---- tokens

TOKEN = "/api/v1/oauth2/token"
GRANT = b"grant_type=client_credentials"


def test_client_credentials_are_exchanged_for_a_valid_token() -> None:
    put()
    response = ask(TOKEN, method="POST", body=GRANT)
    assert content(response) == {"access_token": "a1.ops", "token_type": "Bearer", "expires_in": 3600}
    assert response.headers["cache-control"] == "no-store"
    bearer = {"authorization": "Bearer a1.ops"}
    assert ids(headers=bearer) == ["r-1"]


def test_client_credentials_may_come_in_the_form() -> None:
    response = ask(TOKEN, method="POST", headers={}, body=GRANT + b"&client_id=a1&client_secret=ops")
    assert content(response)["access_token"] == "a1.ops"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (GRANT, {}, 401, "invalid_client"),
        (GRANT + b"&client_id=a1&client_secret=wrong", {}, 401, "invalid_client"),
        (b"grant_type=password", None, 400, "unsupported_grant_type"),
        (b"\xff", None, 400, "unsupported_grant_type"),
    ],
)
def test_a_token_request_is_refused_as_oauth_specifies(
    body: bytes, headers: dict[str, str] | None, status: int, code: str
) -> None:
    response = ask(TOKEN, method="POST", headers=headers, body=body)
    assert (response.status, content(response)["error"]) == (status, code)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnavailableError("accounts_unavailable", "down"), 503, "server_error"),
        (ConfigurationError("a1", ["provider (missing)"]), 500, "server_error"),
        (KeyError("x"), 500, "server_error"),
    ],
)
def test_a_token_request_fails_if_the_credentials_cannot_be_checked(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(_: Request) -> access.Principal:
        raise error

    monkeypatch.setattr(access, "authenticate", fail)
    response = ask(TOKEN, method="POST", body=GRANT)
    assert (response.status, content(response)["error"]) == (status, code)


def test_a_token_is_requested_by_post_only() -> None:
    response = ask(TOKEN)
    assert (response.status, content(response)["error"]) == (405, "invalid_request")


def test_a_lone_surrogate_does_not_break_a_response() -> None:
    assert responses.text({"text": "half \ud83d"}) == '{"text":"half ?"}'
