"""Describe the bodies of KAZOO's dialect for controlling calls and retrying recordings."""

from callvault.dialects.kazoo import controls, retries
from callvault.ingest.reopening import RetryOutcome
from tools.openapi import shapes
from tools.openapi.kazoo import schemas
from tools.openapi.shapes import Shape

MEANINGS = {
    "action": "Action. `stop` uses no other parameter than `skip_module`.",
    "format": "Format of the audio that the archive fetches. Default: the account's `media_format`.",
    "label": "Label, which is stored with the recording.",
    "media_name": "The recording's name in the archive.",
    "method": "HTTP method by which KAZOO pushes the audio to `url`.",
    "origin": "Origin of the recording, which is stored with it.",
    "record_min_sec": "Minimum duration, in seconds. Shorter recordings are not stored.",
    "record_on_answer": "Whether the recording starts only when the call is answered.",
    "record_on_bridge": "Whether the recording starts only when the call is bridged.",
    "record_sample_rate": "Sample rate, in hertz.",
    "should_follow_transfer": "Whether the recording continues after a transfer of the call.",
    "skip_module": "`true`: the request has no effect. The response is a 202.",
    "time_limit": "Maximum duration, in seconds.",
    "url": "URL to which KAZOO pushes the audio, http or https.",
}
"""Descriptions of the parameters of `callflows.record_call`."""


def _parameter(name: str) -> Shape:
    """Return the schema of a parameter of `callflows.record_call`; null counts as missing."""
    kind = controls.TYPES[name]
    shape: Shape = {"description": MEANINGS[name], "type": [controls.TYPE_NAMES[kind], "null"]}
    if name in controls.CHOICES:
        shape["enum"] = [*controls.CHOICES[name], None]
    elif kind is str:
        shape["minLength"], shape["maxLength"] = controls.LENGTHS.get(name, controls.DEFAULT_LENGTH)
    elif kind is int:
        shape["minimum"], shape["maximum"] = controls.RANGES[name]
    if name in controls.DEFAULTS:
        shape["default"] = controls.DEFAULTS[name]
    return shape


MESSAGE = shapes.text("Result of the action.")
RETRIED = {
    RetryOutcome.QUEUED: "Number of recordings that will be fetched again.",
    RetryOutcome.PENDING: "Number of recordings that were pending already, for example because of another retry.",
    RetryOutcome.LEFT: "Number of recordings that have not failed or were deleted.",
}
SCHEMAS: dict[str, Shape] = {
    "KazooControl": shapes.record(
        {"data": shapes.loose({name: _parameter(name) for name in controls.TYPES}, "KAZOO's `callflows.record_call`.")},
        "Other members are ignored. A null counts as missing.",
    ),
    "KazooControlAnswer": schemas.envelope(
        {
            "description": "The recording with its new state, or only a message if the provider reports no id.",
            "anyOf": [
                shapes.schema("KazooRecording"),
                {**shapes.record({"message": MESSAGE}), "additionalProperties": False},
            ],
        },
        {"message": MESSAGE},
    ),
    "KazooRetry": shapes.record(
        {
            "action": shapes.word("Action. No other is supported.", retries.ACTION),
            "data": {"type": "object", "description": "Ignored."},
        },
        optional=("data",),
    ),
    "KazooRetryAnswer": schemas.envelope(
        shapes.record({outcome.value: shapes.whole(meaning, minimum=0) for outcome, meaning in RETRIED.items()}),
        {
            "archive": schemas.PAGE["archive"] | {"description": "What was searched; only for a list."},
            "next_start_key": shapes.text("The `start_key` of the next request. It is missing at the end of the list."),
        },
    ),
}
