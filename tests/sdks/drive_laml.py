"""Use Twilio's or SignalWire's SDK as a developer does, and print the results as JSON.

It runs where the SDK is installed, as `drive_laml.py <snippet> <account ids>`. The environment
names the archive and, in ARCHIVE_CA, the certificate authority to trust. The audio is fetched with
`requests`, because these SDKs have no method for it.
"""

import contextlib
import hashlib
import io
import json
import os
import runpy
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import certifi

if "ARCHIVE_CA" in os.environ:
    # SignalWire's SDK requires https and has no setting for this. requests asks certifi at import.
    certifi.where = lambda: os.environ["ARCHIVE_CA"]

import requests
from twilio.base.exceptions import TwilioRestException

SINCE = datetime.now(UTC) - timedelta(days=60)


def drive(snippet: str, account: str) -> dict[str, Any]:
    """Return what the SDK makes of an account's recordings."""
    os.environ["ARCHIVE_ACCOUNT"] = account
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        client = runpy.run_path(snippet)["client"]
    listed = client.recordings.list(date_created_after=SINCE, page_size=1)
    first, last = listed[0], listed[-1]
    later = client.recordings.list(date_created_after=first.date_created, date_created_before=first.date_created)
    earlier = client.recordings.list(
        date_created_after=SINCE, date_created_before=first.date_created - timedelta(hours=1)
    )
    page = client.recordings.page(date_created_after=SINCE, page_size=2)
    following = page.next_page()
    back = following.previous_page()
    got = client.recordings(first.sid).fetch()
    secret = os.environ["ARCHIVE_SECRET"]
    url = f"{client.api.base_url}{got.uri.removesuffix('.json')}.wav"
    audio = requests.get(url, auth=(account, secret), timeout=10)
    other = requests.get(url.replace(".wav", ".mp3"), auth=(account, secret), timeout=10)
    deleted = client.recordings(last.sid).delete()
    try:
        client.recordings(last.sid).fetch()
    except TwilioRestException as error:
        refused = (error.status, error.code)
    return {
        "printed": printed.getvalue(),
        "listed": [recording.sid for recording in listed],
        "filtered": [[recording.sid for recording in found] for found in (later, earlier)],
        "pages": [[recording.sid for recording in found] for found in (page, following, back)],
        "of_call": [item.sid for item in client.recordings.list(call_sid="call-2")],
        "below_call": [item.sid for item in client.calls("call-2").recordings.list()],
        "of_conference": [item.sid for item in client.recordings.list(conference_sid="conf-1")],
        "got": {
            name: getattr(got, name)
            for name in ("sid", "account_sid", "call_sid", "channels", "duration", "status", "date_created", "uri")
        },
        "sha256": hashlib.sha256(audio.content).hexdigest(),
        "other": other.status_code,
        "deleted": deleted,
        "refused": refused,
        "left": [item.sid for item in client.recordings.list(date_created_after=SINCE)],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({account: drive(sys.argv[1], account) for account in sys.argv[2:]}, default=str))
