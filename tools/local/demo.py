"""Send recordings of every provider to the local stack and print what it archived: `make demo`."""

import json
import sys
import time
from contextlib import ExitStack
from typing import Any

import urllib3

from tools.local.providers import every_provider, scenarios
from tools.local.providers.scenarios import Scenario
from tools.local.stack import Stack
from tools.local.start import running

MAX_SECONDS = 50
"""Maximum time until all is archived, in seconds. Late audio is fetched again after about 5 s."""


def main() -> int:
    """Run the demo and return its exit status."""
    print("Starting the local stack; this takes some seconds…", file=sys.stderr)
    with ExitStack() as cleanup:
        stand_ins = cleanup.enter_context(every_provider.stand_ins())
        stack = cleanup.enter_context(running())
        providers = every_provider.played(stack, stand_ins)
        played = [scenario for of_one in providers.values() for scenario in of_one]
        print(f"Playing {len(played)} recordings of {len(providers)} providers…", file=sys.stderr)
        began = time.monotonic()
        for scenario in played:
            play(stack, scenario)
        archived = {one.recording_id: wait(stack, one, began + MAX_SECONDS) for one in played}
        problems = [text for one in played if (text := problem(stack, one, archived[one.recording_id]))]
        print_table(stack, played, archived)
        seconds = time.monotonic() - began
        print(f"\n{len(played) - len(problems)} of {len(played)} archived and verified in {seconds:.1f} s")
        print("\n".join(problems), end="\n" if problems else "")
        return 1 if problems else 0


def play(stack: Stack, scenario: Scenario) -> None:
    """Do what the provider does for one recording."""
    for key, audio in scenario.objects.items():
        stack.client("s3").put_object(Bucket=stack.outputs["BucketName"], Key=key, Body=audio)
    for number, request in enumerate(scenario.requests):
        if scenario.one_at_a_time and number:
            stack.drain(MAX_SECONDS, hidden=False)
        answer = request()
        if answer.status not in {200, 201, 204}:
            raise SystemExit(f"{scenario.title}: the answer was {answer.status}, {answer.data.decode()}")


def read(stack: Stack, scenario: Scenario, **headers: str) -> urllib3.BaseHTTPResponse:
    """Request a recording from the archive, as a reader."""
    url = f"{stack.url}/v2/accounts/{scenario.account_id}/recordings/{scenario.recording_id}"
    token = f"{scenario.account_id}.{scenarios.SECRET}"
    return scenarios.http.request("GET", url, headers={"x-auth-token": token, **headers})


def read_transcript(stack: Stack, scenario: Scenario) -> object:
    """Return the text of a recording's transcription, as a reader gets it."""
    url = f"{stack.url}/api/v2/accounts/{scenario.account_id}/recordings/{scenario.recording_id}/transcription"
    headers = {"authorization": f"Bearer {scenario.account_id}.{scenarios.SECRET}"}
    return json.loads(scenarios.http.request("GET", url, headers=headers).data)


def wait(stack: Stack, scenario: Scenario, deadline: float) -> dict[str, Any]:
    """Return the `archive` member of a recording once it is verified and complete.

    At `deadline`, a time of time.monotonic(), return the member as it is then.
    """
    while True:
        answer = read(stack, scenario)
        archive: dict[str, Any] = json.loads(answer.data)["data"]["archive"] if answer.status == 200 else {}  # noqa: PLR2004
        if is_whole(scenario, archive) or time.monotonic() > deadline:
            return archive
        time.sleep(0.2)


def is_whole(scenario: Scenario, archive: dict[str, Any]) -> bool:
    """Return whether complete audio, and the transcript if there is one, are verified."""
    text = archive.get("transcript", {}).get("state")
    has_text = scenario.transcript is None or text == "verified"
    return archive.get("state") == "verified" and not archive["partial"] and has_text


def problem(stack: Stack, scenario: Scenario, archive: dict[str, Any]) -> str | None:
    """Return what is wrong with an archived recording, as a sentence, or None if nothing is."""
    if archive.get("state") != "verified":
        return f"{scenario.title}: {archive.get('state', 'unknown')} {archive.get('reason', '')}"
    if read(stack, scenario, accept="audio/mpeg").data != scenario.audio:
        return f"{scenario.title}: the archive serves other audio than was recorded"
    if scenario.transcript is not None and read_transcript(stack, scenario) != json.loads(scenario.transcript):
        return f"{scenario.title}: the archive serves another text than the provider's"
    stored = len(stack.client("s3").list_object_versions(**place(stack, scenario))["Versions"])
    return None if stored == scenario.versions else f"{scenario.title}: {stored} objects instead of {scenario.versions}"


def place(stack: Stack, scenario: Scenario) -> dict[str, str]:
    """Return the bucket, and the prefix of the key, of a recording of today."""
    day = time.strftime("%Y/%m/%d", time.gmtime(time.time() - 60))
    prefix = f"media/{scenario.account_id}/{day}/{scenario.recording_id}."
    return {"Bucket": stack.outputs["BucketName"], "Prefix": prefix}


def print_table(stack: Stack, played: list[Scenario], archived: dict[str, dict[str, Any]]) -> None:
    """Print the table of the archived recordings."""
    print(f"{'provider':11}{'recording':29}{'state':10}{'seconds':>9}{'bytes':>10}  {'sha-256':18}where")
    for scenario in played:
        archive = archived[scenario.recording_id]
        seconds, sha256 = archive.get("duration_ms", 0) / 1000, archive.get("sha256", "-")[:16]
        line = f"{archive.get('provider', '-'):11}{scenario.title:29}{archive.get('state', '-'):10}{seconds:9.2f}"
        listed = stack.client("s3").list_objects_v2(**place(stack, scenario)).get("Contents", [{"Key": "-"}])
        print(f"{line}{archive.get('size', 0):10}  {sha256:18}s3://{stack.outputs['BucketName']}/{listed[0]['Key']}")


if __name__ == "__main__":
    sys.exit(main())
