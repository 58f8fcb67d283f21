"""Publish the outcome of a recording on the event bus, so that consumers need not poll.

Each event has the source `callvault`, one of `DetailType` as its detail type, the ARN of the
object, if there is one, as its resource, and these fields as its detail. A field without a value
is left out.

    account_id, recording_id, provider   always present
    state, partial, discrepancies        as in `models.Recording`; always present
    reason                               why the recording failed or is absent
    call_id, conference_id, owner_id     as announced
    start_time                           ISO 8601, UTC
    bucket, key, version_id              place of the audio, also after its deletion
    size, sha256, content_type           of the stored bytes
    duration_ms                          as measured, not as announced

Events contain no phone numbers. Consumers rely on the names of the fields, so a field may be added,
but never renamed or removed. The bus may deliver an event twice.
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


class DetailType(StrEnum):
    """Outcome of a recording: the event's detail type."""

    STORED = "RecordingStored"
    FAILED = "RecordingFailed"
    DELETED = "RecordingDeleted"


def publish(detail_type: DetailType, recording: Recording) -> None:
    """Publish one event; raises UnavailableError if the bus did not accept it."""
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
                    "DetailType": detail_type,
                    "Detail": json.dumps(_detail(recording)),
                    "Resources": resources,
                }
            ]
        )
    # The request succeeds even if the bus refuses its entry.
    if answer["FailedEntryCount"]:
        code = answer["Entries"][0].get("ErrorCode")
        raise UnavailableError("events_unavailable", f"The event bus did not accept the entry: {code}.")


def _detail(recording: Recording) -> dict[str, Any]:
    """Return the fields of an event."""
    detail = recording.model_dump(mode="json", include=RECORDING_FIELDS, exclude_none=True)
    if recording.media:
        detail |= {"bucket": settings.get().bucket_name}
        detail |= recording.media.model_dump(mode="json", include=MEDIA_FIELDS, exclude_none=True)
    return detail
