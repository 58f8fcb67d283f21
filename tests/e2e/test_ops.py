"""The operator's command line against the local stack: from the checkout, and installed."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from callvault import times
from callvault.models import State
from tests import worlds
from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.bandwidth_lists import BandwidthLists
from tools.local.providers.books import Book, Kept
from tools.local.stack import Stack

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "ops" / "callvault"
ACCOUNT = "operated"
SECONDS = 30


def run(stack: Stack, *arguments: str, tool: Path = TOOL) -> Any:
    """Run the command line in another working directory and return the JSON that it printed."""
    done = subprocess.run(
        [tool, *arguments, "--stack", stack.name, "--json"],
        env={"PATH": os.environ["PATH"], **stack.aws_environment()},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    return json.loads(done.stdout)


def test_a_redriven_message_and_a_retried_recording_end_verified(stack: Stack) -> None:
    garbage = json.dumps({"account_id": ACCOUNT, "recording_id": "none", "state": "unheard-of"})
    with standins.Standin() as standin:
        stack.put_account(ACCOUNT, worlds.parameter(api=worlds.basic_api(standin)))
        standin.otherwise = Reply(status=410)
        send(stack, "FetchQueueUrl", garbage)
        send(stack, "FetchQueueUrl", message("failed"))
        send(stack, "FetchDeadLettersUrl", message("redriven"))
        worlds.until(lambda: state(stack, "failed") is State.FAILED)
        stack.drain(SECONDS, hidden=False)
        listed = run(stack, "dlq", "list", "--queue", "fetch", "--account", ACCOUNT)
        assert {group["reason"]: group["count"] for group in listed} == {"unreadable": 1, "unexplained": 1}

        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        chosen = ("--queue", "fetch", "--account", ACCOUNT, "--reason", "unexplained")
        assert run(stack, "dlq", "redrive", *chosen, "--yes")["redriven"] == 1
        assert run(stack, "retry", "--account", ACCOUNT, "--since", "1h", "--yes")["outcomes"] == {"queued": 1}
        worlds.until(lambda: state(stack, "redriven") is State.VERIFIED and state(stack, "failed") is State.VERIFIED)


def test_the_program_that_uv_installs_needs_no_checkout(stack: Stack, tmp_path: Path) -> None:
    folders = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    # The versions that the tests use, and no others that the package index may have by now.
    pinned = ("--constraints", "requirements-dev.txt", "--python", sys.executable)
    install = [str(ROOT / ".uv" / "bin" / "uv"), "tool", "install", "--quiet", *pinned, "."]
    subprocess.run(install, cwd=ROOT, env=os.environ | folders, check=True)
    program = tmp_path / "bin" / "callvault"
    versions = [
        subprocess.run([one, "--version"], cwd="/", capture_output=True, text=True, check=True).stdout
        for one in (program, TOOL)
    ]
    assert versions[0] == versions[1] != ""

    with standins.Standin() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        stack.put_account("installed", worlds.parameter(api=worlds.basic_api(standin)))
        send(stack, "FetchDeadLettersUrl", message("left", "installed"))
        [group] = run(stack, "dlq", "list", "--account", "installed", tool=program)
        assert (group["queue"], group["count"]) == ("fetch", 1)
        assert run(stack, "retry", "--account", "installed", tool=program)["groups"] == []
        assert run(stack, "dlq", "redrive", "--account", "installed", "--yes", tool=program)["redriven"] == 1
        stack.drain()
    assert state(stack, "left", "installed") is State.VERIFIED


def test_a_backfill_fetches_what_the_provider_still_has(stack: Stack) -> None:
    book, day = Book(), times.now() - timedelta(days=60)
    book.add(
        Kept(
            recording_id=f"old-{number}",
            call_id=f"c-{number}",
            time=day - timedelta(hours=number),
            seconds=2,
            media=audio_samples.wav(2) if number else None,
            media_status=410,
        )
        for number in range(12)
    )
    span = ("backfill", "--account", "backfilled", "--from", "70d", "--to", "50d")
    with BandwidthLists("9900000", book) as provider:
        api = worlds.oauth_api(provider)
        stack.put_account("backfilled", worlds.parameter(provider_account_id="9900000", api=api))
        counted = run(stack, *span)
        assert (counted["missing"], counted["bytes_missing"]) == (12, 12 * 32_000)
        assert archive.row(stack, "backfilled", "old-1") is None
        sent = run(stack, *span, "--yes", "--rate", "6000")["sent"]
        assert (sent["queued"], sent["outcomes"], sent["failed_by"]) == (12, {"stored": 11, "gone": 1}, {"http_410": 1})
        again = run(stack, *span, "--yes")
    assert (again["stored"], again["gone"], again["missing"], again["sent"]["queued"]) == (11, 1, 0, 0)


def message(recording_id: str, account_id: str = ACCOUNT) -> str:
    pending = worlds.recording(recording_id, account_id=account_id, call_id="c-1", format="wav")
    return pending.model_dump_json(exclude_none=True)


def send(stack: Stack, output: str, body: str) -> None:
    stack.client("sqs").send_message(QueueUrl=stack.outputs[output], MessageBody=body)


def state(stack: Stack, recording_id: str, account_id: str = ACCOUNT) -> State | None:
    row = archive.row(stack, account_id, recording_id)
    return row.state if row else None
