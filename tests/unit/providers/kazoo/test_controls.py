"""Recordings are started and stopped at KAZOO 5; other commands are refused with a metaflow."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from callvault import transport
from callvault.errors import NotFoundError, UnprocessableError
from callvault.providers.commands import Forward, Outcome, Start, Update
from callvault.providers.kazoo.provider import Kazoo
from callvault.transport import Answer
from tests import samples
from tests.captures import ACCOUNT_ID
from tools.local.providers import kazoo_channels
from tools.local.providers.kazoo_api import API_KEY
from tools.local.providers.kazoo_channels import Channels

pytestmark = pytest.mark.loopback
BASE = "https://calls.example.com"
CALL = "0f3c2b1a-9d8e@10.0.0.5:5060"
PATH = f"/v2/accounts/{ACCOUNT_ID}/channels/0f3c2b1a-9d8e%4010.0.0.5%3A5060"


@pytest.fixture
def channels() -> Iterator[Channels]:
    with kazoo_channels.Channels() as running:
        running.live = {CALL}
        yield running


def provider(channels: Channels, **changes: Any) -> Kazoo:
    api = {"origin": channels.origin, "api_key": API_KEY}
    return Kazoo(samples.of("kazoo").account(**{"api": api, "callback": {"token": "s3cret"}, **changes}))


def metaflow(error: UnprocessableError) -> dict[str, Any]:
    """Return the data of the metaflow in a refusal."""
    text = str(error)
    assert f"PUT {PATH} with " in text
    envelope, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    assert (envelope["action"], envelope["data"]["module"]) == ("metaflow", "record_call")
    data: dict[str, Any] = envelope["data"]["data"]
    return data


def test_kazoo_5_starts_and_stops_a_recording(channels: Channels) -> None:
    assert provider(channels).start(Start(call_id=CALL), BASE) == Outcome(None, "in-progress")
    assert provider(channels).update(Update(call_id=CALL, progress="stopped")) == Outcome(None, "stopped")
    assert channels.acted == [(CALL, "start_record"), (CALL, "stop_record")]
    assert channels.state.asked[-1].path == PATH


def test_an_expired_token_is_replaced(channels: Channels) -> None:
    provider(channels).start(Start(call_id=CALL), BASE)
    channels.expire()
    provider(channels).update(Update(call_id=CALL, progress="stopped"))
    assert len(channels.acted) == 2


@pytest.mark.parametrize("version", [4, 0])
def test_a_kazoo_without_these_actions_is_refused_with_a_metaflow(channels: Channels, version: int) -> None:
    channels.version = version
    with pytest.raises(UnprocessableError) as caught:
        provider(channels).start(Start(call_id=CALL), BASE)
    assert metaflow(caught.value) == {"action": "start", "url": f"{BASE}/uploads/kazoo/{ACCOUNT_ID}/{{token}}"}
    assert "s3cret" not in str(caught.value)
    with pytest.raises(UnprocessableError) as caught:
        provider(channels).update(Update(call_id=CALL, progress="stopped"))
    assert metaflow(caught.value) == {"action": "stop"}


@pytest.mark.parametrize("version", [4, 5])
def test_an_unknown_call_is_distinguished_from_an_unknown_action(channels: Channels, version: int) -> None:
    channels.version = version
    with pytest.raises(NotFoundError):
        provider(channels).start(Start(call_id="other"), BASE)


def test_a_start_with_options_is_refused_with_a_metaflow_that_has_them(channels: Channels) -> None:
    command = Start(
        call_id=CALL, format="wav", name="n.wav", label="é", origin="o", min_seconds=3, max_seconds=60,
        sample_rate=8000, on_answer=True, on_bridge=True, upload_url="https://mine.example.com/", upload_method="post",
    )  # fmt: skip
    with pytest.raises(UnprocessableError) as caught:
        provider(channels).start(command, BASE)
    assert metaflow(caught.value) == {
        "action": "start", "format": "wav", "media_name": "n.wav", "label": "é", "origin": "o", "record_min_sec": 3,
        "time_limit": 60, "record_sample_rate": 8000, "record_on_answer": True, "record_on_bridge": True,
        "url": "https://mine.example.com/", "method": "post",
    }  # fmt: skip
    assert channels.state.asked == []


def test_options_without_a_metaflow_equivalent_are_named(channels: Channels) -> None:
    command = Start(
        call_id=CALL, channels="dual", trim="trim-silence", follow_transfer=False, forward=Forward(url="https://x/")
    )
    with pytest.raises(UnprocessableError) as caught:
        provider(channels).start(command, BASE)
    lost = "RecordingChannels, RecordingStatusCallback, Trim, should_follow_transfer"
    assert str(caught.value).endswith(f"A metaflow has no equivalent of {lost}.")


@pytest.mark.parametrize(("progress", "action"), [("paused", "mask"), ("in-progress", "unmask")])
def test_a_pause_is_refused_with_a_metaflow(channels: Channels, progress: Any, action: str) -> None:
    with pytest.raises(UnprocessableError) as caught:
        provider(channels).update(Update(call_id=CALL, progress=progress))
    assert metaflow(caught.value) == {"action": action}
    assert channels.state.asked == []


def test_an_id_of_a_recording_in_progress_is_refused(channels: Channels) -> None:
    with pytest.raises(UnprocessableError, match=r"Twilio\.CURRENT"):
        provider(channels).update(Update(call_id=CALL, progress="stopped", recording_id="202611-1"))


@pytest.mark.parametrize("call_id", [".", "..", "a\nb", "x" * 257])
def test_a_call_id_that_would_change_the_path_is_not_found(channels: Channels, call_id: str) -> None:
    with pytest.raises(NotFoundError):
        provider(channels).start(Start(call_id=call_id), BASE)
    with pytest.raises(NotFoundError):
        provider(channels).update(Update(call_id=call_id, progress="stopped"))
    assert channels.state.asked == []


def test_a_slash_in_a_call_id_is_escaped(channels: Channels) -> None:
    channels.live = {"a/../b"}
    provider(channels).start(Start(call_id="a/../b"), BASE)
    assert channels.state.asked[-1].path == f"/v2/accounts/{ACCOUNT_ID}/channels/a%2F..%2Fb"


def test_a_malformed_account_id_sends_no_request(channels: Channels) -> None:
    with pytest.raises(NotFoundError):
        provider(channels, provider_account_id="../x").start(Start(call_id=CALL), BASE)
    assert channels.state.asked == []


@pytest.mark.parametrize(("body", "said"), [(b'{"message":"locked out"}', "locked out"), (b"<html>", "status 423")])
def test_other_refusals_have_crossbars_message(
    channels: Channels, monkeypatch: pytest.MonkeyPatch, body: bytes, said: str
) -> None:
    refusal = Answer(status=423, headers=urllib3.HTTPHeaderDict(), body=body)
    monkeypatch.setattr(transport, "call_authorized", lambda *_: refusal)
    with pytest.raises(UnprocessableError, match=said):
        provider(channels).start(Start(call_id=CALL), BASE)
