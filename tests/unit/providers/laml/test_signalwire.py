"""SignalWire's callbacks and URLs; signatures are in test_signatures."""

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from callvault.errors import ForbiddenError, InvalidRequestError, RejectedError, UnauthenticatedError
from callvault.models import Recording, State
from callvault.providers.laml.signalwire import SignalWire
from callvault.providers.laml.signatures import FORM_SHA1, ORDERED_SHA1, RAW_SHA1, RAW_SHA256
from callvault.web import Request
from tests import samples

CONTRACT = samples.of("signalwire")
COMPLETED = CONTRACT.sample("completed.form").request
KEYS = CONTRACT.parameter["callback"]["signing_keys"]
HEADER = "x-signalwire-signature"
FIELDS = json.loads(CONTRACT.sample("completed.json").request.body)


def provider(**changes: Any) -> SignalWire:
    return SignalWire(CONTRACT.account(**changes))


def read(**changes: Any) -> Recording:
    fields = {name: value for name, value in (FIELDS | changes).items() if value is not None}
    recording = provider().read(replace(COMPLETED, body=urlencode(fields).encode()))
    assert recording is not None
    return recording


def read_json(content: Any) -> Recording | None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return provider().read(replace(COMPLETED, headers={"content-type": "application/json"}, body=body))


def signed(name: str, request: Request = COMPLETED) -> Request:
    """Return a request with its signature under another header."""
    headers = {key: value for key, value in request.headers.items() if key != HEADER}
    return replace(request, headers=headers | {name: request.headers[HEADER]})


def accepts(request: Request, **changes: Any) -> bool:
    try:
        provider(**changes).authenticate(request)
    except ForbiddenError:
        return False
    return True


@pytest.mark.parametrize("name", [HEADER, "x-twilio-signature", "x-signalwire-sha256-signature"])
def test_the_signature_may_be_in_any_of_the_headers(name: str) -> None:
    assert accepts(signed(name))
    assert not accepts(signed("x-other-signature"))


def test_the_hex_schemes_are_accepted_for_every_body() -> None:
    (key,) = provider().account.callback.signing_keys
    message = (COMPLETED.origin + COMPLETED.path).encode() + COMPLETED.body
    for scheme, name in [(RAW_SHA1, HEADER), (RAW_SHA256, "x-signalwire-sha256-signature")]:
        request = replace(COMPLETED, headers={name: scheme.sign(key, message)})
        assert accepts(request)
        assert not accepts(replace(request, body=request.body[:-1]))


def test_a_forwarded_form_is_signed_in_its_order() -> None:
    """SignalWire's validators expect this; for Twilio's, the values would be sorted."""
    url = COMPLETED.origin + COMPLETED.path
    (key,) = provider().account.callback.signing_keys
    signature = ORDERED_SHA1.sign(key, f"{url}A2A1A2".encode())
    assert provider().sign(url, b"A=2&A=1&A=2") == {HEADER: signature, "x-twilio-signature": signature}


def test_one_valid_signature_is_enough() -> None:
    headers = {**COMPLETED.headers, "x-signalwire-sha256-signature": "0" * 64}
    assert accepts(replace(COMPLETED, headers=headers))


def test_keys_may_overlap_while_one_replaces_another() -> None:
    assert accepts(COMPLETED, callback={"signing_keys": ["PSK_old", *KEYS]})
    assert accepts(COMPLETED, callback={"signing_keys": [*KEYS, {"id": "new", "secret": "PSK_new"}]})
    assert not accepts(COMPLETED, callback={"signing_keys": ["PSK_old", "PSK_new"]})


def test_a_configured_token_is_required_in_addition_to_the_signature() -> None:
    callback = {"signing_keys": KEYS, "token": "s3cret"}
    (key,) = provider().account.callback.signing_keys
    path = f"{COMPLETED.path}/s3cret"
    content = "".join(name + str(value) for name, value in sorted(FIELDS.items()))
    headers = {HEADER: FORM_SHA1.sign(key, (COMPLETED.origin + path + content).encode())}
    request = replace(COMPLETED, headers=headers, path=path, parameters=COMPLETED.parameters | {"token": "s3cret"})  # type: ignore[operator]
    assert accepts(request, callback=callback)
    assert not accepts(request)
    assert not accepts(COMPLETED, callback=callback)
    assert not accepts(request, callback={"token": "s3cret"})


def test_configured_basic_credentials_are_required_in_addition_to_the_signature() -> None:
    callback = {"signing_keys": KEYS, "username": "sw", "password": "pa:ss"}
    with pytest.raises(UnauthenticatedError) as caught:
        provider(callback=callback).authenticate(COMPLETED)
    answer = provider().refuse(caught.value)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Basic realm="callvault"')
    basic = "Basic " + base64.b64encode(b"sw:pa:ss").decode()
    assert accepts(replace(COMPLETED, headers={**COMPLETED.headers, "authorization": basic}), callback=callback)


def test_a_refusal_is_an_empty_document_with_a_comment() -> None:
    answer = provider().refuse(ForbiddenError("a <b> --> c"))
    assert (answer.status, answer.headers["content-type"]) == (403, "text/xml")
    assert answer.body == "<Response><!-- forbidden: a &lt;b&gt; - -&gt; c --></Response>"


def test_another_accounts_recording_is_refused() -> None:
    with pytest.raises(ForbiddenError):
        read(AccountSid="b3877c40-da60-4998-90ad-b792e98472ae")


def test_a_callback_without_an_account_id_is_accepted() -> None:
    assert read(AccountSid=None).state is State.PENDING


