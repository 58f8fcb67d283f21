"""Ask a provider's API for one recording, and interpret the answer cautiously.

A 404 has many causes. Only a body in which the API says that the recording does not exist makes the
recording absent; every other failure leaves the recording unchanged.
"""

from collections.abc import Callable
from typing import Any

from callvault import transport
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.fields import json_object, json_object_or_empty
from callvault.transport import Answer

UNKNOWN = "unknown"
"""Reason of an absent recording that does not exist, or no longer exists, at its provider."""
OK = 200
UNAUTHORIZED = 401
NOT_FOUND = 404


def get(url: str, headers: Callable[[bool], dict[str, str]]) -> Answer:
    """Return the answer to a GET; after a 401, repeat the GET once with fresh credentials.

    `headers` returns the request's headers; its argument is True for fresh credentials. Raises
    UnavailableError.
    """
    answer = transport.call("GET", url, headers=headers(False))  # noqa: FBT003 - as Source.authorization is called
    return transport.call("GET", url, headers=headers(True)) if answer.status == UNAUTHORIZED else answer  # noqa: FBT003


def document(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a 200 response; raises UnavailableError, RejectedError."""
    if answer.status != OK:
        raise transport.failure(answer.status, answer.headers)
    try:
        return json_object(answer.body)
    except InvalidRequestError:
        raise UnavailableError("no_document", "The provider's answer is not a JSON object.") from None


def not_found_body(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a 404 response; empty for any other status or body."""
    return json_object_or_empty(answer.body) if answer.status == NOT_FOUND else {}


def unknown(recording: Recording) -> Recording:
    """Return the recording as absent, because it does not exist at the provider."""
    return recording.model_copy(update={"state": State.ABSENT, "reason": UNKNOWN})
