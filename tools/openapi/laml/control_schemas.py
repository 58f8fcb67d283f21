"""Describe the bodies of SignalWire's and Twilio's dialect for controlling calls."""

from callvault.dialects.laml import controls
from callvault.ingest import forwarding
from tools.openapi import shapes
from tools.openapi.laml import schemas
from tools.openapi.shapes import Shape

MEANINGS = {
    "RecordingChannels": "Whether both sides share a channel or each has its own.",
    "RecordingTrack": "Track that is recorded.",
    "Trim": "Whether silence at the beginning and the end is removed.",
    "RecordingStatusCallbackMethod": "HTTP method of the request to RecordingStatusCallback.",
    "Status": "New status of the recording.",
    "PauseBehavior": "Whether the audio has silence for the pause, or omits it.",
}
"""Descriptions of the parameters with a choice of values, which may be in upper or lower case."""
CALLBACK: dict[str, Shape] = {
    "RecordingStatusCallback": shapes.text(
        "URL to which the archive forwards the callback after it has stored its own copy. The request is signed in "
        "the same way as the provider's. The URL must be https, or at an origin in the account's `forward_origins`, "
        "and without user name and password. A reader with a `user_id` may name only such an origin. Its fragment is "
        "ignored.",
        pattern="^https?://[!-~]+$",
        maxLength=forwarding.MAX_URL,
    ),
    "RecordingStatusCallbackEvent": shapes.listed(
        {"type": "string", "enum": list(controls.EVENTS)},
        "Events to forward. Several events are separated by spaces, or the parameter is repeated. "
        "Default: `completed`.",
    ),
}


def _parameters(*names: str) -> dict[str, Shape]:
    """Return the schemas of parameters with a choice of values."""
    return {name: _choice(MEANINGS[name], *controls.CHOICES[name]) for name in names}


def _choice(description: str, usual: str, *others: str) -> Shape:
    """Return the schema of a text with a choice of values; a blank `usual` is not one of them."""
    known = {"enum": [usual, *others], "default": usual} if usual else {"enum": [*others]}
    return shapes.text(description, **known)


def _live(fields: dict[str, Shape]) -> Shape:
    """Return the schema of a recording whose status is as the provider wrote it."""
    return shapes.record(fields | {"status": STATUS})


STATUS = shapes.text("Status, as the provider wrote it.", examples=["in-progress", "paused", "stopped"])
UNKNOWN: Shape = {
    **shapes.record(
        {
            "sid": shapes.text("The recording's id, as in the path; null after a start.", null=True),
            "account_sid": schemas.COMMON["account_sid"],
            "call_sid": shapes.text("The call."),
            "status": STATUS,
        },
        "The response if the provider does not report the recording's id: Bandwidth, KAZOO.",
    ),
    "additionalProperties": False,
}
SCHEMAS: dict[str, Shape] = {
    "CompatibilityStart": shapes.loose(
        {
            **_parameters("RecordingChannels", "RecordingTrack", "Trim", "RecordingStatusCallbackMethod"),
            **CALLBACK,
            "RecordingConfigurationId": shapes.text(
                "Id of a Recording Configuration, for accounts at Twilio. It excludes every other parameter."
            ),
        }
    ),
    "CompatibilityUpdate": shapes.loose(_parameters("Status", "PauseBehavior"), required=("Status",)),
    "CompatibilityLiveRecording": {
        "description": "The recording, with the types of the account's provider or else of the path's prefix. If the "
        "recording is unknown, the response has only its ids and status.",
        "anyOf": [_live(schemas.TWILIO), _live(schemas.SIGNALWIRE), UNKNOWN],
    },
}
