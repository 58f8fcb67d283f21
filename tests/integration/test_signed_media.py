"""The audio of SignalWire and Twilio, and what their APIs tell beside, from a stand-in."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from callvault import accounts, clients, settings, times
from callvault.models import Recording, State
from functions.fetch_media import app
from tests import samples, worlds
from tests.integration import events
from tests.samples import Contract
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

WAV = audio_samples.wav(94, seed=3)
AUDIO = {"content-type": "audio/x-wav"}
STARTED = "Fri, 20 Nov 2026 09:30:00 +0000"
NOT_FOUND = Reply(
    status=404,
    body=b'<?xml version="1.0"?><TwilioResponse><RestException><Code>20404</Code></RestException></TwilioResponse>',
    headers={"content-type": "application/xml"},
)


@dataclass(frozen=True)
class Scene:
    """A provider's account, and the stand-in for its API."""

    contract: Contract
    standin: Standin

    @property
    def media(self) -> str:
        """Return the path of the media."""
        return urlsplit(str(self.contract.sample("completed.form").media_url)).path

    def path(self, resource: str) -> str:
        """Return the path of a resource."""
        return self.media.partition("/Recordings/")[0] + f"/{resource}.json"

    def configure(self, **fields: Any) -> None:
        """Write the account's parameter, its API at the stand-in."""
        api = {**self.contract.parameter["api"], "origin": self.standin.origin}
        worlds.put_account("acme", **{**self.contract.parameter, "api": api, **fields})
        accounts.forget()

    def recording(self, **fields: Any) -> Recording:
        """Return what the callback of a complete recording says."""
        said = self.contract.sample("completed.form").recording
        provider = self.contract.parameter["provider"]
        return Recording.model_validate({"account_id": "acme", "provider": provider, **(said or {}), **fields})

    def fetch(self, **fields: Any) -> Recording:
        """Deliver the recording's message and return the row."""
        recording = self.recording(**fields)
        app.handler(events.sqs(recording.model_dump(mode="json")), events.context())
        return worlds.row(recording.recording_id)

    def asked(self) -> list[str]:
        """Return the paths that were asked for."""
        return [asked.path for asked in self.standin.asked]


@pytest.fixture(params=["signalwire", "twilio"])
def scene(request: pytest.FixtureRequest, standin: Standin) -> Scene:
    made = Scene(samples.of(request.param), standin)
    made.configure()
    standin.audio(made.media, WAV)
    return made


def reply(**content: Any) -> Reply:
    return Reply(body=json.dumps(content).encode(), headers={"content-type": "application/json"})


def test_the_audio_is_fetched_with_basic_credentials(scene: Scene) -> None:
    row = scene.fetch()
    assert (row.state, worlds.body(row)) == (State.STORED, WAV)
    api = scene.contract.parameter["api"]
    basic = "Basic " + base64.b64encode(f"{api['username']}:{api['password']}".encode()).decode()
    assert {asked.authorization for asked in scene.standin.asked} == {basic}


def test_mp3_is_fetched_where_the_account_prefers_it(scene: Scene) -> None:
    mp3 = audio_samples.mp3(94)
    scene.standin.audio(scene.media.replace(".wav", ".mp3"), mp3, "audio/mpeg")
    row = scene.fetch(format="mp3")
    assert worlds.body(row) == mp3
    assert row.media_key is not None
    assert row.media_key.endswith(".mp3")


def test_both_channels_are_fetched(scene: Scene) -> None:
    stereo = audio_samples.wav(94, seed=4, channels=2)
    scene.standin.audio(scene.media, stereo)
    scene.standin.audio(f"{scene.media}?RequestedChannels=2", stereo)
    assert worlds.body(scene.fetch(channels=2)) == stereo
    asks = scene.contract.parameter["provider"] == "twilio"
    assert scene.asked()[-1] == scene.media + ("?RequestedChannels=2" if asks else "")


def test_a_redirect_to_the_media_origin_gets_no_credentials(scene: Scene) -> None:
    with standins.Standin() as store:
        scene.configure(media_origins=[store.origin])
        address = f"/bucket/object?X-Amz-Signature={'0' * 64}"
        scene.standin.serve(scene.media, Reply(status=302, headers={"location": store.origin + address}))
        store.serve(address, Reply(body=WAV, headers=AUDIO, public=True))
        assert worlds.body(scene.fetch()) == WAV
        assert [asked.authorization for asked in store.asked] == [None]


@pytest.mark.parametrize("early", [NOT_FOUND, Reply(status=200, body=NOT_FOUND.body, headers=AUDIO)])
def test_media_that_does_not_exist_yet_is_retried_and_no_error_page_is_stored(scene: Scene, early: Reply) -> None:
    scene.standin.serve(scene.media, early, Reply(body=WAV, headers=AUDIO))
    assert scene.fetch().state is State.PENDING
    assert "Contents" not in clients.s3().list_objects_v2(Bucket=settings.get().bucket_name)
    assert worlds.body(scene.fetch()) == WAV


