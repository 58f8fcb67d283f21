"""The commands of the documentation work, typed into one shell for each page.

They run against the local stack: the pages' ports are replaced by the stack's. `tests/docs` checks
the blocks that are not typed.
"""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from urllib.parse import quote

import pytest
import urllib3

from callvault.models import Recording, State
from tests.docs import blocks
from tests.docs.blocks import Fate
from tools import audio_samples
from tools.local.stack import Stack

type Terminal = Callable[[str], str]
"""Types a page's blocks and returns what they print."""

SECONDS = 60
START, *FURTHER = blocks.PAGES
DELETES = "docs/query.md"
MAKE = ("make", "--dry-run", "--no-print-directory", "--old-file=.venv/ready", "--old-file=.uv/bin/uv")
"""Prints what a target would do, and sets nothing up."""


def recipe(target: str) -> str:
    """Return the command of a target that has one."""
    # A make that runs the tests passes its own options and level on.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run([*MAKE, target], cwd=blocks.ROOT, env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """Start what `make standin` starts, and give its origin."""
    command = [sys.executable, *shlex.split(recipe("standin"))[1:]]
    with subprocess.Popen(command, cwd=blocks.ROOT, stdout=subprocess.PIPE, text=True, env={"PORT": "0"}) as process:
        assert process.stdout is not None
        ready, origin, *_ = process.stdout.readline().split()
        assert ready == "ready"
        yield origin
        process.terminate()


@pytest.fixture(scope="module")
def terminal(stack: Stack, stand_in: str, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a function that types a page into a shell in the project's folder.

    `aws` is the CLI's stand-in, and curl fails for statuses from 400 on.
    """
    home = tmp_path_factory.mktemp("terminal")
    aws = home / "aws"
    aws.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{blocks.ROOT}/tests/docs/aws.py" "$@"\n')
    aws.chmod(0o755)
    (home / ".curlrc").write_text("fail-with-body\n")
    origins = {"8080": stack.url, "5000": stack.aws_url, "8081": stand_in}

    def type_page(page: str) -> str:
        script = ""
        for block in blocks.read(page, (blocks.ROOT / page).read_text()):
            if blocks.fate(block) is Fate.TYPED:
                script += f"echo '{block}' >&2\n{block.text}"
        for port, origin in origins.items():
            script = script.replace(f"http://127.0.0.1:{port}", origin)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=blocks.ROOT,
            env={"PATH": f"{home}:{os.environ['PATH']}", "HOME": str(home), "CURL_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return type_page


@pytest.fixture(scope="module")
def started(terminal: Terminal) -> str:
    """Go through the first page, on which the others rely, and return what it prints."""
    return terminal(START)


@pytest.fixture(scope="module")
def dead_letter(stack: Stack) -> None:
    """Leave a dead letter for the pages that look at them."""
    lost = Recording(account_id="9900000", recording_id="r-1", provider="bandwidth", state=State.PENDING, call_id="c-1")
    queue = stack.outputs["FetchDeadLettersUrl"]
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody=lost.model_dump_json(exclude_none=True))


def test_getting_started_ends_with_the_audio_that_the_provider_has(started: str) -> None:
    digest = hashlib.sha256(audio_samples.wav(20)).hexdigest()
    assert "HTTP/1.1 204" in started
    assert f'"sha256": "{digest}"' in started
    assert f"{digest}  build/call.wav" in started
    assert hashlib.sha256(Path(blocks.ROOT / "build/call.wav").read_bytes()).hexdigest() == digest


@pytest.fixture(scope="module")
def typed(terminal: Terminal, started: str, dead_letter: None) -> Iterator[Mapping[str, Future[str]]]:
    """Type the further pages side by side; the page that deletes the recording comes last."""

    def type_last() -> str:
        wait(pages.values())
        return terminal(DELETES)

    with ThreadPoolExecutor() as pool:
        pages = {page: pool.submit(terminal, page) for page in FURTHER if page != DELETES}
        yield pages | {DELETES: pool.submit(type_last)}


@pytest.mark.parametrize("page", FURTHER)
def test_the_commands_of_a_page_work(typed: Mapping[str, Future[str]], page: str) -> None:
    assert typed[page].result()


@pytest.mark.usefixtures("started")
def test_a_callback_is_answered_as_the_page_on_failures_describes(stack: Stack) -> None:
    url = f"{stack.url}/callbacks/bandwidth"
    told = {"9900000/callback-secret": 400, "9900000/wrong": 403, "unknown/callback-secret": 403}
    assert {path: urllib3.request("POST", f"{url}/{path}").status for path in told} == told


@pytest.mark.parametrize(
    ("provider", "asked", "body", "status"),
    [
        ("bandwidth", "POST /callbacks/bandwidth/{}/{}", b'{"eventType": "answer"}', 204),
        ("signalwire", "POST /callbacks/signalwire/{}", b"", 403),
        ("twilio", "POST /callbacks/twilio/{}", b"", 403),
        ("kazoo", "PUT /uploads/kazoo/{}/{}/x.mp3", b"", 400),
    ],
)
def test_the_first_check_of_a_providers_page_is_answered_as_described(
    stack: Stack, provider: str, asked: str, body: bytes, status: int
) -> None:
    method, path = asked.split()
    account = json.loads(blocks.account(f"docs/connect/{provider}.md")) | {"readers": []}
    stack.put_account(f"page-{provider}", account)
    secrets = account["callback"]
    token = quote(secrets.get("upload_token" if path.startswith("/uploads") else "token", ""))
    url = stack.url + path.format(f"page-{provider}", token)
    answer = urllib3.request(method, url, body=body, headers={"content-type": "application/json"})
    assert answer.status == status


def test_the_terminals_that_stay_open_start_the_stack_and_the_stand_in() -> None:
    opened = {block.marker: block.text for block in blocks.every() if blocks.fate(block) is Fate.STARTED}
    assert opened == {
        "starts: stack": "PORT=8080 AWS_PORT=5000 make run\n",
        "starts: stand-in": "PORT=8081 make standin\n",
    }
    assert recipe("run").endswith("-m tools.local")
