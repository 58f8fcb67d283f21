"""Read the archive with SignalWire's SDK: below, what README.md quotes."""
# ruff: noqa: T201 - it is to be read
# mypy: disable-error-code="import-not-found"

import os
from datetime import UTC, datetime

from signalwire.rest import Client

client = Client(
    os.environ["ARCHIVE_ACCOUNT"],
    os.environ["ARCHIVE_SECRET"],
    signalwire_space_url=os.environ["ARCHIVE_URL"],  # instead of <space>.signalwire.com
)

for recording in client.recordings.list(date_created_after=datetime(2026, 1, 1, tzinfo=UTC), limit=20):
    print(recording.sid, recording.date_created, recording.status, recording.uri)
