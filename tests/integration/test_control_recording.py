"""Recordings of live calls, controlled in every dialect at every provider's stand-in."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from callvault.models import Recording, State
from functions.control_recording import app
from tests import worlds
from tests.integration import events
from tools.local.faults.replies import Reply
from tools.local.providers import call_apis, kazoo_channels
from tools.local.providers.call_apis import PASSWORD, Calls
from tools.local.providers.kazoo_api import API_KEY
from tools.local.providers.kazoo_channels import Channels

pytestmark = pytest.mark.loopback
READERS = worlds.readers(ops={"can_control": True}, alice={"can_control": True, "user_id": "alice"}, viewer={})
CALL = "c-1"


@pytest.fixture
def calls() -> Iterator[Calls]:
    with call_apis.Calls() as running:
        running.live = {CALL}
        for name in ("signalwire", "twilio"):
            api = {"origin": running.origin, "password": PASSWORD}
            callback = {"signing_keys": ["key"], "token": "s3cret"}
            worlds.put_account(
                name, provider=name, provider_account_id=name, api=api, callback=callback, readers=READERS
            )
        api = worlds.oauth_api(running)
        worlds.put_account("bandwidth", api=api, callback={"token": "s3cret"}, readers=READERS)
        yield running


@pytest.fixture
def channels() -> Iterator[Channels]:
    with kazoo_channels.Channels() as running:
        running.live = {CALL, "a@b.example:5060"}
        api = {"origin": running.origin, "api_key": API_KEY}
        callback = {"token": "s3cret"}
        worlds.put_account(
            "kazoo", provider="kazoo", provider_account_id="k1", api=api, callback=callback, readers=READERS
        )
        yield running


def send(method: str, path: str, account: str, body: bytes, reader: str = "ops") -> tuple[int, Any]:
    credentials = base64.b64encode(f"{account}:{reader}".encode()).decode()
    answer = app.handler(
        events.http(method, path, body, headers={"authorization": f"Basic {credentials}"}), events.context()
    )
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None


def laml(account: str, rest: str = "Recordings.json", reader: str = "ops", **form: str) -> tuple[int, Any]:
    path = f"/2010-04-01/Accounts/{account}/Calls/{CALL}/{rest}"
    return send("POST", path, account, urlencode(form).encode(), reader)


def kazoo(account: str, call_id: str = CALL, **data: Any) -> tuple[int, Any]:
    token = {"data": data, "auth_token": f"{account}.ops"}
    path = f"/v2/accounts/{account}/calls/{call_id}/recordings"
    answer = app.handler(events.http("POST", path, json.dumps(token).encode()), events.context())
    return answer["statusCode"], json.loads(answer["body"])


def bandwidth(account: str, state: str) -> tuple[int, Any]:
    path = f"/api/v2/accounts/{account}/calls/{CALL}/recording"
    return send("PUT", path, account, json.dumps({"state": state}).encode())


def row(account: str, recording_id: str) -> Recording:
    return worlds.row(recording_id, account)


@pytest.mark.parametrize("account", ["signalwire", "twilio"])
def test_a_recording_is_started_paused_resumed_and_stopped(calls: Calls, account: str) -> None:
    status, started = laml(account, RecordingChannels="dual", RecordingStatusCallback="https://user.example.com/")
    assert status == (201 if account == "twilio" else 200)
    recording_id = started["sid"]
    assert (row(account, recording_id).state, row(account, recording_id).channels) == (State.ANNOUNCED, 2)
    our = calls.started[recording_id].form["RecordingStatusCallback"]
    assert our.startswith(f"https://api.example.com/callbacks/{account}/{account}/s3cret?forward=")
    for wanted in ("paused", "in-progress", "stopped"):
        status, updated = laml(account, f"Recordings/{recording_id}.json", Status=wanted)
        assert (status, updated["sid"], updated["status"]) == (200, recording_id, wanted)
    assert [one["Status"] for one in calls.started[recording_id].updates] == ["paused", "in-progress", "stopped"]
    history = [event.what for event in row(account, recording_id).history]
    assert history == ["started by ops", "paused by ops", "resumed by ops", "stopped by ops"]


@pytest.mark.parametrize("account", ["signalwire", "twilio"])
def test_every_dialect_controls_recordings_of_another_provider(calls: Calls, account: str) -> None:
    status, started = kazoo(account, format="mp3", media_name="n", label="l", origin="o")
    recording_id = started["data"]["id"]
    assert (status, started["data"]["origin"], started["data"]["label"]) == (202, "o", "l")
    assert (row(account, recording_id).name, row(account, recording_id).format) == ("n", "mp3")
    assert bandwidth(account, "paused") == (200, None)
    assert bandwidth(account, "recording") == (200, None)
    assert laml(account, "Recordings/Twilio.CURRENT", Status="paused")[0] == 200
    assert kazoo(account, action="stop")[0] == 202
    updates = [one["Status"] for one in calls.started[recording_id].updates]
    assert updates == ["paused", "in-progress", "paused", "stopped"]


def test_a_call_that_has_ended_is_refused_in_every_dialect_with_the_error_code(calls: Calls) -> None:
    calls.live.clear()
    status, refused = laml("twilio")
    assert (status, refused["code"]) == (422, 21220)
    assert "not in-progress" in refused["message"]
    status, refused = kazoo("twilio")
    assert (status, refused["data"]["cause"]) == (422, 21220)
    assert bandwidth("bandwidth", "paused")[0] == 404


def test_an_option_that_signalwire_lacks_is_refused_in_the_callers_dialect(calls: Calls) -> None:
    status, refused = kazoo("signalwire", time_limit=60)
    assert (status, refused["message"]) == (422, "unprocessable")
    assert "time_limit" in refused["data"]["message"]
    assert calls.started == {}


def test_bandwidth_pauses_and_resumes_and_other_requests_are_refused_with_bxml(calls: Calls) -> None:
    assert laml("bandwidth", "Recordings/Twilio.CURRENT.json", Status="paused")[0] == 200
    assert bandwidth("bandwidth", "recording") == (200, None)
    assert calls.states == [(CALL, "paused"), (CALL, "recording")]
    status, refused = laml("bandwidth")
    assert status == 422
    assert "https://api.example.com/callbacks/bandwidth/bandwidth/{token}" in refused["message"]
    status, refused = kazoo("bandwidth", action="stop")
    assert status == 422
    assert "<StopRecording/>" in refused["data"]["message"]
    assert "s3cret" not in str(refused)


def test_kazoo_5_starts_and_stops(channels: Channels) -> None:
    call = "a@b.example:5060"
    status, started = kazoo("kazoo", call)
    assert (status, started["message"], started["data"]) == (202, "recording started", {"message": "recording started"})
    assert kazoo("kazoo", call, action="stop")[0] == 202
    assert channels.acted == [(call, "start_record"), (call, "stop_record")]
    status, made = laml("kazoo")
    assert (status, made["sid"], made["status"]) == (201, None, "in-progress")


def test_kazoo_4_is_refused_with_a_metaflow(channels: Channels) -> None:
    channels.version = 4
    status, refused = kazoo("kazoo", format="wav")
    assert status == 422
    assert '"module": "record_call"' in refused["data"]["message"]
    assert '"format": "wav"' in refused["data"]["message"]
    assert kazoo("kazoo", "unknown")[0] == 404


def test_a_providers_error_shows_a_reader_no_callback_token(calls: Calls) -> None:
    url = "https://api.example.com/callbacks/twilio/twilio/s3cret"
    body = json.dumps({"code": 21626, "message": f"No URL: {url}"}).encode()
    calls.failing = [Reply(status=400, public=True, body=body)]
    status, refused = laml("twilio")
    assert (status, refused["code"]) == (422, 21626)
    assert refused["message"].endswith("/callbacks/twilio/twilio/***")


def test_a_provider_that_is_down_is_a_503_with_retry_after(calls: Calls) -> None:
    calls.failing = [Reply(status=500, public=True)]
    credentials = base64.b64encode(b"twilio:ops").decode()
    path = f"/2010-04-01/Accounts/twilio/Calls/{CALL}/Recordings"
    answer = app.handler(events.http("POST", path, headers={"authorization": f"Basic {credentials}"}), events.context())
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["retry-after"]) > 0


def test_a_limited_reader_controls_only_recordings_of_its_user(calls: Calls) -> None:
    assert laml("twilio", reader="alice")[0] == 404
    worlds.put("RE0", account_id="twilio", provider="twilio", call_id=CALL, owner_id="alice", state=State.VERIFIED)
    _, started = laml("twilio", reader="alice")
    recording_id = started["sid"]
    assert row("twilio", recording_id).owner_id == "alice"
    assert "owner_id=alice" in calls.started[recording_id].form["RecordingStatusCallback"]
    assert laml("twilio", f"Recordings/{recording_id}", reader="alice", Status="paused")[0] == 200
    _, other = laml("twilio")
    assert laml("twilio", f"Recordings/{other['sid']}", reader="alice", Status="paused")[0] == 404
    assert laml("twilio", reader="alice")[0] == 404
    assert laml("twilio", "Recordings/Twilio.CURRENT", reader="alice", Status="stopped")[1]["sid"] == recording_id


def test_a_reader_without_the_right_to_control_is_refused(calls: Calls) -> None:
    assert laml("twilio", reader="viewer")[0] == 403
    assert calls.asked == []
