"""Request, read and delete a transcription by Bandwidth's SDK, and print the results as JSON.

It runs where the SDK is installed, as `drive_transcriptions.py <account> <call> <recording>`. The
environment names the archive.
"""

# mypy: disable-error-code="import-not-found"

import json
import os
import sys
import time

from bandwidth import ApiClient, Configuration
from bandwidth.api import RecordingsApi
from bandwidth.exceptions import NotFoundException
from bandwidth.models import RecordingTranscriptions, TranscribeRecording

SECONDS = 60
"""How long to wait for the text."""


def wait(api: RecordingsApi, *ids: str) -> RecordingTranscriptions:
    """Return the text once the archive has it."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return api.get_recording_transcription(*ids)
        except NotFoundException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def main(*ids: str) -> None:
    """Print what the SDK makes of a recording's transcription."""
    host = f"{os.environ['ARCHIVE_URL']}/api/v2"
    known = {"username": ids[0], "password": os.environ["ARCHIVE_SECRET"]}
    api = RecordingsApi(ApiClient(Configuration(host=host, ignore_operation_servers=True, **known)))
    requested = api.transcribe_call_recording_with_http_info(*ids, TranscribeRecording(tag="mine")).status_code
    text = wait(api, *ids)
    described = api.get_call_recording(*ids).transcription
    deleted = api.delete_recording_transcription_with_http_info(*ids).status_code
    try:
        api.get_recording_transcription(*ids)
    except NotFoundException as error:
        refused = [error.status, error.data.type]
    found = {
        "requested": requested,
        "text": text.to_dict(),
        "described": described.to_dict(),
        "deleted": deleted,
        "refused": refused,
        "left": api.get_call_recording(*ids).transcription,
    }
    sys.stdout.write(json.dumps(found, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
