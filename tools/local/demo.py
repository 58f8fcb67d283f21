"""Play a provider against the local stack, and show what was archived and proven: `make demo`."""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import urllib3

from tools import audio_samples
from tools.local import standins
from tools.local.stack import Stack, running
from tools.local.standins import Reply, Standin

SECONDS = 50
"""How long the archive may take; the late recording alone is tried again after five seconds or so."""
ACCOUNT, CALLBACK_TOKEN, READER_SECRET = "9900000", "demo-callback-token", "demo-reader-secret"

http = urllib3.PoolManager()


@dataclass(frozen=True)
class Play:
    """One recording that a provider announces, and what has to become of it."""

    title: str
    recording_id: str
    audio: bytes
    callbacks: tuple[dict[str, Any], ...]
    versions: int = 1
    """How many objects it may leave."""


def main() -> int:
    """Run the demo and return its exit status."""
    with ExitStack() as cleanup:
        standin = cleanup.enter_context(standins.running())
        stack = cleanup.enter_context(running())
        configure(stack, standin)
        plays = bandwidth(standin)
        began = time.monotonic()
        for play in plays:
            for before, callback in zip((None, *play.callbacks), play.callbacks, strict=False):
                if before is not None and before["status"] != callback["status"]:
                    stack.drain(SECONDS, hidden=False)  # the partial recording is archived first
                announce(stack, callback)
        found = {play.recording_id: wait(stack, play, began + SECONDS) for play in plays}
        wrong = [line for play in plays if (line := judge(stack, play, found[play.recording_id]))]
        show(stack, plays, found)
        print(f"\n{len(plays) - len(wrong)} of {len(plays)} archived and verified in {time.monotonic() - began:.1f} s")
        print("\n".join(wrong), end="\n" if wrong else "")
        return 1 if wrong else 0


def configure(stack: Stack, standin: Standin) -> None:
    """Write the account's parameter, as an operator would."""
    user, password = standins.CREDENTIALS
    stack.put_account(
        ACCOUNT,
        {
            "provider": "bandwidth",
            "callback": {"token": CALLBACK_TOKEN},
            "api": {
                "origin": standin.origin,
                "token_url": standin.origin + standins.TOKEN_PATH,
                "username": user,
                "password": password,
            },
            "readers": [{"name": "demo", "sha256": hashlib.sha256(READER_SECRET.encode()).hexdigest()}],
        },
    )


def bandwidth(standin: Standin) -> list[Play]:
    """Return Bandwidth's part, with its audio on the stand-in."""
    plays: list[Play] = []

    def play(
        title: str,
        audio: bytes,
        replies: Callable[[Reply], list[Reply]] = lambda whole: [whole],
        **said: Any,  # noqa: ANN401 - any field of a callback
    ) -> None:
        recording_id = f"r-demo-{len(plays) + 1}"
        repeats, statuses = said.pop("repeats", 1), said.pop("statuses", ("complete",))
        conference = said.pop("conference", None)
        parent = f"conferences/{conference}" if conference else f"calls/c-demo-{len(plays) + 1}"
        kind = "audio/mpeg" if said.get("fileFormat") == "mp3" else "audio/vnd.wave"
        path = f"/api/v2/accounts/{ACCOUNT}/{parent}/recordings/{recording_id}/media"
        standin.serve(path, *replies(Reply(body=audio, headers={"content-type": kind})))
        now = time.time()
        callback = {
            "eventType": "conferenceRecordingAvailable" if conference else "recordingAvailable",
            "accountId": ACCOUNT,
            "recordingId": recording_id,
            "startTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now - 60)),
            "mediaUrl": standin.origin + path,
            "fileFormat": "wav",
            **({"conferenceId": conference} if conference else {"callId": parent.removeprefix("calls/")}),
            **({} if conference else {"from": "+15551112222", "to": "+15553334444", "direction": "inbound"}),
            **said,
        }
        callbacks = tuple({**callback, "status": status} for status in statuses for _ in range(repeats))
        plays.append(Play(title, recording_id, audio, callbacks, versions=len(statuses)))

    play("wav of a call", audio_samples.wav(20, seed=1), duration="PT20S", channels=1)
    play("mp3 of a call", audio_samples.mp3(30, seed=2), duration="PT30S", fileFormat="mp3", channels=1)
    play("stereo wav", audio_samples.wav(15, channels=2, seed=3), duration="PT15S", channels=2)
    play("long wav, in parts", audio_samples.wav(1500, seed=4), duration="PT25M", channels=1)
    play("conference", audio_samples.wav(25, seed=5), duration="PT25S", channels=1, conference="conf-demo-1")
    whole = audio_samples.wav(12, seed=6)
    part = Reply(body=audio_samples.wav(5, seed=6), headers={"content-type": "audio/vnd.wave"})
    play(
        "partial, then complete", whole, lambda reply: [part, reply], statuses=("partial", "complete"), duration="PT12S"
    )
    play("announced three times", audio_samples.wav(8, seed=7), repeats=3, duration="PT8S")
    play("not there yet (404)", audio_samples.wav(9, seed=8), lambda reply: [Reply(status=404), reply], duration="PT9S")
    return plays


