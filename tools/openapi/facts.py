"""Describe what all dialects have in common: what only the archive knows, and how refusals are put together."""

from collections.abc import Mapping
from typing import get_args

from callvault.models import Format, State
from callvault.providers import PROVIDERS
from tools.openapi import shapes
from tools.openapi.shapes import Shape

FORMATS: tuple[str, ...] = get_args(Format)
STATES = [state.value for state in State if state is not State.EXPIRED]
SCHEMES: dict[str, Shape] = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The account's id as user, a reader's secret as password.",
    },
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Auth-Token",
        "description": "`<account_id>.<secret>` of a reader.",
    },
    "tokenInQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "auth_token",
        "description": "The same in the query, where it may end up in logs on the way.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "The same token as `Authorization: Bearer`."},
    "clientCredentials": {
        "type": "oauth2",
        "description": "The same token, given out for the account's id and the secret as client credentials.",
        "flows": {"clientCredentials": {"tokenUrl": "/api/v1/oauth2/token", "scopes": {}}},
    },
}
REASONS = {
    400: "A parameter or the body is invalid.",
    401: "Credentials are missing or wrong.",
    403: "The credentials do not allow this: another account, another user, or a right that the reader lacks.",
    404: "The resource does not exist or is not visible to this caller, or no route matches the path.",
    409: "It cannot be kept; `error` says why.",
    413: "The request, or the requested list, is too large.",
    415: "The body is not audio that a telephone system records.",
    416: "The list does not fit into one answer: ask for pages.",
    422: "The account's provider cannot or will not do this as requested; the response says what to do instead.",
    500: "The account's parameter is invalid, or an unexpected error occurred; the log has the details.",
    503: "A service that the archive depends on did not answer; try again. Without a dialect's body: a timeout.",
}
RETRY_AFTER = shapes.whole("Seconds to wait.", minimum=0) | {"optional": True}
CHALLENGE = shapes.text("How to authenticate.")

ARCHIVE = shapes.loose(
    {
        "provider": shapes.word("Where it was recorded.", *PROVIDERS),
        "state": shapes.word("How far it has come; `deleted` in the answer to DELETE only.", *STATES),
        "reason": shapes.text("Why it is absent or failed: a short constant, or the provider's own code."),
        "partial": shapes.flag("The provider said that parts are missing."),
        "parent_call_id": shapes.text("The call that this call belongs to."),
        "tag": shapes.text("The user's own tag."),
        "transcription": {"type": "object", "description": "As the provider sent it; not in lists."},
        "discrepancies": shapes.listed({"type": "string"}, "Where what was measured differs from what was announced."),
        "created_time": shapes.moment("When the archive first heard of it."),
        "updated_time": shapes.moment("When the archive last updated it."),
        "source_expires_time": shapes.moment("When the provider deletes its copy."),
        "history": shapes.listed(
            shapes.record({"time": shapes.moment("When."), "what": shapes.text("A short constant.")}),
            "What happened, the oldest first; not in lists.",
        ),
        "size": shapes.whole("Bytes of the audio.", minimum=0),
        "sha256": shapes.text("Of the whole file, in lower-case hex.", pattern="^[0-9a-f]{64}$"),
        "codec": shapes.text("`pcm`, `mulaw`, `alaw`, `mp3`, or the WAVE format tag in hex."),
        "channels": shapes.whole("As measured.", minimum=1),
        "sample_rate": shapes.whole("Hertz, as measured.", minimum=1),
        "duration_ms": shapes.whole("Milliseconds, as measured.", minimum=0),
    },
    "Fields that only the archive has; unknown fields are left out. Its times are ISO 8601 in every dialect.",
    required=("provider", "state", "partial"),
)
SCHEMAS: dict[str, Shape] = {"Archive": ARCHIVE}

LOCATION = shapes.text("A presigned address in S3, which honours Range and is good for some minutes.", format="uri")
FOUND = shapes.answer("Redirect to the audio. Do not send credentials along.", Location=LOCATION)


def refusals(
    prefix: str, statuses: tuple[int, ...], content: Mapping[str, Shape], *, challenge: bool = False
) -> dict[str, Shape]:
    """Return the refusals of a dialect as components, named by prefix and status."""
    headers = {503: {"Retry_After": RETRY_AFTER}} | ({401: {"WWW_Authenticate": CHALLENGE}} if challenge else {})
    return {
        f"{prefix}{status}": shapes.answer(REASONS[status], content, **headers.get(status, {})) for status in statuses
    }


def refused(prefix: str, *statuses: int) -> dict[int, Shape]:
    """Refer to refusals of a dialect."""
    return {status: shapes.response(f"{prefix}{status}") for status in statuses}
