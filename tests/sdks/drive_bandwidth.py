"""Use Bandwidth's SDK as a developer does, for each account, and print the results as JSON.

It runs where the SDK is installed, as `drive_bandwidth.py <snippet> <account ids>`. The environment
names the archive. Every recording is fetched under its call and, if it has one, its conference. The
last recording of each list is deleted.
"""

# mypy: disable-error-code="import-not-found"

import contextlib
import hashlib
import io
import json
import os
import runpy
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from bandwidth import ApiClient, Configuration
from bandwidth.api import ConferencesApi, RecordingsApi
from bandwidth.exceptions import NotFoundException


def drive(snippet: str, account: str) -> dict[str, Any]:
    """Return what the SDK makes of an account's recordings."""
    os.environ["ARCHIVE_ACCOUNT"] = account
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        names = runpy.run_path(snippet)
    basic: RecordingsApi = names["recordings"]
    since = (datetime.now(UTC) - timedelta(days=60)).isoformat()
    api = RecordingsApi(ApiClient(with_token(account)))
    listed = api.list_account_call_recordings(account, min_start_time=since)
    first, last = listed[0], listed[-1]
    until = (last.start_time + timedelta(milliseconds=1)).isoformat()
    later = api.list_account_call_recordings(
        account, min_start_time=last.start_time.isoformat(), max_start_time=until, var_from=last.var_from, to=last.to
    )
    conferences = ConferencesApi(ApiClient(with_token(account)))
    (conferred,) = conferences.list_conference_recordings(account, "conf-1")
    got = api.get_call_recording(account, first.call_id, first.recording_id)
    audio = basic.download_call_recording(account, first.call_id, first.recording_id)
    heard = conferences.download_conference_recording(account, "conf-1", conferred.recording_id)
    of_call = [item.recording_id for item in api.list_call_recordings(account, last.call_id)]
    basic.delete_recording_media(account, first.call_id, first.recording_id)
    basic.delete_recording(account, last.call_id, last.recording_id)
    try:
        api.get_call_recording(account, last.call_id, last.recording_id)
    except NotFoundException as error:
        refused = (error.status, error.data.type)
    return {
        "printed": printed.getvalue(),
        "listed": [recording.recording_id for recording in listed],
        "filtered": [recording.recording_id for recording in later],
        "of_call": of_call,
        "got": got.to_dict(),
        "conferred": [conferred.recording_id, conferred.conference_id],
        "sha256": [hashlib.sha256(audio).hexdigest(), hashlib.sha256(heard).hexdigest()],
        "refused": refused,
        "left": [item.recording_id for item in api.list_account_call_recordings(account, min_start_time=since)],
    }


def with_token(account: str) -> Configuration:
    """Return a configuration that fetches its token from the archive."""
    url = os.environ["ARCHIVE_URL"]
    return Configuration(
        host=f"{url}/api/v2",
        ignore_operation_servers=True,
        client_id=account,
        client_secret=os.environ["ARCHIVE_SECRET"],
        access_token_url=f"{url}/api/v1/oauth2/token",
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps({account: drive(sys.argv[1], account) for account in sys.argv[2:]}, default=str))