def announce(stack: Stack, callback: dict[str, Any]) -> None:
    """Send a callback."""
    url = f"{stack.url}/callbacks/bandwidth/{ACCOUNT}/{CALLBACK_TOKEN}"
    answer = http.request("POST", url, json=callback)
    if answer.status != 204:  # noqa: PLR2004
        raise SystemExit(f"The callback was answered {answer.status}: {answer.data.decode()}")


def read(stack: Stack, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    """Ask the archive, as a reader."""
    token = {"x-auth-token": f"{ACCOUNT}.{READER_SECRET}"}
    return http.request("GET", f"{stack.url}/v2/accounts/{ACCOUNT}/recordings{path}", headers={**token, **headers})


def wait(stack: Stack, play: Play, deadline: float) -> dict[str, Any]:
    """Return a recording's document once it is verified whole, or as it is when time is up."""
    while True:
        document: dict[str, Any] = json.loads(read(stack, f"/{play.recording_id}").data).get("data", {})
        archive = document.get("archive", {})
        if (archive.get("state") == "verified" and not archive.get("partial")) or time.monotonic() > deadline:
            return document
        time.sleep(0.2)


def judge(stack: Stack, play: Play, document: dict[str, Any]) -> str | None:
    """Say what is wrong with what was archived, by the audio that a reader downloads."""
    archive = document.get("archive", {})
    if archive.get("state") != "verified":
        return f"{play.title}: {archive.get('state', 'unknown')} {archive.get('reason', '')}"
    if read(stack, f"/{play.recording_id}", accept="audio/mpeg").data != play.audio:
        return f"{play.title}: what is served is not what was recorded"
    versions = stack.client("s3").list_object_versions(Bucket=stack.outputs["BucketName"])["Versions"]
    stored = sum(f"/{play.recording_id}." in version["Key"] for version in versions)
    return None if stored == play.versions else f"{play.title}: {stored} objects instead of {play.versions}"


def show(stack: Stack, plays: list[Play], found: dict[str, dict[str, Any]]) -> None:
    """Print the table of what was archived."""
    objects = stack.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"])["Contents"]
    print(f"{'provider':10} {'recording':24} {'state':10} {'seconds':>8} {'bytes':>10}  {'sha-256':18} where")
    for play in plays:
        archive = found[play.recording_id].get("archive", {})
        key = next((item["Key"] for item in objects if f"/{play.recording_id}." in item["Key"]), "-")
        seconds, sha256 = archive.get("duration_ms", 0) / 1000, archive.get("sha256", "-")[:16]
        line = f"{archive.get('provider', '-'):10} {play.title:24} {archive.get('state', '-'):10} {seconds:8.2f}"
        print(f"{line} {archive.get('size', 0):10}  {sha256:18} s3://{stack.outputs['BucketName']}/{key}")


if __name__ == "__main__":
    sys.exit(main())
