"""Describe the requests and responses of SignalWire's and Twilio's dialect that control calls."""

from callvault.dialects.laml import controls
from callvault.ingest import forwarding
from tools.openapi import shapes
from tools.openapi.laml import schemas
from tools.openapi.shapes import Shape

MEANINGS = {
    "RecordingChannels": "Both sides in one channel, or each in its own.",
    "RecordingTrack": "Which side is recorded.",
    "Trim": "Whether silence at both ends is cut off.",
    "RecordingStatusCallbackMethod": "How RecordingStatusCallback is called.",
    "Status": "What the recording is to be.",
    "PauseBehavior": "What stands for the pause in the audio: silence, or nothing.",
}
"""Descriptions of the parameters with a choice of values, which may be in any case."""
CALLBACK: dict[str, Shape] = {
    "RecordingStatusCallback": shapes.text(
        "URL that the archive calls, signed as the provider would sign it, once its own copy of the "
        "callback is durable. It must be https, or at an origin in the account's `forward_origins`, "
        "and without user name and password. Its fragment is ignored.",
        pattern="^https?://[!-~]+$",
        maxLength=forwarding.MAX_URL,
    ),
    "RecordingStatusCallbackEvent": shapes.listed(
        {"type": "string", "enum": list(controls.EVENTS)},
        "Events to forward: repeated, or separated by spaces. Default: `completed`.",
    ),
}


def _parameters(*names: str) -> dict[str, Shape]:
    """Return the schemas of parameters that are one of some words."""
    return {name: _choice(MEANINGS[name], *controls.CHOICES[name]) for name in names}


def _choice(description: str, usual: str, *others: str) -> Shape:
    """Return the schema of one of some words; a blank usual one is none of them."""
    known = {"enum": [usual, *others], "default": usual} if usual else {"enum": [*others]}
    return shapes.text(description, **known)


def _live(fields: dict[str, Shape]) -> Shape:
    """Return the schema of a recording whose status is the provider's own word."""
    return shapes.record(fields | {"status": STATUS})


STATUS = shapes.text("The provider's own word.", examples=["in-progress", "paused", "stopped"])
UNKNOWN: Shape = {
    **shapes.record(
        {
            "sid": shapes.text("As the path has it; null where a recording was started.", null=True),
            "account_sid": schemas.COMMON["account_sid"],
            "call_sid": shapes.text("The call."),
            "status": STATUS,
        },
        "Where the provider does not say which recording it is: Bandwidth, KAZOO.",
    ),
    "additionalProperties": False,
}
SCHEMAS: dict[str, Shape] = {
    "CompatibilityStart": shapes.loose(
        {**_parameters("RecordingChannels", "RecordingTrack", "Trim", "RecordingStatusCallbackMethod"), **CALLBACK}
    ),
    "CompatibilityUpdate": shapes.loose(_parameters("Status", "PauseBehavior"), required=("Status",)),
    "CompatibilityLiveRecording": {
        "description": "The recording as it is known now, as the account's provider writes it or else as the prefix "
        "does, and what was done where that is all that is known.",
        "anyOf": [_live(schemas.TWILIO), _live(schemas.SIGNALWIRE), UNKNOWN],
    },
}
