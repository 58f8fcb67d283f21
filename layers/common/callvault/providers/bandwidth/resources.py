"""Read what Bandwidth's API knows of one recording: https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings.

The resource has the names of the callbacks' fields. Bandwidth has answered with an array of one where an object is
documented, and unset members are null.
"""

from dataclasses import replace
from typing import Any

from callvault.errors import UnavailableError
from callvault.models import Recording
from callvault.providers import look_ups
from callvault.transport import Answer

WITH_MEDIA = {"complete", "completed", "partial"}
WITHOUT_MEDIA = {"error", "deleted"}
"""Of `status`; the third kind is `processing`. Bandwidth asks to be tolerant of others."""
NOT_FOUND = "validation"
"""The `type` of the error that a missing resource is answered with; a path that is none has no such body."""


def read(recording: Recording, answer: Answer) -> dict[str, Any] | None:
    """Return the fields of a recording's resource, None where there is none; raises UnavailableError, RejectedError."""
    if look_ups.refusal(answer).get("type") == NOT_FOUND:
        return None
    body = answer.body.strip()
    if body.startswith(b"[") and body.endswith(b"]"):
        answer = replace(answer, body=body[1:-1])
    fields = look_ups.document(answer)
    if fields.get("recordingId") != recording.recording_id:
        raise UnavailableError("no_document", "Bandwidth answered something else than the recording.")
    return {name: value for name, value in fields.items() if name != "accountId"}


def is_finished(fields: dict[str, Any]) -> bool:
    """Say whether a resource is that of a finished recording; of a status that nobody knows, its media decides."""
    status = str(fields.get("status")).lower()
    return status in WITH_MEDIA | WITHOUT_MEDIA or (status != "processing" and bool(fields.get("mediaUrl")))
