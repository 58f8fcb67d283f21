"""Clients of SignalWire and of Twilio go on working against the archive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from callvault import dialects, times
from callvault.errors import ConfigurationError, ForbiddenError, UnavailableError
from callvault.models import Recording, State
from callvault.readers import access, pages
from callvault.storage import table
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

NOW = times.now()
TIME = datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC)
ORIGIN = "https://archive.example.com/prod"
TWILIO, SIGNALWIRE = "/2010-04-01", "/api/laml/2010-04-01"
LIST = f"{TWILIO}/Accounts/AC1/Recordings.json"
PROVIDERS = {"AC1": "twilio", "P-1": "signalwire", "b1": "bandwidth"}
MEDIA = worlds.media(channels=2, duration_ms=4_900)
STORED: dict[str, Any] = {"state": State.VERIFIED, "media": MEDIA}
PART: dict[str, Any] = {"media": MEDIA.model_copy(update={"partial": True})}
CALL: dict[str, Any] = STORED | {
    "provider": "twilio",
    "call_id": "CA1",
    "conference_id": "CF1",
    "caller": "+15551112222",
    "callee": "+15553334444",
    "direction": "inbound",
    "end_time": TIME + timedelta(seconds=5),
    "duration_ms": 4_000,
    "channels": 1,
    "extra": {"RecordingSource": "DialVerb", "RecordingTrack": "both"},
}
META = {"end", "first_page_uri", "next_page_uri", "page", "page_size", "previous_page_uri", "start", "uri"}


@pytest.fixture(autouse=True)
def accounts() -> None:
    readers = worlds.readers(ops={"can_delete": True}, viewer={}, u1={"user_id": "u1"})
    for account_id, provider in PROVIDERS.items():
        worlds.put_account(account_id, provider, readers=readers)


def put(recording_id: str = "RE1", **fields: Any) -> Recording:
    return worlds.put(recording_id, **{"account_id": "AC1", "provider": "twilio", "start_time": TIME, **fields})


def ask(
    path: str = LIST,
    query: Mapping[str, Any] | None = None,
    *,
    raw_query: str = "",
    method: str = "GET",
    account_id: str = "AC1",
    reader: str = "ops",
    headers: Mapping[str, str] | None = None,
) -> Response:
    return dialects.answer(
        Request(
            method=method,
            path=path,
            raw_query=raw_query or urlencode(query or {}),
            headers=worlds.basic_header(account_id, reader) | dict(headers or {}),
            origin=ORIGIN,
        )
    )


def sids(path: str = LIST, query: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    response = ask(path, query, **options)
    assert response.status == 200, response.body
    return [item["sid"] for item in content(response)["recordings"]]


def follow(uri: str) -> Any:
    """Return the page that another one points at."""
    path, _, raw_query = uri.partition("?")
    return content(ask(path, raw_query=raw_query))


def refusal(response: Response) -> tuple[int, int]:
    """Return status and code of a refusal, having checked the rest."""
    members = content(response)
    assert set(members) == {"code", "message", "more_info", "status"}
    assert members["status"] == response.status
    assert members["more_info"].endswith(f"/{members['code']}")
    return response.status, members["code"]


# ---- resources


def test_a_recording_has_twilios_types() -> None:
    put(**CALL)
    document = content(ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1.json"))
    archived, updated = document.pop("archive"), document.pop("date_updated")
    assert document == {
        "sid": "RE1",
        "account_sid": "AC1",
        "api_version": "2010-04-01",
        "call_sid": "CA1",
        "conference_sid": "CF1",
        "date_created": "Wed, 17 Jun 2026 22:19:40 +0000",
        "start_time": "Wed, 17 Jun 2026 22:19:40 +0000",
        "price": None,
        "price_unit": None,
        "source": "DialVerb",
        "encryption_details": None,
        "uri": f"{TWILIO}/Accounts/AC1/Recordings/RE1.json",
        "media_url": f"{ORIGIN}{TWILIO}/Accounts/AC1/Recordings/RE1",
        "subresource_uris": {
            "add_on_results": f"{TWILIO}/Accounts/AC1/Recordings/RE1/AddOnResults.json",
            "transcriptions": f"{TWILIO}/Accounts/AC1/Recordings/RE1/Transcriptions.json",
        },
        "channels": 1,
        "duration": "4",
        "error_code": None,
        "status": "completed",
        "track": "both",
    }
    assert datetime.strptime(updated, "%a, %d %b %Y %H:%M:%S %z") >= NOW.replace(microsecond=0)
    assert (archived["from"], archived["to"], archived["sha256"]) == ("+15551112222", "+15553334444", "ab" * 32)


def test_a_recording_has_signalwires_types() -> None:
    put("19e436af", **CALL | {"account_id": "P-1", "provider": "signalwire"})
    document = content(ask(f"{SIGNALWIRE}/Accounts/P-1/Recordings/19e436af.json", account_id="P-1"))
    assert (
        document
        | {
            "channel": "1",
            "channels": "1",
            "duration": 4,
            "end_time": "Wed, 17 Jun 2026 22:19:45 +0000",
            "trim": None,
            "subresource_uris": {
                "transcriptions": f"{SIGNALWIRE}/Accounts/P-1/Recordings/19e436af/Transcriptions.json"
            },
            "uri": f"{SIGNALWIRE}/Accounts/P-1/Recordings/19e436af.json",
            "media_url": f"{ORIGIN}{SIGNALWIRE}/Accounts/P-1/Recordings/19e436af",
        }
        == document
    )
    assert "track" not in document


@pytest.mark.parametrize(
    ("account_id", "root", "kind"),
    [
        ("P-1", TWILIO, str),
        ("P-1", SIGNALWIRE, str),
        ("AC1", TWILIO, int),
        ("AC1", SIGNALWIRE, int),
        ("b1", TWILIO, int),
        ("b1", SIGNALWIRE, str),
    ],
)
def test_the_accounts_provider_determines_the_types_or_else_the_prefix(account_id: str, root: str, kind: type) -> None:
    put(account_id=account_id, channels=1)
    path = f"{root}/Accounts/{account_id}/Recordings"
    document, envelope = (content(ask(f"{path}{end}.json", account_id=account_id)) for end in ("/RE1", ""))
    assert type(document["channels"]) is kind
    assert document["uri"] == f"{path}/RE1.json"
    assert set(envelope) == META - (set() if kind is int else {"start", "end"}) | {"recordings"}


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ("-0.0025", "-0.0025"),
        (-0.0025, "-0.0025"),
        (0.00001, "0.00001"),
        (0, "0"),
        (True, None),
        (1e300, None),
        ([], None),
    ],
)
def test_the_price_is_text_as_the_resource_has_it(price: Any, shown: str | None) -> None:
    put(extra={"price": price, "price_unit": "USD"})
    document = content(ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1.json"))
    assert (document["price"], document["price_unit"]) == (shown, "USD")


def test_a_duration_of_zero_is_not_null() -> None:
    put(duration_ms=0)
    assert content(ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1.json"))["duration"] == "0"


@pytest.mark.parametrize("root", [TWILIO, SIGNALWIRE])
def test_an_unreported_field_is_null(root: str) -> None:
    put("202401-x@1", provider="kazoo", account_id="b1", start_time=None, extra={"RecordingSource": "not KAZOO's"})
    document = content(ask(f"{root}/Accounts/b1/Recordings/202401-x@1.json", account_id="b1"))
    told = {name for name, value in document.items() if value is not None}
    assert told == {
        "sid", "account_sid", "api_version", "date_created", "date_updated", "status", "uri", "subresource_uris",
        "archive",
    }  # fmt: skip
    assert document["uri"].endswith("/Recordings/202401-x%401.json")


@pytest.mark.parametrize(
    ("fields", "twilio", "signalwire"),
    [
        ({"state": State.ANNOUNCED}, "in-progress", "in-progress"),
        ({"state": State.PENDING}, "processing", "queued"),
        (PART | {"state": State.PENDING}, "completed", "completed"),
        (STORED | {"state": State.PENDING}, "processing", "queued"),  # it was found corrupt, and is fetched again
        (STORED | {"state": State.STORED}, "completed", "completed"),
        ({"state": State.FAILED, "reason": "gone"}, "absent", "absent"),
        ({"state": State.ABSENT, "reason": "absent"}, "absent", "absent"),
    ],
)
def test_a_state_has_the_dialects_status(fields: dict[str, Any], twilio: str, signalwire: str) -> None:
    put(account_id="b1", **fields)
    for root, word in ((TWILIO, twilio), (SIGNALWIRE, signalwire)):
        assert content(ask(f"{root}/Accounts/b1/Recordings/RE1.json", account_id="b1"))["status"] == word


def test_a_reason_that_is_a_number_is_the_error_code() -> None:
    put(account_id="b1", state=State.ABSENT, reason="16101")
    for root, code in ((TWILIO, 16101), (SIGNALWIRE, "16101")):
        assert content(ask(f"{root}/Accounts/b1/Recordings/RE1.json", account_id="b1"))["error_code"] == code


def test_measured_values_fill_missing_fields() -> None:
    put(**STORED)
    document = content(ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1.json"))
    assert (document["duration"], document["channels"]) == ("4", 2)


# ---- audio


@pytest.mark.parametrize(
    ("end", "accept", "status"),
    [
        (".wav", "", 302),
        (".mp3", "", 404),
        ("", "", 302),
        ("", "*/*", 302),
        ("", "text/html,*/*;q=0.8", 302),
        ("", "audio/wav, application/json", 302),
        ("", "application/json", 200),
        (".json", "audio/wav", 200),
        (".wav", "application/json", 302),
    ],
)
def test_the_extension_selects_the_format_or_else_accept(end: str, accept: str, status: int) -> None:
    put(**STORED)
    response = ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1{end}", headers={"accept": accept})
    assert response.status == status


def test_media_url_leads_to_the_audio() -> None:
    for recording_id in ("RE1", "call.wav", "a b"):
        put(recording_id, **STORED)
        uri = f"{TWILIO}/Accounts/AC1/Recordings/{recording_id}.json"
        parts = urlsplit(content(ask(uri))["media_url"])
        response = ask(parts.path.removeprefix("/prod").replace("%20", " "))
        assert response.status == 302
        query = parse_qs(urlsplit(response.headers["location"]).query)
        assert query["versionId"] == ["v1"]
        assert query["response-content-disposition"][0].startswith("inline")


def test_another_format_than_the_archived_one_is_not_found() -> None:
    media = MEDIA.model_copy(update={"content_type": "audio/mpeg"})
    put(**STORED | {"media": media})
    assert ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1.mp3").status == 302
    response = ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1.wav")
    assert refusal(response) == (404, 20404)
    assert "archived as mp3 and not as wav" in content(response)["message"]


@pytest.mark.parametrize("end", ["", ".wav", ".mp3"])
def test_audio_of_a_recording_without_audio_is_not_found(end: str) -> None:
    put(format="mp3")
    assert refusal(ask(f"{TWILIO}/Accounts/AC1/Recordings/RE1{end}")) == (404, 20404)


# ---- lists


@pytest.mark.parametrize("root", [TWILIO, SIGNALWIRE])
@pytest.mark.parametrize("end", ["", ".json"])
def test_an_account_a_call_and_a_conference_have_lists(root: str, end: str) -> None:
    put("old", call_id="CA1", start_time=TIME - timedelta(days=400))
    put("new", conference_id="CF1")
    put("both", call_id="CA1", conference_id="CF1", start_time=TIME - timedelta(minutes=1))
    base = f"{root}/Accounts/AC1"
    assert sids(f"{base}/Recordings{end}") == ["new", "both", "old"]
    assert sids(f"{base}/Calls/CA1/Recordings{end}") == ["both", "old"]
    assert sids(f"{base}/Conferences/CF1/Recordings{end}") == ["new", "both"]
    assert sids(f"{base}/Recordings{end}", {"CallSid": "CA1"}) == ["both", "old"]
    assert sids(f"{base}/Recordings{end}", {"CallSid": "CA1", "ConferenceSid": "CF1"}) == ["both"]
    assert sids(f"{base}/Recordings{end}", {"CallSid": "CA2"}) == []


def test_a_list_is_read_page_by_page_in_both_directions() -> None:
    for number in range(7):
        put(f"RE{number}", call_id="CA1", start_time=TIME + timedelta(minutes=number))
    query = {"PageSize": 3, "CallSid": "CA1", "DateCreated>": "2026-06-17", "nonce": 1}
    first = content(ask(query=query))
    assert first["previous_page_uri"] is None
    assert first["first_page_uri"].startswith(f"{LIST}?DateCreated%3E=2026-06-17&CallSid=CA1&PageSize=3&Page=0")
    assert (first["page"], first["page_size"], first["start"], first["end"]) == (0, 3, 0, 2)
    second = follow(first["next_page_uri"])
    third = follow(second["next_page_uri"])
    assert third["next_page_uri"] is None
    assert (third["page"], third["start"], third["end"]) == (2, 6, 6)
    pages = [[item["sid"] for item in page["recordings"]] for page in (first, second, third)]
    assert pages == [["RE6", "RE5", "RE4"], ["RE3", "RE2", "RE1"], ["RE0"]]
    back = follow(third["previous_page_uri"])
    assert back["recordings"] == second["recordings"]
    assert follow(back["next_page_uri"])["recordings"] == third["recordings"]
    assert follow(back["previous_page_uri"])["recordings"] == first["recordings"]
    assert follow(follow(back["previous_page_uri"])["first_page_uri"]) == content(ask(raw_query=first_query(first)))


def first_query(page: dict[str, Any]) -> str:
    return str(urlsplit(page["first_page_uri"]).query)


def test_a_previous_page_whose_recordings_were_deleted_is_empty() -> None:
    put("RE1", call_id="CA1")
    put("RE2", call_id="CA1", start_time=TIME + timedelta(minutes=1))
    second = follow(content(ask(query={"PageSize": 1, "CallSid": "CA1"}))["next_page_uri"])
    table_row = table.get("AC1", "RE2")
    assert table_row is not None
    table.put(table_row.model_copy(update={"state": State.DELETED}), "gone", known=table_row)
    back = follow(second["previous_page_uri"])
    assert back["recordings"] == []
    assert follow(back["next_page_uri"])["recordings"] == second["recordings"]


def test_a_list_has_its_uri_and_no_history() -> None:
    put(**CALL)
    envelope = content(ask(query={"CallSid": "CA1"}))
    assert envelope["uri"] == f"{LIST}?CallSid=CA1"
    assert "history" not in envelope["recordings"][0]["archive"]
    assert content(ask(f"{TWILIO}/Accounts/AC1/Calls/x y/Recordings"))["uri"].endswith("/Calls/x%20y/Recordings")


def test_a_page_ends_before_it_becomes_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 1)
    put("RE1", call_id="CA1")
    put("RE2", call_id="CA1", start_time=TIME + timedelta(minutes=1))
    first = content(ask(query={"CallSid": "CA1"}))
    assert [item["sid"] for item in first["recordings"]] == ["RE2"]
    assert [item["sid"] for item in follow(first["next_page_uri"])["recordings"]] == ["RE1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"DateCreated": "2026-06-17"}, ["second", "first"]),
        ({"DateCreated": "2026-06-17T08:00:00Z"}, ["second", "first"]),
        ({"DateCreated": "Wed, 17 Jun 2026 08:00:00 +0000"}, ["second", "first"]),
        ({"DateCreated<": "2026-06-17"}, ["before"]),
        ({"DateCreated>": "2026-06-17"}, ["after", "second", "first"]),
        ({"DateCreated>": "2026-06-17", "DateCreated<": "2026-06-18"}, ["second", "first"]),
        ({"DateCreated<": "2026-06-17T22:19:40Z"}, ["first", "before"]),
        ({"DateCreated>": "2026-06-17T22:19:40Z"}, ["after", "second", "first"]),
        ({"DateCreated<": "Wed, 17 Jun 2026 22:19:41 +0000"}, ["second", "first", "before"]),
        ({"DateCreated": "2026-06-17", "DateCreated>": "2026-06-17T22:19:41Z"}, ["second"]),
        ({"DateCreated>": ""}, ["after", "second", "first", "before"]),
        ({"DateCreated<": "0001-01-01"}, []),
        ({"DateCreated": "9999-12-31"}, []),
    ],
)
def test_dates_have_many_formats(query: dict[str, str], found: list[str]) -> None:
    put("before", start_time=datetime(2026, 6, 16, 23, 59, 59, tzinfo=UTC))
    put("first")
    put("second", start_time=TIME + timedelta(seconds=1))
    put("after", start_time=datetime(2026, 6, 18, 0, 0, 1, tzinfo=UTC))
    assert sids(query=query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"DateCreated": "yesterday"},
        {"DateCreated<": "2026-13-01"},
        {"DateCreated>": "x"},
        {"PageSize": "0"},
        {"PageSize": "-1"},
        {"PageSize": "many"},
        {"PageSize": "1" * 5000},
        {"Page": "1"},
        {"Page": "x"},
        {"PageToken": "garbage"},
        {"PageToken": "PAgarbage"},
        {"PageToken": "PB"},
    ],
)
def test_an_invalid_parameter_is_named(query: dict[str, str]) -> None:
    response = ask(query=query)
    assert refusal(response) == (400, 20001)
    (name,) = query
    expected = "PageToken" if query == {"Page": "1"} else "oken" if name == "PageToken" else name
    assert expected in content(response)["message"]
    assert refusal(ask(f"{SIGNALWIRE}/Accounts/AC1/Recordings", query=query)) == (400, 10000)


def test_a_page_is_never_larger_than_a_thousand() -> None:
    assert content(ask(query={"PageSize": 5000, "CallSid": "CA1"}))["page_size"] == 1000


def test_a_page_token_is_valid_for_its_list_only() -> None:
    for number in range(2):
        put(f"RE{number}", call_id="CA1", conference_id="CF1", start_time=TIME + timedelta(minutes=number))
    query = {"PageSize": 1, "CallSid": "CA1"}
    following = content(ask(query=query))["next_page_uri"]
    token = parse_qs(urlsplit(following).query)["PageToken"][0]
    for other in ({"ConferenceSid": "CF1"}, {"CallSid": "CA1", "DateCreated>": "2026-06-01"}):
        assert refusal(ask(query={"PageSize": 1, "PageToken": token} | other)) == (400, 20001)
    assert refusal(ask(query=query | {"PageToken": token}, reader="u1")) == (400, 20001)
    assert sids(query=query | {"PageToken": token}) == ["RE0"]
    assert sids(f"{SIGNALWIRE}/Accounts/AC1/Recordings", query | {"PageToken": token}) == ["RE0"]


# ---- access and removal


@pytest.mark.parametrize("end", ["", ".json"])
@pytest.mark.parametrize("parent", ["", "/Calls/CA1", "/Conferences/CF1"])
def test_a_deleted_recording_is_not_found(parent: str, end: str) -> None:
    put(**CALL)
    path = f"{TWILIO}/Accounts/AC1{parent}/Recordings/RE1"
    response = ask(path + end, method="DELETE")
    assert (response.status, response.body) == (204, "")
    assert refusal(ask(f"{path}.json")) == (404, 20404)
    assert sids(query={"CallSid": "CA1", "IncludeSoftDeleted": "true"}) == []


def test_a_reader_without_the_right_to_delete_is_forbidden() -> None:
    put(**CALL)
    path = f"{TWILIO}/Accounts/AC1/Recordings/RE1.json"
    assert refusal(ask(path, method="DELETE", reader="viewer")) == (403, 20403)
    assert ask(path, reader="viewer").status == 200


@pytest.mark.parametrize("parent", ["Calls/CA2", "Conferences/CA1"])
def test_a_recording_is_not_found_below_another_call_or_conference(parent: str) -> None:
    put(**CALL)
    assert refusal(ask(f"{TWILIO}/Accounts/AC1/{parent}/Recordings/RE1.json")) == (404, 20404)


def test_a_limited_reader_sees_only_recordings_of_its_user() -> None:
    put("mine", owner_id="u1", call_id="CA1")
    put("theirs", owner_id="u2", call_id="CA1")
    assert sids(reader="u1") == ["mine"]
    assert sids(query={"CallSid": "CA1"}, reader="u1") == ["mine"]
    assert refusal(ask(f"{TWILIO}/Accounts/AC1/Recordings/theirs.json", reader="u1")) == (404, 20404)


def test_a_refusal_of_unknown_credentials_has_a_challenge() -> None:
    response = ask(reader="nobody")
    assert refusal(response) == (401, 20003)
    assert content(response)["message"] == "Authenticate"
    assert response.headers["www-authenticate"].startswith("Basic")


def test_an_unknown_path_is_a_404_and_an_unknown_method_a_405() -> None:
    response = ask(f"{TWILIO}/Accounts/AC1/Calls.json")
    assert refusal(response) == (404, 20404)
    assert f"The requested resource {TWILIO}/Accounts/AC1/Calls.json was not found" in content(response)["message"]
    response = ask(method="POST")
    assert refusal(response) == (405, 20004)
    assert response.headers["allow"] == "GET"
    assert content(ask("/api/laml/x"))["more_info"] == "https://www.signalwire.com/docs/errors/20404"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ForbiddenError("no"), (403, 20403)),
        (UnavailableError("table_unavailable", "down"), (503, 20503)),
        (ConfigurationError("AC1", ["provider (missing)"]), (500, 20500)),
    ],
)
def test_an_error_has_its_code(monkeypatch: pytest.MonkeyPatch, error: Exception, expected: tuple[int, int]) -> None:
    def fail(_: Request) -> access.Principal:
        raise error

    monkeypatch.setattr(access, "authenticate", fail)
    assert refusal(ask()) == expected


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ({"From": "+15551112222"}, "From"),
        ({"callsid": "CA1", "DateCreated>": "2026-01-01"}, "callsid"),
        ({"DateCreatedAfter": "2026-01-01", "PageSize": "5"}, "DateCreatedAfter"),
        ({"IncludeSoftDeleted": "true"}, "IncludeSoftDeleted"),
    ],
)
@pytest.mark.parametrize(
    "path", [LIST, f"{TWILIO}/Accounts/AC1/Calls/CA1/Recordings", f"{SIGNALWIRE}/Accounts/AC1/Recordings"]
)
def test_a_parameter_that_a_list_does_not_know_is_named(path: str, query: dict[str, str], ignored: str) -> None:
    put(call_id="CA1")
    response = ask(path, query)
    assert response.status == 200
    assert response.headers["warning"] == f'299 callvault "Ignored parameters: {ignored}"'
    assert content(response).keys() <= META | {"recordings"}


@pytest.mark.parametrize(
    ("path", "query", "ignored"),
    [
        (LIST, "CallSid=CA1&CallSid=CA2", "CallSid"),
        (LIST, "DateCreated%3E=2026-01-01&DateCreated%3E=2027-01-01", "DateCreated>"),
        (f"{TWILIO}/Accounts/AC1/Calls/CA1/Recordings", "CallSid=CA2", "CallSid"),
        (f"{TWILIO}/Accounts/AC1/Conferences/CF1/Recordings", "ConferenceSid=CF2", "ConferenceSid"),
        (f"{TWILIO}/Accounts/AC1/Calls/CA1/Recordings", "CallSid=CA1", None),
    ],
)
def test_a_value_that_a_list_does_not_use_is_named(path: str, query: str, ignored: str | None) -> None:
    request = Request(method="GET", path=path, raw_query=query, headers=worlds.basic_header("AC1", "ops"))
    response = dialects.answer(request)
    assert response.status == 200
    assert response.headers.get("warning") == (ignored and f'299 callvault "Ignored parameters: {ignored}"')


def test_a_list_whose_parameters_are_known_has_no_warning() -> None:
    known = {"Page": "0", "PageSize": "9", "DateCreated": "2026-06-17", "CallSid": "CA1", "IncludeSoftDeleted": "false"}
    assert "warning" not in ask(query=known).headers
