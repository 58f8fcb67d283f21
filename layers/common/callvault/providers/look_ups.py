"""Ask a provider's API for one recording, and interpret the answer cautiously.

A 404 has many causes. Only a body in which the API says that the recording does not exist makes the
recording absent; every other failure leaves the recording unchanged.
"""

from collections.abc import Callable
from typing import Any

from callvault import transport, urls
from callvault.errors import InvalidRequestError, RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.fields import json_object, json_object_or_empty, text
from callvault.transport import Answer

UNKNOWN = "unknown"
"""Reason of an absent recording that does not exist, or no longer exists, at its provider."""
DELETED = "deleted"
"""Reason of an absent recording whose media the provider has deleted."""
STORED_ELSEWHERE = "stored_elsewhere"
"""Reason of an absent recording whose media is in the customer's own storage."""
EXTERNAL_URL = "media_url"
"""Name in `extra` of the URL of media that is in the customer's own storage."""
SCHEMES = {"https", "http", "s3", "gs"}
"""Schemes of a URL that says where media is stored."""
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


def readable(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a 200 response; raises UnavailableError after any other answer."""
    try:
        return document(answer)
    except RejectedError as error:
        raise UnavailableError(error.reason, str(error)) from None


def not_found_body(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a 404 response; empty for any other status or body."""
    return json_object_or_empty(answer.body) if answer.status == NOT_FOUND else {}


def unknown(recording: Recording) -> Recording:
    """Return the recording as absent, because it does not exist at the provider."""
    return recording.model_copy(update={"state": State.ABSENT, "reason": UNKNOWN})


def stored_elsewhere(recording: Recording, url: str) -> Recording:
    """Return the recording as absent, because its media is at a URL of the customer's own."""
    extra = recording.extra | {EXTERNAL_URL: url}
    return recording.model_copy(update={"state": State.ABSENT, "reason": STORED_ELSEWHERE, "extra": extra})


def external_url(recording: Recording) -> str | None:
    """Return the URL of a recording's media if the media is stored elsewhere, or None."""
    if recording.state is not State.ABSENT or recording.reason != STORED_ELSEWHERE:
        return None
    return place(recording.extra.get(EXTERNAL_URL))


def place(url: object) -> str | None:
    """Return a URL without user name, password, query and fragment, or None if it is no URL.

    A query may be a signature that gives access to the media. The archive never connects to this
    URL.
    """
    try:
        parts = urls.parse_url(text(url) or "")
    except ValueError:
        return None
    return f"{urls.origin_of(parts)}{parts.path or ''}" if parts.scheme in SCHEMES else None
