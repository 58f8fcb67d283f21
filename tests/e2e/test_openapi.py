"""The API answers as openapi.yaml describes it, by requests of schemathesis to each operation.

`make schemathesis` sends more requests.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
import yaml

from tests.schemathesis import __main__ as schemathesis
from tests.schemathesis import world
from tools.local.stack import Stack
from tools.openapi import writer

EXAMPLES = 1
"""Number of requests to each operation; the first has the simplest values, which mostly exist."""
SECONDS = 240
"""Timeout of schemathesis, in seconds; it needs about 14 seconds of CPU time."""
LEFT_OUT = "signalwire"
"""The tag that is left out: its routes are Twilio's under another prefix."""


@pytest.fixture(scope="module")
def filled(stack: Stack) -> Iterator[Stack]:
    with world.filled(stack):
        yield stack


def test_the_description_is_served_as_it_is_committed(filled: Stack) -> None:
    answer = urllib3.request("GET", f"{filled.url}/openapi.yaml")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/yaml")
    assert answer.data == writer.PATH.read_bytes()
    again = urllib3.request("GET", f"{filled.url}/openapi.yaml", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status, again.data) == (304, b"")


def test_schemathesis_finds_no_server_error_and_nothing_undocumented(filled: Stack, tmp_path: Path) -> None:
    more = ("--phases=fuzzing", f"--exclude-tag={LEFT_OUT}", "--exclude-checks=ignored_auth", "--warnings=off")
    done = schemathesis.run(filled.url, tmp_path, EXAMPLES, *more, seconds=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    paths = yaml.safe_load(writer.PATH.read_text())["paths"].values()
    operations = [one for methods in paths for one in methods.values() if one["tags"] != [LEFT_OUT]]
    assert re.search(rf"Tested: {len(operations)}\n", done.stdout), done.stdout
