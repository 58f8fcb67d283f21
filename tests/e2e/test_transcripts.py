"""Transcripts through the real template: Bandwidth's events, its SDK, and the bucket's events."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests import worlds
from tests.e2e import archive
from tests.sdks import environments
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import transcriptions
from tools.local.providers.transcriptions import Transcriptions
from tools.local.stack import Stack

FOLDER = Path(environments.__file__).parent
WAV = audio_samples.wav(2, seed=21)
SECONDS = 90

http = urllib3.PoolManager()


@pytest.fixture
def standin() -> Iterator[Transcriptions]:
    with transcriptions.Transcriptions() as running:
        running.otherwise = Reply(body=WAV, headers={"content-type": "audio/vnd.wave"})
        yield running


def announce(stack: Stack, standin: Transcriptions, account_id: str, kind: str, **fields: Any) -> None:
    """Send an event about the recording `r-1` of an account, which is written first."""
    callback = {"token": "callback-secret"}
    stack.put_account(
        account_id,
        worlds.parameter(
            callback=callback, api=worlds.oauth_api(standin), provider_account_id=account_id, readers=[archive.READER]
        ),
    )
    event = {"eventType": kind, "accountId": account_id, "recordingId": "r-1", "callId": "c-1", **fields}
    url = f"{stack.url}/callbacks/bandwidth/{account_id}/callback-secret"
    assert http.request("POST", url, json=event).status == 204


def archived(stack: Stack, standin: Transcriptions, account_id: str) -> dict[str, Any]:
    """Let Bandwidth report audio and a text, and return the recording's `archive`."""
    path = f"/api/v2/accounts/{account_id}/calls/c-1/recordings/r-1/transcription"
    standin.serve(path, Reply(body=standin.text, headers={"content-type": "application/json"}))
    described = {"id": "t-1", "status": "available", "completedTime": "2026-11-26T12:00:00Z"}
    announce(stack, standin, account_id, "transcriptionAvailable", transcription=described)
    announce(stack, standin, account_id, "recordingAvailable", status="complete", fileFormat="wav", duration="PT2S")
    stack.drain()
    found: dict[str, Any] = archive.document(stack, account_id, "r-1")["archive"]
    return found


def test_audio_and_text_are_archived_side_by_side(stack: Stack, standin: Transcriptions) -> None:
    found = archived(stack, standin, "texts")
    digest = hashlib.sha256(standin.text).hexdigest()
    assert (found["state"], found["transcript"]["state"], found["transcript"]["sha256"]) == ("verified",) * 2 + (
        digest,
    )
    [audio], [text] = archive.keys(stack, "media/texts/"), archive.keys(stack, "transcripts/texts/")
    assert text == audio.replace("media/", "transcripts/").replace(".wav", ".json")


def test_a_text_that_somebody_removes_from_the_bucket_is_noticed(stack: Stack, standin: Transcriptions) -> None:
    archived(stack, standin, "removed")
    [key] = archive.keys(stack, "transcripts/removed/")
    stack.client("s3").delete_object(Bucket=stack.outputs["BucketName"], Key=key)
    stack.drain()
    found = archive.document(stack, "removed", "r-1")["archive"]
    assert (found["state"], found["transcript"]["state"]) == ("verified", "deleted")


def test_a_text_goes_with_its_audio_from_the_bucket(stack: Stack, standin: Transcriptions) -> None:
    archived(stack, standin, "together")
    [key] = archive.keys(stack, "media/together/")
    stack.client("s3").delete_object(Bucket=stack.outputs["BucketName"], Key=key)
    stack.drain()
    listed = stack.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"], Prefix="transcripts/together/")
    assert listed["KeyCount"] == 0
    row = archive.row(stack, "together", "r-1")
    assert row is not None
    assert (row.state, row.transcript and row.transcript.state) == ("deleted", "deleted")


def drive(stack: Stack, *ids: str) -> subprocess.CompletedProcess[str]:
    """Run the driver of Bandwidth's SDK for a recording."""
    command: list[str | Path] = [environments.python("bandwidth"), FOLDER / "drive_transcriptions.py", *ids]
    environment = {"PATH": os.environ["PATH"], "ARCHIVE_URL": stack.url, "ARCHIVE_SECRET": archive.SECRET}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_bandwidths_sdk_requests_reads_and_deletes_a_transcription(stack: Stack, standin: Transcriptions) -> None:
    announce(stack, standin, "asked", "recordingAvailable", status="complete", fileFormat="wav", duration="PT2S")
    stack.drain()
    with ThreadPoolExecutor(1) as pool:
        driven = pool.submit(drive, stack, "asked", "c-1", "r-1")
        worlds.until(lambda: standin.requested or driven.done())
        assert standin.requested, driven.result().stderr
        assert standin.report(0, "2026-11-26T12:00:00Z") == 204
        done = driven.result()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["requested"], found["deleted"], found["refused"]) == (204, 204, [404, "validation"])
    assert found["text"]["transcripts"] == json.loads(standin.text)["transcripts"]
    assert (found["described"]["status"], found["described"]["id"]) == ("available", "t-0")
    assert found["left"] is None
    assert standin.requested[0].options["tag"] == "mine"
    assert archive.document(stack, "asked", "r-1")["archive"]["state"] == "verified"
