"""Bandwidth's recordings through the real template: callbacks, audio into S3, queries."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3

from callvault import accounts, times
from tests import leaks, worlds
from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin
from tools.local.stack import Stack

SAMPLES = Path(__file__).parents[2] / "events" / "bandwidth"
CALL_ID = "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85"
WAV = audio_samples.wav(20, seed=11)
"""Audio of the duration that most samples announce; shorter audio is fetched again for an hour."""

LONG_MS = 60_000

http = urllib3.PoolManager()


@pytest.fixture
def standin() -> Iterator[Standin]:
    with standins.Standin() as running:
        running.otherwise = Reply(body=WAV, headers={"content-type": "audio/vnd.wave"})
        yield running


def account_of(standin: Standin) -> dict[str, Any]:
    return worlds.parameter(
        provider_account_id="9900000",
        callback={"token": "callback-secret"},
        api=worlds.oauth_api(standin),
        readers=[archive.READER],
    )


def configure(stack: Stack, standin: Standin, account_id: str) -> None:
    stack.put_account(account_id, account_of(standin))


def send(stack: Stack, account_id: str, callback: dict[str, Any]) -> int:
    url = f"{stack.url}/callbacks/bandwidth/{account_id}/callback-secret"
    return http.request("POST", url, json=callback).status


def sample(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return content


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*recording_available*.json")))
def test_every_sample_that_has_media_ends_verified(stack: Stack, standin: Standin, name: str) -> None:
    account_id = name.replace("recording_available", "available")
    configure(stack, standin, account_id)
    callback = sample(name)
    announced = times.read_duration(callback["duration"])
    audio = WAV if announced is None or announced < LONG_MS else audio_samples.mp3(announced / 1000, bitrate=8)
    standin.otherwise = Reply(body=audio, headers={"content-type": "audio/vnd.wave"})
    assert send(stack, account_id, callback) == 204
    stack.drain()
    found = archive.document(stack, account_id, callback["recordingId"])
    if name.endswith("error"):
        assert (found["archive"]["state"], found["archive"]["reason"]) == ("absent", "error")
        return
    assert found["archive"]["state"] == "verified"
    assert found["archive"]["sha256"] == hashlib.sha256(audio).hexdigest()
    assert found["archive"]["duration_ms"] == pytest.approx(announced or 20_000, abs=100)


def test_a_reader_downloads_the_recorded_audio(stack: Stack, standin: Standin) -> None:
    configure(stack, standin, "download")
    callback = sample("recording_available")
    send(stack, "download", callback)
    stack.drain()
    path = f"/recordings/{callback['recordingId']}"
    whole = archive.ask(stack, "download", path, headers={"accept": "audio/mpeg"})
    assert (whole.status, whole.headers["content-type"], whole.data) == (200, "audio/x-wav", WAV)
    part = archive.ask(stack, "download", path, headers={"accept": "audio/mpeg", "range": "bytes=0-3"})
    assert (part.status, part.data) == (206, b"RIFF")


def test_thirty_callbacks_at_once_store_one_object(stack: Stack, standin: Standin) -> None:
    configure(stack, standin, "thirty")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: send(stack, "thirty", sample("recording_available")), range(30)))
    assert set(statuses) == {204}
    stack.drain()
    assert len(archive.keys(stack, "media/thirty/")) == 1


def test_a_deleted_recording_is_gone_for_readers_and_stays_so(stack: Stack, standin: Standin) -> None:
    configure(stack, standin, "deleted")
    callback = sample("recording_available")
    send(stack, "deleted", callback)
    stack.drain()
    path = f"/recordings/{callback['recordingId']}"
    assert archive.ask(stack, "deleted", path, "DELETE").status == 200
    assert archive.ask(stack, "deleted", path).status == 404
    send(stack, "deleted", callback)
    stack.drain()
    assert archive.ask(stack, "deleted", path, headers={"accept": "audio/mpeg"}).status == 404


def test_a_stored_recording_is_published_on_the_event_bus(stack: Stack, standin: Standin) -> None:
    configure(stack, standin, "published")
    send(stack, "published", sample("recording_available"))
    stack.drain()
    found = [event for event in stack.events() if event["detail"]["account_id"] == "published"]
    assert [event["detail-type"] for event in found] == ["RecordingStored"]


def test_a_sender_that_waits_for_a_challenge_delivers_by_the_token_alone(stack: Stack, standin: Standin) -> None:
    secrets = {"token": "callback-secret", "username": "bw", "password": "basic-secret"}
    stack.put_account("challenged", {**account_of(standin), "callback": secrets})
    assert send(stack, "challenged", sample("recording_available")) == 204
    stack.put_account("unheard", {**account_of(standin), "callback": {"username": "bw", "password": "basic-secret"}})
    answer = http.request("POST", f"{stack.url}/callbacks/bandwidth/unheard", json={"eventType": "answer"})
    assert answer.status == 401
    assert "www-authenticate" not in answer.headers
    stack.drain()


def test_an_account_is_served_seconds_after_its_parameter_exists(stack: Stack, standin: Standin) -> None:
    assert send(stack, "later", sample("recording_available")) == 403
    configure(stack, standin, "later")
    worlds.until(lambda: send(stack, "later", sample("recording_available")) == 204, accounts.UNUSABLE_SECONDS + 5)
    stack.drain()  # while the provider is there


def test_no_secret_is_in_any_log(stack: Stack) -> None:
    secrets = leaks.in_play(stack)
    assert {archive.SECRET, "callback-secret", standins.CREDENTIALS[1], "+15551112222"} <= secrets
    logs = {name: stack.log_text(name) for name in ("IngestCallback", "FetchMedia", "VerifyMedia", "QueryRecordings")}
    assert leaks.check(logs, secrets) == []
    leaking = {"FetchMedia": logs["FetchMedia"] + '{"message":"callback-secret"}'}
    assert leaks.check(logs | leaking, secrets) == ["The log of FetchMedia has 'callback-secret'."]
