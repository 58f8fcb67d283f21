"""Read the archive with Bandwidth's SDK: below, what README.md quotes."""
# ruff: noqa: T201 - it is to be read
# mypy: disable-error-code="import-not-found"

import os
from datetime import UTC, datetime

from bandwidth import ApiClient, Configuration
from bandwidth.api import RecordingsApi

account = os.environ["ARCHIVE_ACCOUNT"]
configuration = Configuration(
    host=os.environ["ARCHIVE_URL"] + "/api/v2",
    ignore_operation_servers=True,  # without it the SDK goes on asking voice.bandwidth.com
    username=account,
    password=os.environ["ARCHIVE_SECRET"],
)
recordings = RecordingsApi(ApiClient(configuration))

since = datetime(2026, 1, 1, tzinfo=UTC)
for recording in recordings.list_account_call_recordings(account, min_start_time=since.isoformat()):
    print(recording.recording_id, recording.start_time, recording.status, recording.media_url)
