"""Read the resource of one recording, and lists, in Bandwidth's API.

https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings. The resource has the same field
names as the callbacks, and its unset members are null. Where the documentation has an object,
Bandwidth has also answered with an array of one object, and with null for an empty list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from callvault import transport
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording
from callvault.providers import look_ups
from callvault.providers.fields import json_value
from callvault.transport import Answer

type Get = Callable[[str, Mapping[str, str]], Answer]
"""Returns the answer to a GET of a path below the account's URL, with a query."""

ID = re.compile(r"[A-Za-z0-9_-]+").fullmatch
"""Matches an id that can be part of a path."""
WITH_MEDIA = {"complete", "completed", "partial"}
WITHOUT_MEDIA = {"error", "deleted"}
"""Values of `status` for finished recordings, with media and without. The only other documented
value is `processing`, and Bandwidth asks clients to tolerate further ones."""
STATUSES = WITH_MEDIA | WITHOUT_MEDIA | {"processing"}
RETENTION = timedelta(days=30)
"""How long Bandwidth keeps the media, and the text of a transcription."""
NOT_FOUND = "validation"
"""`type` of the error for a resource that does not exist. The 404 of a wrong path has no such
body."""


def read(recording: Recording, answer: Answer) -> dict[str, Any] | None:
    """Return the fields of a recording's resource, or None if there is no such resource.

    Raises UnavailableError, RejectedError.
    """
    if look_ups.not_found_body(answer).get("type") == NOT_FOUND:
        return None
    body = answer.body.strip()
    if body.startswith(b"[") and body.endswith(b"]"):
        answer = replace(answer, body=body[1:-1])
    fields = look_ups.document(answer)
    if fields.get("recordingId") != recording.recording_id:
        raise UnavailableError("no_document", "Bandwidth's answer is not the requested recording.")
    return {name: value for name, value in fields.items() if name != "accountId"}


def entries(answer: Answer) -> list[Any]:
    """Return the entries of a list; null is an empty list, and an object is a list of one.

    Raises UnavailableError, RejectedError.
    """
    if answer.status != look_ups.OK:
        raise transport.failure(answer.status, answer.headers)
    try:
        content = json_value(answer.body)
    except InvalidRequestError:
        raise UnavailableError("no_document", "Bandwidth's answer is not JSON.") from None
    if content is None:
        return []
    return content if isinstance(content, list) else [content]


def is_finished(fields: Mapping[str, Any]) -> bool:
    """Return whether a resource describes a finished recording.

    A recording with an unknown status is finished if it has media.
    """
    status = str(fields.get("status")).lower()
    return status in WITH_MEDIA | WITHOUT_MEDIA or (status != "processing" and bool(fields.get("mediaUrl")))
