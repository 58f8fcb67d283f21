"""Ask a provider's API what it knows of one recording, and take its answer for no more than it says."""

from collections.abc import Callable
from typing import Any

from callvault import transport
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.fields import json_object
from callvault.transport import Answer

UNKNOWN = "unknown"
"""The reason of a recording that its provider does not know, or no longer."""
OK = 200
UNAUTHORIZED = 401
NOT_FOUND = 404


def get(url: str, headers: Callable[[bool], dict[str, str]]) -> Answer:
    """Return the answer to a GET, asked once more with fresh credentials where they are refused.

    `headers` is called with True when the last ones were refused. Raises UnavailableError.
    """
    answer = transport.call("GET", url, headers=headers(False))  # noqa: FBT003 - as Source.authorization is called
    return transport.call("GET", url, headers=headers(True)) if answer.status == UNAUTHORIZED else answer  # noqa: FBT003


def document(answer: Answer) -> dict[str, Any]:
    """Return the JSON object that an answer brings; raises UnavailableError, RejectedError."""
    if answer.status != OK:
        raise transport.failure(answer.status, answer.headers)
    try:
        return json_object(answer.body)
    except InvalidRequestError:
        raise UnavailableError("no_document", "The provider answered something else than a document.") from None


def refusal(answer: Answer) -> dict[str, Any]:
    """Return what a 404 says in JSON, nothing for every other answer: not every 404 is about the recording."""
    try:
        return json_object(answer.body) if answer.status == NOT_FOUND else {}
    except InvalidRequestError:
        return {}


def unknown(recording: Recording) -> Recording:
    """Return the news that the provider does not know a recording."""
    return recording.model_copy(update={"state": State.ABSENT, "reason": UNKNOWN})
