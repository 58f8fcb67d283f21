"""Play every provider against the local stack, and show what was archived and proven: `make demo`."""

import json
import sys
import time
from contextlib import ExitStack
from typing import Any

import urllib3

from tools.local.providers import kazoo_api, plays, standins
from tools.local.providers.plays import Play
from tools.local.stack import Stack, running

SECONDS = 50
"""How long the archive may take; the late recording alone is tried again after five seconds or so."""


def main() -> int:
    """Run the demo and return its exit status."""
    with ExitStack() as cleanup:
        standin = cleanup.enter_context(standins.running())
        crossbar = cleanup.enter_context(kazoo_api.running())
        stack = cleanup.enter_context(running())
        played = [
            *plays.bandwidth(stack, standin),
            *plays.signalwire(stack, standin),
            *plays.twilio(stack, standin),
            *plays.kazoo(stack, crossbar),
        ]
        began = time.monotonic()
        for play in played:
            perform(stack, play)
        found = {play.recording_id: wait(stack, play, began + SECONDS) for play in played}
        wrong = [line for play in played if (line := judge(stack, play, found[play.recording_id]))]
        show(stack, played, found)
        print(
            f"\n{len(played) - len(wrong)} of {len(played)} archived and verified in {time.monotonic() - began:.1f} s"
        )
        print("\n".join(wrong), end="\n" if wrong else "")
        return 1 if wrong else 0


def perform(stack: Stack, play: Play) -> None:
    """Do what the provider does for one recording."""
    for key, audio in play.puts.items():
        stack.client("s3").put_object(Bucket=stack.outputs["BucketName"], Key=key, Body=audio)
    for number, send in enumerate(play.sends):
        if play.settle and number:
            stack.drain(SECONDS, hidden=False)
        answer = send()
        if answer.status not in {200, 201, 204}:
            raise SystemExit(f"{play.title}: answered {answer.status}, {answer.data.decode()}")


def read(stack: Stack, play: Play, **headers: str) -> urllib3.BaseHTTPResponse:
    """Ask the archive for a recording, as a reader."""
    url = f"{stack.url}/v2/accounts/{play.account_id}/recordings/{play.recording_id}"
    return plays.http.request("GET", url, headers={"x-auth-token": f"{play.account_id}.{plays.SECRET}", **headers})


def wait(stack: Stack, play: Play, deadline: float) -> dict[str, Any]:
    """Return what the archive says of a recording once it is verified whole, or when time is up."""
    while True:
        answer = read(stack, play)
        archive: dict[str, Any] = json.loads(answer.data)["data"]["archive"] if answer.status == 200 else {}  # noqa: PLR2004
        if (archive.get("state") == "verified" and not archive["partial"]) or time.monotonic() > deadline:
            return archive
        time.sleep(0.2)


def judge(stack: Stack, play: Play, archive: dict[str, Any]) -> str | None:
    """Say what is wrong with what was archived, by the audio that a reader downloads."""
    if archive.get("state") != "verified":
        return f"{play.title}: {archive.get('state', 'unknown')} {archive.get('reason', '')}"
    if read(stack, play, accept="audio/mpeg").data != play.audio:
        return f"{play.title}: what is served is not what was recorded"
    stored = len(stack.client("s3").list_object_versions(**place(stack, play))["Versions"])
    return None if stored == play.versions else f"{play.title}: {stored} objects instead of {play.versions}"


def place(stack: Stack, play: Play) -> dict[str, str]:
    """Return bucket and prefix of a recording of today."""
    day = time.strftime("%Y/%m/%d", time.gmtime(time.time() - 60))
    prefix = f"media/{play.account_id}/{day}/{play.recording_id}."
    return {"Bucket": stack.outputs["BucketName"], "Prefix": prefix}


def show(stack: Stack, played: list[Play], found: dict[str, dict[str, Any]]) -> None:
    """Print the table of what was archived."""
    print(f"{'provider':11}{'recording':29}{'state':10}{'seconds':>9}{'bytes':>10}  {'sha-256':18}where")
    for play in played:
        archive = found[play.recording_id]
        seconds, sha256 = archive.get("duration_ms", 0) / 1000, archive.get("sha256", "-")[:16]
        line = f"{archive.get('provider', '-'):11}{play.title:29}{archive.get('state', '-'):10}{seconds:9.2f}"
        listed = stack.client("s3").list_objects_v2(**place(stack, play)).get("Contents", [{"Key": "-"}])
        print(f"{line}{archive.get('size', 0):10}  {sha256:18}s3://{stack.outputs['BucketName']}/{listed[0]['Key']}")


if __name__ == "__main__":
    sys.exit(main())
