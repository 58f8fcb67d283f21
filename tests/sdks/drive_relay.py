"""Use SignalWire's newer SDK as a developer does, and print the results as JSON.

It runs where `signalwire-sdk` is installed, as `drive_relay.py <snippet> <account ids>`. The
environment names the archive. The audio is fetched with `requests`, because the SDK has no method
for it.
"""

import contextlib
import hashlib
import io
import json
import os
import runpy
import sys
from typing import Any

import requests
from signalwire.rest._base import SignalWireRestError
from signalwire.rest._pagination import PaginatedIterator

PATH = "/api/relay/rest/recordings"


def ids(page: dict[str, Any]) -> list[str]:
    """Return the ids of a page's recordings."""
    return [recording["id"] for recording in page["data"]]


def drive(snippet: str, account: str) -> dict[str, Any]:
    """Return what the SDK makes of an account's recordings."""
    os.environ["ARCHIVE_ACCOUNT"] = account
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        client = runpy.run_path(snippet)["client"]
    first = client.recordings.list(page_size=2)
    walked = [recording["id"] for recording in PaginatedIterator(client._http, PATH, {"page_size": 1})]
    newest, oldest = first["data"][0]["id"], walked[-1]
    got = client.recordings.get(newest)
    audio = requests.get(got["url"], auth=(account, os.environ["ARCHIVE_SECRET"]), timeout=10)
    deleted = client.recordings.delete(oldest)
    try:
        client.recordings.get(oldest)
    except SignalWireRestError as error:
        refused = (error.status_code, error.body["error"])
    try:
        client.recordings.list(page_number=1)
    except SignalWireRestError as error:
        invalid = (error.status_code, error.body["errors"][0]["title"])
    return {
        "printed": printed.getvalue(),
        "first": ids(first),
        "walked": walked,
        "got": got,
        "sha256": hashlib.sha256(audio.content).hexdigest(),
        "deleted": deleted,
        "refused": refused,
        "invalid": invalid,
        "left": ids(client.recordings.list()),
    }


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):  # the SDK's log
        found = {account: drive(sys.argv[1], account) for account in sys.argv[2:]}
    sys.stdout.write(json.dumps(found))
