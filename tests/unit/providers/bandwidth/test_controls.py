"""Recordings are paused and resumed at Bandwidth; other commands are refused with BXML."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from callvault.errors import NotFoundError, UnavailableError, UnprocessableError
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.providers.commands import Forward, Outcome, Start, Update
from tests import worlds
from tools.local.faults.replies import Reply
from tools.local.providers import call_apis
from tools.local.providers.call_apis import Calls

BASE = "https://calls.example.com"
CALL = "c-15ac29a2-1331029c"


@pytest.fixture
def calls() -> Iterator[Calls]:
    with call_apis.Calls() as running:
        running.live = {CALL}
        yield running


def provider(origin: str = "https://voice.example.com", **changes: Any) -> Bandwidth:
    api = worlds.oauth_api(SimpleNamespace(origin=origin))
    known = {"provider_account_id": "9900000", "callback": {"token": "s3cret"}, "api": api}
    return Bandwidth(worlds.account(**known | changes))


def verb(error: UnprocessableError) -> ET.Element:
    """Return the BXML in a refusal."""
    text = str(error)
    return ET.fromstring(text[text.index("<") : text.index("/>") + 2])  # noqa: S314 - our own


@pytest.mark.loopback
@pytest.mark.parametrize(("progress", "state"), [("paused", "paused"), ("in-progress", "recording")])
def test_a_recording_is_paused_and_resumed(calls: Calls, progress: Any, state: str) -> None:
    assert provider(calls.origin).update(Update(call_id=CALL, progress=progress)) == Outcome(None, progress)
    assert calls.states == [(CALL, state)]
    assert calls.asked[-1].path == f"/api/v2/accounts/9900000/calls/{CALL}/recording"


@pytest.mark.loopback
def test_an_expired_token_is_replaced(calls: Calls) -> None:
    one = provider(calls.origin)
    one.update(Update(call_id=CALL, progress="paused"))
    calls.tokens.clear()
    one.update(Update(call_id=CALL, progress="in-progress"))
    assert [state for _, state in calls.states] == ["paused", "recording"]


@pytest.mark.loopback
def test_an_unknown_call_is_not_found(calls: Calls) -> None:
    with pytest.raises(NotFoundError):
        provider(calls.origin).update(Update(call_id="c-over", progress="paused"))
    for call_id in ("..", "a/b", "a.b", ""):
        with pytest.raises(NotFoundError):
            provider(calls.origin).update(Update(call_id=call_id, progress="paused"))
    assert calls.states == []


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("body", "said"), [(b'{"type":"validation","description":"Not recorded"}', "Not recorded"), (b"<html>", "409")]
)
def test_a_refusal_has_bandwidths_message(calls: Calls, body: bytes, said: str) -> None:
    calls.failing = [Reply(status=409, body=body)]
    with pytest.raises(UnprocessableError, match=said):
        provider(calls.origin).update(Update(call_id=CALL, progress="paused"))


@pytest.mark.loopback
def test_a_busy_bandwidth_is_unavailable(calls: Calls) -> None:
    calls.failing = [Reply(status=429, headers={"retry-after": "9"})]
    with pytest.raises(UnavailableError) as caught:
        provider(calls.origin).update(Update(call_id=CALL, progress="paused"))
    assert caught.value.retry_after == 9


def test_a_start_is_refused_with_bxml_that_has_our_url_without_the_token() -> None:
    with pytest.raises(UnprocessableError) as caught:
        provider().start(Start(call_id=CALL), BASE)
    assert "s3cret" not in str(caught.value)
    found = verb(caught.value)
    assert found.tag == "StartRecording"
    assert found.attrib == {
        "recordingAvailableUrl": f"{BASE}/callbacks/bandwidth/acme/{{token}}",
        "recordingAvailableMethod": "POST",
        "fileFormat": "wav",
    }


def test_a_start_is_refused_with_its_options_as_bxml_and_names_the_others() -> None:
    command = Start(
        call_id=CALL, channels="dual", format="mp3", name='a "b" & c', label="sales", track="inbound",
        forward=Forward(url="https://user.example.com/"),
    )  # fmt: skip
    one = provider(callback={"username": "us3r", "password": "passw0rd"})
    with pytest.raises(UnprocessableError) as caught:
        one.start(command, BASE)
    assert not any(secret in str(caught.value) for secret in ("us3r", "passw0rd"))
    assert str(caught.value).endswith("BXML has no equivalent of RecordingStatusCallback, RecordingTrack.")
    assert verb(caught.value).attrib == {
        "recordingAvailableUrl": f"{BASE}/callbacks/bandwidth/acme",
        "recordingAvailableMethod": "POST",
        "fileFormat": "mp3",
        "multiChannel": "true",
        "recordingName": 'a "b" & c',
        "tag": "sales",
        "username": "{username}",
        "password": "{password}",
    }


def test_a_stop_is_refused_with_bxml() -> None:
    with pytest.raises(UnprocessableError) as caught:
        provider().update(Update(call_id=CALL, progress="stopped"))
    assert verb(caught.value).tag == "StopRecording"


def test_an_id_of_a_recording_in_progress_is_refused() -> None:
    with pytest.raises(UnprocessableError, match=r"Twilio\.CURRENT"):
        provider().update(Update(call_id=CALL, progress="paused", recording_id="r-1"))