@pytest.mark.parametrize("name", ["params", "event", "payload", "data"])
@pytest.mark.parametrize("content", [{"record": True}, {"recording_id": "x"}, {"recordingId": "x"}, {"record": {}}])
def test_a_member_that_looks_like_an_envelope_does_not_hide_the_recording(name: str, content: dict[str, Any]) -> None:
    found = read_json(FIELDS | {name: content})
    assert found is not None
    assert (found.recording_id, found.state) == (FIELDS["RecordingSid"], State.PENDING)


@pytest.mark.parametrize("name", ["RecordingSid", "CallSid", "ConferenceSid"])
@pytest.mark.parametrize("value", ["../x", "a/b", "a%2Fb", "a?b", "a#b", "a b", ".", "a\n", "é", "a" * 257])
def test_a_malformed_id_is_refused_with_its_field(name: str, value: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(**{name: value})
    assert caught.value.field == name
    assert name in provider().refuse(caught.value).body


@pytest.mark.parametrize("value", ["RE_test_123", "MOCK_RE_1", "RE" + "0" * 32, "19e436af-5688-4307-b03b-bdb2b42b8142"])
def test_an_id_may_have_any_form_that_is_safe_in_a_path(value: str) -> None:
    assert read(RecordingSid=value).recording_id == value
    assert provider().media_url(read(RecordingSid=value)).endswith(f"/Recordings/{value}.wav")


@pytest.mark.parametrize("name", ["CallSid", "ConferenceSid"])
@pytest.mark.parametrize("value", ["CA_test_123", "0f3c@10.0.0.5", "urn:uuid:1", "a.b~c+d=", "..a"])
def test_the_id_of_a_call_or_conference_may_have_a_new_form(name: str, value: str) -> None:
    recording = read(**{name: value})
    assert value in {recording.call_id, recording.conference_id}


def test_a_recording_without_an_id_is_refused_with_the_field() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(RecordingSid=None)
    assert caught.value.field == "RecordingSid"


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b"\xff"])
def test_malformed_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        read_json(body)


def test_json_without_a_content_type_is_recognized() -> None:
    request = replace(CONTRACT.sample("completed.json").request, headers={})
    recording = provider().read(request)
    assert recording is not None
    assert recording.duration_ms == 94000


def test_a_recording_of_no_length_has_a_duration_only_when_it_is_complete() -> None:
    assert read(RecordingDuration="0").duration_ms == 0
    assert read(RecordingDuration="0", RecordingStatus="in-progress").duration_ms is None
    assert read(RecordingDuration="7", RecordingStatus="in-progress").duration_ms == 7000


def test_caller_and_callee_are_read_if_present() -> None:
    recording = read(From="+15551112222", To="sip:ann@example.com", Direction="Outbound-API")
    assert (recording.caller, recording.callee, recording.direction) == (
        "+15551112222",
        "sip:ann@example.com",
        "outbound",
    )


@pytest.mark.parametrize(
    ("status", "code", "state", "reason"),
    [
        ("completed", "0", State.PENDING, None),
        ("COMPLETED", "", State.PENDING, None),
        ("absent", None, State.ABSENT, "absent"),
        ("absent", "0", State.ABSENT, "absent"),
        ("absent", "16101", State.ABSENT, "16101"),
        ("failed", "", State.ABSENT, "failed"),
        ("failed", "13223", State.ABSENT, "13223"),
        ("paused", None, State.ANNOUNCED, None),
    ],
)
def test_the_status_determines_the_state(status: str, code: str | None, state: State, reason: str | None) -> None:
    recording = read(RecordingStatus=status, ErrorCode=code)
    assert (recording.state, recording.reason) == (state, reason)
    assert "ErrorCode" not in recording.extra


def test_an_error_code_of_a_recording_with_media_is_kept() -> None:
    assert read(ErrorCode="13223").extra["ErrorCode"] == "13223"


ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
OPTIONAL = ["RecordingDuration", "RecordingChannels", "RecordingSource", "ErrorCode", "RecordingStatus", "From", "zoo"]


@hypothesis(deadline=None)
@given(st.dictionaries(st.sampled_from([*OPTIONAL, "RecordingStartTime", "Direction", "RecordingUrl"]), ANYTHING))
def test_no_optional_field_can_reject_a_recording(fields: dict[str, Any]) -> None:
    recording = read_json(FIELDS | fields)
    assert recording is None or recording.recording_id == FIELDS["RecordingSid"]
    assert recording is None or "RecordingUrl" not in recording.extra


def test_the_default_format_is_the_accounts() -> None:
    one = provider(media_format="mp3")
    recording = one.read(COMPLETED)
    assert recording is not None
    assert recording.format == "mp3"
    assert one.media_url(recording).endswith(f"/Recordings/{recording.recording_id}.mp3")
    assert one.media_url(recording.model_copy(update={"format": None})).endswith(".mp3")


def test_a_malformed_id_has_no_media_url() -> None:
    with pytest.raises(RejectedError, match="id"):
        provider().media_url(read().model_copy(update={"recording_id": "../x"}))


@pytest.mark.parametrize("username", ["someone", None])
def test_the_default_user_of_basic_is_the_account(username: str | None) -> None:
    api = {"origin": "https://origin.example.com", "username": username, "password": "PT_test"}
    user = username or CONTRACT.parameter["provider_account_id"]
    source = provider(api=api).source
    assert source.authorization(False) == "Basic " + base64.b64encode(f"{user}:PT_test".encode()).decode()