def test_a_call_whose_id_is_not_safe_in_a_path_is_not_asked_for(scene: Scene) -> None:
    row = scene.fetch(call_id="0f3c@10.0.0.5", start_time="2026-11-20T09:30:00Z")
    assert (row.state, row.call_id, row.caller) == (State.STORED, "0f3c@10.0.0.5", None)
    assert not [path for path in scene.asked() if "Calls" in path]


def test_caller_callee_and_direction_come_from_the_call(scene: Scene) -> None:
    call_id = str(scene.recording().call_id)
    call = {"from": "+15551112222", "to": "+15553334444", "direction": "outbound-dial", "parent_call_sid": "CA1"}
    scene.standin.serve(scene.path(f"Calls/{call_id}"), reply(**call))
    row = scene.fetch()
    assert (row.caller, row.callee, row.direction, row.parent_call_id) == (
        "+15551112222",
        "+15553334444",
        "outbound",
        "CA1",
    )
    assert scene.asked().count(scene.path(f"Calls/{call_id}")) == 1


def test_fields_of_the_callback_are_not_replaced(scene: Scene) -> None:
    call_id = str(scene.recording().call_id)
    scene.standin.serve(scene.path(f"Calls/{call_id}"), reply(**{"from": "1", "to": "2", "direction": "inbound"}))
    row = scene.fetch(caller="+15551112222")
    assert (row.caller, row.callee, row.direction) == ("+15551112222", "2", "inbound")


def test_a_call_whose_fields_are_known_is_not_requested(scene: Scene) -> None:
    scene.fetch(caller="1", callee="2", start_time="2026-11-20T09:30:00Z")
    assert scene.asked() == [scene.media]


def test_start_time_and_call_come_from_the_recordings_resource(scene: Scene) -> None:
    recording_id = scene.recording().recording_id
    resource = {"start_time": STARTED, "channels": "1", "call_sid": "CA7", "conference_sid": None}
    scene.standin.serve(scene.path(f"Recordings/{recording_id}"), reply(**resource))
    scene.standin.serve(scene.path("Calls/CA7"), reply(**{"from": "1", "to": "2"}))
    row = scene.fetch(call_id=None, start_time=None, channels=None)
    assert (row.call_id, row.channels, row.caller, row.callee) == ("CA7", 1, "1", "2")
    assert row.model_dump(mode="json")["start_time"] == "2026-11-20T09:30:00.000Z"


def test_no_call_is_requested_for_a_recording_of_a_conference(scene: Scene) -> None:
    row = scene.fetch(call_id=None, conference_id="CF1", start_time="2026-11-20T09:30:00Z")
    assert (row.state, scene.asked()) == (State.STORED, [scene.media])


@pytest.mark.parametrize("price", ["-0.0025", -0.0025])
def test_the_price_is_read_where_the_resource_is_read_anyway(scene: Scene, price: Any) -> None:
    recording_id = scene.recording().recording_id
    given = {"price": price, "price_unit": "USD", "status": "completed", "source": "DialVerb", "trim": "trim-silence"}
    scene.standin.serve(scene.path(f"Recordings/{recording_id}"), reply(**given))
    known = scene.recording().extra
    row = scene.fetch(start_time=None)
    assert row.extra == {"price": price, "price_unit": "USD", "Trim": "trim-silence", **known}


def test_no_resource_is_read_for_the_price_alone(scene: Scene) -> None:
    scene.fetch(start_time=times.now())
    assert not any("Recordings" in path for path in scene.asked() if path != scene.media)


@pytest.mark.parametrize(
    "answer",
    [
        NOT_FOUND,
        Reply(status=429),
        Reply(status=500),
        Reply(body=b"<html>"),
        Reply(body=b"{", send_bytes=0),
        reply(**{"from": ["+1"], "to": None, "direction": "sideways", "call_sid": "../x", "start_time": "today"}),
    ],
)
def test_a_recording_is_stored_although_the_api_does_not_describe_it(scene: Scene, answer: Reply) -> None:
    scene.standin.serve(scene.path(f"Calls/{scene.recording().call_id}"), answer)
    scene.standin.serve(scene.path(f"Recordings/{scene.recording().recording_id}"), answer)
    row = scene.fetch(start_time=None)
    assert (row.state, row.caller, row.callee, row.direction) == (State.STORED, None, None, None)


def test_without_credentials_the_api_is_not_requested(scene: Scene) -> None:
    scene.configure(api={"origin": scene.standin.origin})
    scene.fetch()
    assert scene.asked() == [scene.media]


def test_a_recording_of_an_account_without_api_stays_pending(scene: Scene) -> None:
    scene.configure(api=None)
    assert scene.fetch().state is State.PENDING
