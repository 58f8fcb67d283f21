"""Describe the requests and responses of KAZOO's dialect that control calls and retry recordings."""

from callvault.dialects.kazoo import controls, retries
from callvault.ingest.reopening import RetryOutcome
from tools.openapi import shapes
from tools.openapi.kazoo import schemas
from tools.openapi.shapes import Shape

MEANINGS = {
    "action": "What to do. Nothing but the call matters to `stop`.",
    "format": "Of the audio: what the archive fetches. Not given: the account's `media_format`.",
    "label": "Kept with the recording.",
    "media_name": "The recording's name in the archive.",
    "method": "How KAZOO pushes the audio to `url`.",
    "origin": "Kept with the recording, as what asked for it.",
    "record_min_sec": "What is shorter, in seconds, is not kept.",
    "record_on_answer": "Not before the call is answered.",
    "record_on_bridge": "Not before the call is bridged.",
    "record_sample_rate": "Hertz.",
    "should_follow_transfer": "Go on where the call is transferred.",
    "skip_module": "`true`: nothing is done, and that is a 202.",
    "time_limit": "Seconds after which it ends.",
    "url": "Where KAZOO pushes the audio: http or https.",
}
"""What the parameters of `callflows.record_call` mean."""


def _parameter(name: str) -> Shape:
    """Return the schema of a parameter of `callflows.record_call`; null counts as not given."""
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


MESSAGE = shapes.text("What was done.")
RETRIED = {
    RetryOutcome.QUEUED: "Number of recordings that are fetched again.",
    RetryOutcome.PENDING: "Number of recordings that another request retried first.",
    RetryOutcome.LEFT: "Number of recordings that have not failed or were deleted.",
}
SCHEMAS: dict[str, Shape] = {
    "KazooControl": shapes.record(
        {"data": shapes.loose({name: _parameter(name) for name in controls.TYPES}, "KAZOO's `callflows.record_call`.")},
        "All else is ignored, and null counts as not given.",
    ),
    "KazooControlAnswer": schemas.envelope(
        {
            "description": "The recording as it is known now; what was done, where the provider does not tell its id.",
            "anyOf": [
                shapes.schema("KazooRecording"),
                {**shapes.record({"message": MESSAGE}), "additionalProperties": False},
            ],
        },
        {"message": MESSAGE},
    ),
    "KazooRetry": shapes.record(
        {
            "action": shapes.word("The only action that there is.", retries.ACTION),
            "data": {"type": "object", "description": "Ignored."},
        },
        optional=("data",),
    ),
    "KazooRetryAnswer": schemas.envelope(
        shapes.record({outcome.value: shapes.whole(said, minimum=0) for outcome, said in RETRIED.items()}),
        {"next_start_key": shapes.text("Goes on as `start_key` of the next request, as long as more may follow.")},
    ),
}
