"""Tell the event bus what became of a recording, so that others need not poll.

Each event has source `callvault`, one of `Kind` as its detail type, the object's ARN, if there is an object, as its
resource, and as its detail these fields, of which those that nobody knows are left out:

    account_id, recording_id, provider   whose it is; never missing
    state, partial, discrepancies        as in `models.Recording`; never missing
    reason                               why it failed or is absent
    call_id, conference_id, owner_id     as announced
    start_time                           ISO 8601, UTC
    bucket, key, version_id              where the audio is, or was
    size, sha256, content_type           of the stored bytes
    duration_ms                          as measured, not as announced

Phone numbers are in the table only. Consumers rely on the names: fields may be added, none renamed or removed. The bus
may deliver an event twice.
"""

import json
from enum import StrEnum
from typing import Any

from callvault import clients, settings
from callvault.errors import UnavailableError
from callvault.models import Recording

SOURCE = "callvault"
RECORDING_FIELDS = {
    "account_id", "recording_id", "provider", "state", "reason", "partial", "discrepancies",
    "call_id", "conference_id", "owner_id", "start_time",
}  # fmt: skip
MEDIA_FIELDS = {"key", "version_id", "size", "sha256", "content_type", "duration_ms"}


class Kind(StrEnum):
    """What became of a recording: the event's detail type."""

    STORED = "RecordingStored"
    FAILED = "RecordingFailed"
    DELETED = "RecordingDeleted"


def publish(kind: Kind, recording: Recording) -> None:
    """Publish one event; raise UnavailableError if the bus did not take it."""
    bus = clients.events()
    resources = []
    if recording.media:
        resources = [f"arn:{bus.meta.partition}:s3:::{settings.get().bucket_name}/{recording.media.key}"]
    with clients.guard("events"):
        answer = bus.put_events(
            Entries=[
                {
                    "EventBusName": settings.get().event_bus_name,
                    "Source": SOURCE,
                    "DetailType": kind,
                    "Detail": json.dumps(_detail(recording)),
                    "Resources": resources,
                }
            ]
        )
    # The request succeeds although the bus refused what is in it.
    if answer["FailedEntryCount"]:
        code = answer["Entries"][0].get("ErrorCode")
        raise UnavailableError("events_unavailable", f"The events did not take the entry: {code}.")


def _detail(recording: Recording) -> dict[str, Any]:
    detail = recording.model_dump(mode="json", include=RECORDING_FIELDS, exclude_none=True)
    if recording.media:
        detail |= {"bucket": settings.get().bucket_name}
        detail |= recording.media.model_dump(mode="json", include=MEDIA_FIELDS, exclude_none=True)
    return detail
