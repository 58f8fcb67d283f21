"""Describe the parts that all dialects share: `archive`, security schemes, error responses."""

from collections.abc import Mapping
from typing import get_args

from callvault.dialects import numbered_pages
from callvault.models import Format, State
from callvault.providers import PROVIDERS
from callvault.transcript import TranscriptState
from tools.openapi import shapes
from tools.openapi.shapes import Shape

FORMATS: tuple[str, ...] = get_args(Format)
STATES = [state.value for state in State]
SCHEMES: dict[str, Shape] = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The user name is the account's id. The password is a reader's secret.",
    },
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Auth-Token",
        "description": "A reader's token: `<account_id>.<secret>`.",
    },
    "tokenInQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "auth_token",
        "description": "The reader's token in the query. Proxies on the way may log it.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "The reader's token as `Authorization: Bearer`."},
    "clientCredentials": {
        "type": "oauth2",
        "description": "The reader's token, issued for the account's id and the secret as client credentials.",
        "flows": {"clientCredentials": {"tokenUrl": "/api/v1/oauth2/token", "scopes": {}}},
    },
}
REASONS = {
    400: "A parameter or the body is invalid.",
    401: "Credentials are missing or wrong. Readers of an account whose parameter is invalid get this too.",
    403: "The credentials do not allow this: another account or user, or a right that the reader does not have.",
    404: "The resource does not exist or is not visible to this caller, or no route matches the path.",
    409: "The upload cannot be stored. `error` is the reason.",
    413: "The request, or the requested list, is too large.",
    415: "The body is not audio of a supported format.",
    416: "The list does not fit into one response. Request pages.",
    422: "The account's provider cannot do this. The message names an alternative, if there is one.",
    500: "An unexpected error occurred, or the account of an upload is invalid. The log has the details.",
    503: "A service that the archive depends on did not answer. Try again. After a timeout, the body is the gateway's.",
}
RETRY_AFTER = shapes.whole("Time to wait before the next attempt, in seconds.", minimum=0) | {"optional": True}
CHALLENGE = shapes.text("Authentication scheme (RFC 9110 11.6.1).")

ARCHIVE = shapes.loose(
    {
        "provider": shapes.word("Provider that made the recording.", *PROVIDERS),
        "state": shapes.word(
            "State. Only an admin sees `deleted` and `expired`, but for the response to DELETE.", *STATES
        ),
        "reason": shapes.text("Reason of the state `absent` or `failed`: a constant, or the provider's code."),
        "external_url": shapes.text(
            "Of an absent recording with the reason `stored_elsewhere`: the URL of its media in the customer's own "
            "storage, without credentials and query. Only an admin sees this URL."
        ),
        "attempts": shapes.whole("Of a pending recording: number of failed attempts to fetch it.", minimum=1),
        "last_reason": shapes.text("Of a pending recording: why the last attempt failed, as in `reason`."),
        "next_attempt_time": shapes.moment("Of a pending recording: time of the next attempt, if known."),
        "partial": shapes.flag("Whether the provider reported that parts are missing."),
        "parent_call_id": shapes.text("The call that this call belongs to."),
        "tag": shapes.text("The user's own tag."),
        "transcription": {"type": "object", "description": "The transcription, as the provider sent it. Not in lists."},
        "transcript": shapes.loose(
            {
                "state": shapes.word("State of the text of the latest transcription.", *map(str, TranscriptState)),
                "reason": shapes.text("Reason of the state `absent` or `failed`."),
                "attempts": shapes.whole("Of a pending text: number of failed attempts to fetch it.", minimum=1),
                "last_reason": shapes.text("Of a pending text: why the last attempt failed, as in `reason`."),
                "next_attempt_time": shapes.moment("Of a pending text: time of the next attempt, if known."),
                "size": shapes.whole("Size of the stored text, in bytes.", minimum=0),
                "sha256": shapes.text("SHA-256 of the stored text, in lower-case hex.", pattern="^[0-9a-f]{64}$"),
                "source_expires_time": shapes.moment("When the provider deletes its own copy of the text."),
            },
            required=("state",),
        ),
        "extra": {
            "type": "object",
            "description": "Fields of the provider's callbacks and resources for which no dialect has a field, as the "
            "provider wrote them. They have at most 256 KB. An unknown status is among them. Credentials and numbers "
            "of payment cards are removed. Of all lists, only KAZOO's have this member.",
        },
        "discrepancies": shapes.listed(
            {"type": "string"}, "Differences between the announced and the measured values, one text each."
        ),
        "created_time": shapes.moment("When the archive first learned of the recording."),
        "updated_time": shapes.moment("When the archive last updated the recording's metadata."),
        "source_expires_time": shapes.moment("When the provider deletes its own copy."),
        "history": shapes.listed(
            shapes.record(
                {"time": shapes.moment("Time of the event."), "what": shapes.text("What happened, as a short text.")}
            ),
            "Events, the oldest first. Not in lists.",
        ),
        "size": shapes.whole("Size of the audio, in bytes.", minimum=0),
        "sha256": shapes.text("SHA-256 of the audio file, in lower-case hex.", pattern="^[0-9a-f]{64}$"),
        "codec": shapes.text(
            "Codec: `pcm`, `float`, `mulaw`, `alaw`, `mp3`, `mp4a`, the WAVE format tag in hex, or `encrypted`."
        ),
        "channels": shapes.whole("Measured number of channels.", minimum=1),
        "sample_rate": shapes.whole("Measured sample rate, in hertz.", minimum=1),
        "duration_ms": shapes.whole("Measured duration, in milliseconds.", minimum=0),
    },
    "Fields that only the archive has. Unknown fields are left out. Times are ISO 8601 in every dialect.",
    required=("provider", "state", "partial"),
)
SCHEMAS: dict[str, Shape] = {"Archive": ARCHIVE}

