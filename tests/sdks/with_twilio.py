"""Read the archive with Twilio's SDK: below, what README.md quotes."""
# ruff: noqa: T201 - it is to be read
# mypy: disable-error-code="import-not-found"

import os
from datetime import UTC, datetime

from twilio.rest import Client

client = Client(os.environ["ARCHIVE_ACCOUNT"], os.environ["ARCHIVE_SECRET"])
client.api.base_url = os.environ["ARCHIVE_URL"]  # the only line that is new

for recording in client.recordings.list(date_created_after=datetime(2026, 1, 1, tzinfo=UTC), limit=20):
    print(recording.sid, recording.date_created, recording.status, recording.media_url)
