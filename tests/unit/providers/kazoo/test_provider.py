"""KAZOO's webhooks in all forms, and Crossbar, its API."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import times, transport
from callvault.errors import ForbiddenError, InvalidRequestError, RejectedError, UnauthenticatedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.kazoo import documents, webhooks
from callvault.providers.kazoo.provider import Kazoo
from callvault.web import Request
from tests import samples
from tests.captures import ACCOUNT_ID, OWNER_ID, document_id
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import API_KEY, Crossbar

unhurried = settings(deadline=None)
CONTRACT = samples.of("kazoo")
RECORDING_ID = document_id(0x80)
DOCUMENT = json.loads((samples.EVENTS / "kazoo" / "crossbar" / "recording.json").read_text())["data"]
HOOK_KEY = "hook-key"
SIGNED_AT = 63871672901
JSON = {"content-type": "application/json"}


ARRIVED = datetime.fromtimestamp(SIGNED_AT - times.GREGORIAN_EPOCH, UTC)


def hook(name: str = "object_v2_doc_edited.json") -> Request:
    return replace(CONTRACT.sample(name).request, arrived=ARRIVED)


def post(payload: object) -> Request:
    return Request(method="POST", path="/", headers=JSON, body=json.dumps(payload).encode())


def read(**changes: Any) -> Recording | None:
    payload = json.loads(hook("object_doc_edited.json").body)
    return Kazoo(CONTRACT.account()).read(post(payload | changes))


def signed(payload: dict[str, Any], seconds: int = SIGNED_AT, data: bytes | None = None) -> Request:
    mac = webhooks.sign(HOOK_KEY, seconds, data or webhooks.canonical(payload["data"])).decode()
    return replace(hook(), body=json.dumps(payload | {"hmac": mac}).encode())


def payload_of(request: Request) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.body)
    return content


def with_key(**callback: str) -> Kazoo:
    return Kazoo(CONTRACT.account(callback={"hmac_key": HOOK_KEY, **callback}))


WITHOUT_TOKEN = {"provider": "kazoo", "account_id": ACCOUNT_ID}


def test_a_webhook_signed_by_kazoo_is_accepted() -> None:
    with_key().authenticate(replace(hook(), parameters=WITHOUT_TOKEN))
    with_key(token="s3cret").authenticate(hook())


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_the_signature_may_be_one_second_off(shift: int) -> None:
    payload = payload_of(hook())
    with_key(token="s3cret").authenticate(signed(payload, payload["timestamp"] + shift))


@pytest.mark.parametrize("shift", [-2, 2, 3600])
def test_the_signature_may_not_be_further_off(shift: int) -> None:
    payload = payload_of(hook())
    with pytest.raises(ForbiddenError, match="wrong"):
        with_key(token="s3cret").authenticate(signed(payload, payload["timestamp"] + shift))


def test_the_text_of_data_in_the_body_is_signed() -> None:
    body = (
        b' { "action":"event","timestamp" : 63871672901 ,"data" : { "b" : 1.50, "a":"\\u00e9\\/" } , "hmac" : "%s" } '
    )
    mac = webhooks.sign(HOOK_KEY, SIGNED_AT, b'{ "b" : 1.50, "a":"\\u00e9\\/" }')
    with_key(token="s3cret").authenticate(replace(hook(), body=body % mac))


def test_a_rewritten_body_is_verified_by_its_canonical_data() -> None:
    payload = payload_of(hook())
    canonical = webhooks.canonical(payload["data"])
    assert canonical in hook().body
    turned = {"data": dict(reversed(payload["data"].items()))}
    with_key(token="s3cret").authenticate(signed(payload | turned, SIGNED_AT, canonical))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_body_in_another_encoding_is_verified_by_its_canonical_data(encoding: str) -> None:
    request = signed(payload_of(hook()))
    with_key(token="s3cret").authenticate(replace(request, body=request.body.decode().encode(encoding)))
    forged = request.body.decode().replace("call_recording", "call_recordinG").encode(encoding)
    with pytest.raises(ForbiddenError, match="wrong"):
        with_key(token="s3cret").authenticate(replace(request, body=forged))


@pytest.mark.parametrize(
    "change",
    [
        {"hmac": "x"},
        {"hmac": "é"},
        {"hmac": None},
        {"timestamp": None},
        {"timestamp": "soon"},
        {"data": {}},
        {"data": 1},
        {"action": "doc_edited"},
        {"action": None},
    ],
)
def test_any_change_invalidates_a_signature(change: dict[str, Any]) -> None:
    body = json.dumps(payload_of(hook()) | change).encode()
    with pytest.raises(ForbiddenError):
        with_key(token="s3cret").authenticate(replace(hook(), body=body))


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"hmac":"x","timestamp":1', b'{"hmac":"x","timestamp":1}'])
def test_a_body_that_is_not_a_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(ForbiddenError):
        with_key(token="s3cret").authenticate(replace(hook(), body=body))


@pytest.mark.parametrize("name", ["object_doc_edited.json", "object_doc_edited.form", "object_doc_edited.query"])
def test_with_a_key_a_version_1_webhook_is_refused_despite_other_secrets(name: str) -> None:
    with pytest.raises(ForbiddenError):
        with_key(token="s3cret").authenticate(hook(name))


NOT_SIGNED: list[dict[str, Any]] = [
    {"id": document_id(0x99)},
    {"type": "user"},
    {"account_id": "f" * 32},
    {"database": "account/ff/ff/x"},
    {"is_soft_deleted": True},
    {"name": "doc_created"},
    {"start": 1},
    {"owner_id": "mallory"},
]


@pytest.mark.parametrize("added", NOT_SIGNED)
def test_of_a_signed_webhook_only_what_is_signed_is_believed(added: dict[str, Any]) -> None:
    request = signed(payload_of(hook()))
    changed = replace(request, body=json.dumps(payload_of(request) | added).encode())
    with_key(token="s3cret").authenticate(changed)
    assert with_key(token="s3cret").read(changed) == with_key(token="s3cret").read(request)


def test_an_id_that_is_not_signed_is_missing() -> None:
    payload = payload_of(hook())
    data = {"type": "call_recording", "rev": "2-a"}
    with pytest.raises(InvalidRequestError, match="id is missing"):
        with_key(token="s3cret").read(signed(payload | {"data": data, "id": document_id(0x99)}))


@pytest.mark.parametrize(("rev", "state"), [("1-a", State.ANNOUNCED), ("2-a", State.PENDING), ("12-a", State.PENDING)])
@pytest.mark.parametrize("name", ["doc_created", "doc_edited"])
def test_the_signed_revision_tells_a_new_document_from_an_edited_one(rev: str, state: State, name: str) -> None:
    payload = payload_of(hook())
    recording = with_key(token="s3cret").read(signed(payload | {"name": name, "data": payload["data"] | {"rev": rev}}))
    assert recording is not None
    assert recording.state is state


def test_a_signed_webhook_of_another_name_is_ignored() -> None:
    assert with_key(token="s3cret").read(signed(payload_of(hook()) | {"name": "doc_deleted"})) is None


@pytest.mark.parametrize("action", ["doc_edited", "event"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_signed_part_of_a_body_vouches_for_no_other_fields(method: str, action: str) -> None:
    captured = payload_of(signed(payload_of(hook())))
    fields = {
        "hmac": captured["hmac"],
        "timestamp": captured["timestamp"],
        "action": action,
        "type": "call_recording",
        "id": document_id(0x99),
        "data[type]": "call_recording",
        "data[id]": document_id(0x99),
    }
    body = b'{"data":' + webhooks.canonical(captured["data"]) + b"}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    forged = replace(hook(), method=method, headers=headers, raw_query=urlencode(fields), body=body)
    if method == "POST":
        forged = replace(forged, body=body + b"&" + urlencode(fields).encode())
    with pytest.raises(ForbiddenError):
        with_key(token="s3cret").authenticate(forged)


@pytest.mark.parametrize(
    ("shift", "accepted"),
    [({"hours": 23}, True), ({"hours": -23}, True), ({"hours": 25}, False), ({"days": -2}, False)],
)
def test_a_signature_is_accepted_for_a_day(shift: dict[str, float], accepted: bool) -> None:  # noqa: FBT001
    request = replace(hook(), arrived=ARRIVED + timedelta(**shift))
    if accepted:
        with_key(token="s3cret").authenticate(request)
    else:
        with pytest.raises(ForbiddenError, match="too old"):
            with_key(token="s3cret").authenticate(request)


def test_with_a_key_the_other_secrets_are_required_too() -> None:
    with pytest.raises(ForbiddenError):
        with_key(token="another").authenticate(hook())
    with pytest.raises(UnauthenticatedError):
        with_key(username="u", password="p").authenticate(replace(hook(), parameters=WITHOUT_TOKEN))


@unhurried
@given(
    st.binary(max_size=200), st.sampled_from([b"", b'{"data":', b'{"a":1,"data":{"b":2}', b'{"a"', b'{"a":[1,"data",'])
)
def test_any_body_is_verified_or_refused(tail: bytes, head: bytes) -> None:
    with pytest.raises(ForbiddenError):
        with_key(token="s3cret").authenticate(replace(hook(), body=head + tail))


def test_the_signature_of_a_get_does_not_cover_a_body() -> None:
    query = replace(hook(), method="GET", raw_query="hmac=x&timestamp=63871672901", body=b'{"data": 1, "b')
    with pytest.raises(ForbiddenError):
        with_key(token="s3cret").authenticate(query)


def test_a_version_2_webhook_may_be_a_form() -> None:
    form = "action=event&name=doc_edited&timestamp=1&data[id]=202401-1&data[type]=call_recording&data[doc][from]=x"
    recording = Kazoo(CONTRACT.account()).read(Request(method="PUT", path="/", body=form.encode()))
    assert recording is not None
    assert (recording.recording_id, recording.state) == ("202401-1", State.PENDING)


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "f" * 32},
        {"database": f"account/ff/ff/{'f' * 28}-202401"},
        {"database": f"account{'f' * 32}"},
    ],
)
def test_another_accounts_recording_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ForbiddenError):
        read(**changes)
    data = {"data": payload_of(hook())["data"] | changes}
    with pytest.raises(ForbiddenError):
        Kazoo(CONTRACT.account()).read(post(payload_of(hook()) | data))


def test_a_webhook_without_an_account_id_is_accepted() -> None:
    assert read(account_id=None) is not None


@pytest.mark.parametrize("recording_id", [None, "", 7, "../x", "9d6e7a3f", "202401-", "202401-a/b", "202401-a\n"])
def test_a_malformed_document_id_is_refused(recording_id: object) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(id=recording_id)
    assert caught.value.field == "id"


def test_fields_of_custom_data_are_kept() -> None:
    recording = read(auth_user_id=OWNER_ID, tag="claims", empty="", nothing=None)
    assert recording is not None
    assert recording.tag == "claims"
    assert recording.extra["auth_user_id"] == OWNER_ID
    assert not {"empty", "nothing", "type", "action", "id", "account_id"} & set(recording.extra)


def described(**changes: Any) -> Recording:
    return documents.read(CONTRACT.account(), RECORDING_ID, State.PENDING, DOCUMENT | changes)


def test_a_document_has_all_fields_of_a_recording() -> None:
    kept = [
        "description",
        "content_type",
        "media_source",
        "source_type",
        "request",
        "caller_id_name",
        "caller_id_number",
        "callee_id_name",
        "callee_id_number",
        "cdr_id",
        "interaction_id",
        "origin",
        "custom_channel_vars",
    ]
    assert described() == Recording(
        account_id=ACCOUNT_ID,
        recording_id=RECORDING_ID,
        provider="kazoo",
        state=State.PENDING,
        call_id="0f3c2b1a-80@10.0.0.5",
        caller="1000@acct.example.com",
        callee="+15551234567@acct.example.com",
        direction="inbound",
        owner_id=OWNER_ID,
        start_time=times.read("2024-01-05T11:20:00Z"),
        duration_ms=1440,
        format="mp3",
        name="f00dfeedf00dfeedf00dfeedf00dfe80.mp3",
        extra={name: DOCUMENT[name] for name in kept},
    )


def test_a_url_that_may_have_credentials_is_not_kept() -> None:
    assert "p4ss" in DOCUMENT["url"]
    nested = {"custom_channel_vars": {"url": "https://u:p4ss@x", "list": [{"url": "p4ss", "a": 1}]}}
    recording = described(**nested, pvt_attachments={"x": "p4ss"}, _attachments="p4ss")
    assert "p4ss" not in recording.model_dump_json()
    assert recording.extra["custom_channel_vars"] == {"list": [{"a": 1}]}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"media_type": ".mp3"}, "mp3"),
        ({"media_type": "wav"}, "wav"),
        ({"media_type": "", "name": "a..WAV"}, "wav"),
        ({"media_type": None, "name": "claim 4711", "content_type": "audio/x-wav; rate=8000"}, "wav"),
        ({"media_type": "mp4"}, "mp4"),
        ({"media_type": None, "name": None, "content_type": "video/mp4"}, "mp4"),
        ({"media_type": "ogg", "name": "a.ogg", "content_type": "audio/ogg"}, None),
        ({"media_type": 3, "name": None, "content_type": 4}, None),
    ],
)
def test_the_format_is_read_from_types_extensions_and_names(changes: dict[str, Any], found: str | None) -> None:
    assert described(**changes).format == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (63871672800, "2024-01-05T11:20:00Z"),
        ("63871672800", "2024-01-05T11:20:00Z"),
        (62_167_219_200, "1970-01-01T00:00:00Z"),
        (1_704_453_600, None),
        (999_999_999_999_999, None),
        (-1, None),
        ("", None),
        ("soon", None),
        (63871672800.5, None),
    ],
)
def test_times_are_gregorian_seconds(value: object, found: str | None) -> None:
    assert documents.gregorian(value) == times.read(found)


def test_whole_seconds_are_used_without_milliseconds() -> None:
    assert described(duration_ms=None).duration_ms == 1000
    assert described(duration_ms=None, duration=None).duration_ms is None
    assert described(duration_ms="long").extra["duration_ms"] == "long"


def test_values_beyond_the_maximum_size_are_left_out() -> None:
    recording = described(huge="x" * 70_000, after="kept", owner_id="o" * 600)
    assert "huge" not in recording.extra
    assert recording.extra["after"] == "kept"
    assert (recording.owner_id, recording.extra["owner_id"]) == (None, "o" * 600)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@unhurried
@given(st.dictionaries(st.sampled_from([*DOCUMENT, "tag", "conference_id", "zoo"]), VALUES))
def test_no_field_of_a_document_rejects_a_recording(changes: dict[str, Any]) -> None:
    assert described(**changes).recording_id == RECORDING_ID


@pytest.fixture
def crossbar() -> Iterator[Crossbar]:
    with kazoo_api.Crossbar() as running:
        yield running


def provider(crossbar: Crossbar, **api: str) -> Kazoo:
    return Kazoo(CONTRACT.account(api={"origin": crossbar.origin, "api_key": API_KEY, **api}))


def known(recording_id: str = RECORDING_ID) -> Recording:
    return Recording(account_id=ACCOUNT_ID, recording_id=recording_id, provider="kazoo", state=State.PENDING)


def listen(one: Kazoo, recording: Recording) -> bytes:
    with transport.download(one.source, one.media_url(recording)) as response:
        return response.read()


@pytest.mark.loopback
def test_crossbar_describes_a_recording(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    assert provider(crossbar).describe(known()) == described()


@pytest.mark.loopback
def test_one_url_has_the_audio_and_the_document(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, b"RIFF....WAVE").content_type = "audio/x-wav"
    assert listen(provider(crossbar), known()) == b"RIFF....WAVE"


@pytest.mark.loopback
def test_a_token_is_reused_and_replaced_after_a_refusal(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, b"audio")
    one = provider(crossbar)
    for _ in range(2):
        one.describe(known())
        listen(one, known())
    assert [asked.path for asked in crossbar.state.asked].count("/v2/api_auth") == 1
    crossbar.expire()
    one.describe(known())
    crossbar.expire()
    assert listen(one, known()) == b"audio"
    assert [asked.path for asked in crossbar.state.asked].count("/v2/api_auth") == 3


@pytest.mark.loopback
def test_no_url_has_a_token_or_a_key(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, b"audio")
    listen(provider(crossbar), known())
    assert {asked.path for asked in crossbar.state.asked} == {
        "/v2/api_auth",
        f"/v2/accounts/{ACCOUNT_ID}/recordings/{RECORDING_ID}",
    }


@pytest.mark.loopback
def test_audio_that_is_not_stored_yet_is_unavailable(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    with pytest.raises(UnavailableError) as caught:
        listen(provider(crossbar), known())
    assert caught.value.reason == "http_404"


@pytest.mark.loopback
def test_a_document_that_does_not_exist_yet_is_unavailable(crossbar: Crossbar) -> None:
    with pytest.raises(UnavailableError) as caught:
        provider(crossbar).describe(known())
    assert caught.value.reason == "http_404"


@pytest.mark.loopback
def test_a_wrong_key_gets_no_token(crossbar: Crossbar) -> None:
    with pytest.raises(UnavailableError) as caught:
        provider(crossbar, api_key="wrong").describe(known())
    assert caught.value.reason == "no_token"


def answer_oddly(monkeypatch: pytest.MonkeyPatch, auth: bytes, document: bytes) -> None:
    """Let Crossbar give an answer that it is not documented to give."""
    bodies = {"PUT": auth, "GET": document}

    def call(method: str, *_: str, **__: Any) -> transport.Answer:
        return transport.Answer(status=200, headers=urllib3.HTTPHeaderDict(), body=bodies[method])

    monkeypatch.setattr(transport, "call", call)


@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b"{}", b'{"data":[]}', b'{"data":null}'])
def test_an_answer_without_a_document_is_unavailable(monkeypatch: pytest.MonkeyPatch, document: bytes) -> None:
    answer_oddly(monkeypatch, b'{"auth_token":"t"}', document)
    with pytest.raises(UnavailableError) as caught:
        Kazoo(CONTRACT.account()).describe(known())
    assert caught.value.reason == "no_document"


@pytest.mark.parametrize(
    "auth", [b"", b"{}", b'{"auth_token":7}', b'{"auth_token":"a\\nb"}', '{"auth_token":"é"}'.encode()]
)
def test_an_answer_without_a_token_is_unavailable(monkeypatch: pytest.MonkeyPatch, auth: bytes) -> None:
    answer_oddly(monkeypatch, auth, b"")
    with pytest.raises(UnavailableError) as caught:
        Kazoo(CONTRACT.account()).describe(known())
    assert caught.value.reason == "no_token"


@pytest.mark.parametrize("recording_id", ["000000", "../202401-1", "202401-a?b", ""])
def test_a_malformed_document_id_has_no_url(recording_id: str) -> None:
    with pytest.raises(RejectedError):
        Kazoo(CONTRACT.account()).media_url(known(recording_id))


@pytest.mark.parametrize("api", [None, {"origin": "https://pbx.example.com"}])
def test_an_account_without_a_key_is_unavailable(api: dict[str, str] | None) -> None:
    with pytest.raises(UnavailableError, match="no api"):
        Kazoo(CONTRACT.account(api=api)).describe(known())


@pytest.mark.parametrize("recording_id", ["٢٠٢٤٠١-" + "0" * 32, "\uff12\uff10\uff12\uff14\uff10\uff11-" + "0" * 32])
def test_a_document_id_has_only_ascii_digits(recording_id: str) -> None:
    with pytest.raises(RejectedError):
        Kazoo(CONTRACT.account()).media_url(
            Recording(account_id="a", recording_id=recording_id, provider="kazoo", state=State.PENDING)
        )


@pytest.mark.parametrize("secrets", [{"token": "s3cret"}, {"username": "u", "password": "p"}])
def test_the_query_is_believed_only_without_an_hmac_key(secrets: dict[str, str]) -> None:
    assert Kazoo(CONTRACT.account(callback=secrets)).believes_query()
    assert not Kazoo(CONTRACT.account(callback=secrets | {"hmac_key": "k"})).believes_query()


def test_media_of_kazoo_is_never_encrypted() -> None:
    recording = read()
    assert recording is not None
    assert not Kazoo(CONTRACT.account()).is_encrypted(recording)