WARNING = shapes.text("Names the parameters that the list ignored.") | {"optional": True}
LOCATION = shapes.text("A presigned URL of S3, valid for some minutes. It honours Range.", format="uri")
FOUND = shapes.answer("Redirect to the audio. Do not send credentials to its URL.", Location=LOCATION)


def refusals(
    prefix: str, statuses: tuple[int, ...], content: Mapping[str, Shape], *, challenge: bool = False
) -> dict[str, Shape]:
    """Return a dialect's error responses as components, named by prefix and status."""
    headers = {503: {"Retry_After": RETRY_AFTER}} | ({401: {"WWW_Authenticate": CHALLENGE}} if challenge else {})
    return {
        f"{prefix}{status}": shapes.answer(REASONS[status], content, **headers.get(status, {})) for status in statuses
    }


def refused(prefix: str, *statuses: int) -> dict[int, Shape]:
    """Return references to a dialect's error responses."""
    return {status: shapes.response(f"{prefix}{status}") for status in statuses}


def paging(names: numbered_pages.Names) -> dict[str, Shape]:
    """Return the parameters of a list with numbered pages, by their names."""
    most, largest = numbered_pages.MAX_PAGE_SIZE, 10**numbered_pages.MAX_DIGITS - 1
    size = shapes.whole(
        f"Maximum number of recordings on a page. A value above {most} counts as {most}.",
        minimum=1,
        maximum=largest,
        default=numbered_pages.PAGE_SIZE,
    )
    number = shapes.whole(
        f"Number of the page, from 0. Every page after the first needs its {names.token}.",
        minimum=0,
        maximum=largest,
        default=0,
    )
    token = shapes.text(f"Token of the page, as in `{names.link}`.")
    given = {names.size: size, names.number: number, names.token: token}
    return {name: shapes.query(name, shape) for name, shape in given.items()}


def archive_with(**more: Shape) -> Shape:
    """Return the member `archive` of a dialect that lacks the parties of a call."""
    parties = {
        "from": shapes.text("The caller: E.164, a SIP address, or a word, as the provider wrote it."),
        "to": shapes.text("The callee: E.164, a SIP address, or a word, as the provider wrote it."),
        "direction": shapes.word("Direction of the call.", "inbound", "outbound"),
    }
    return {
        "description": "Fields that only the archive has, and fields that the dialect lacks.",
        "allOf": [shapes.schema("Archive"), shapes.loose(parties | more)],
    }
