"""Describe the requests and answers of what acts on recordings: control of live calls, and retries."""

from callvault.dialects.bandwidth import controls as bandwidth_controls
from callvault.dialects.kazoo import controls as kazoo_controls
from callvault.dialects.kazoo import retries
from callvault.dialects.laml import controls as laml_controls
from callvault.ingest import forwarding
from callvault.ingest.reopening import Outcome
from tools.openapi import kazoo_schemas, laml_schemas, shapes
from tools.openapi.shapes import Shape

ABLE = """\
What the account's provider cannot do as it was said is a 422 that says what to do instead.

| | start | pause, resume | stop |
|---|---|---|---|
| SignalWire, Twilio | yes | yes | yes |
| Bandwidth | 422 | yes | 422 |
| KAZOO 5 | yes, without parameters | 422 | yes |
| KAZOO 4.3 | 422 | 422 | 422 |"""
KAZOO = {
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
LAML = {
    "RecordingChannels": "Both sides in one channel, or each in its own.",
    "RecordingTrack": "Which side is recorded.",
    "Trim": "Whether silence at both ends is cut off.",
    "RecordingStatusCallbackMethod": "How RecordingStatusCallback is called.",
    "Status": "What the recording is to be.",
    "PauseBehavior": "What stands for the pause in the audio: silence, or nothing.",
}
"""What the parameters with a choice of words mean; they are taken in any case."""
CALLBACK: dict[str, Shape] = {
    "RecordingStatusCallback": shapes.text(
        "Is called, and signed, as the provider would, when the archive's own copy of the news is safe. It must be "
        "https, or at an origin in the account's `forward_origins`, without user name and password; what follows `#` "
        "is not heeded.",
        pattern="^https?://[!-~]+$",
        maxLength=forwarding.MAX_URL,
    ),
    "RecordingStatusCallbackEvent": shapes.listed(
        {"type": "string", "enum": list(laml_controls.EVENTS)},
        "Of which news to tell: repeated, or in one text with spaces between. Not given: `completed`.",
    ),
}


def say(what: str, more: str = "") -> str:
    """Return the words on an operation that controls a live call."""
    right = " ".join(filter(None, ("For readers with `can_control`.", more)))
    return f"{what}, at the account's provider.\n\n{right} {ABLE}"


def _kazoo(name: str) -> Shape:
    """Return the schema of a parameter of `callflows.record_call`; null counts as not given."""
    kind = kazoo_controls.TYPES[name]
    shape: Shape = {"description": KAZOO[name], "type": [kazoo_controls.TYPE_NAMES[kind], "null"]}
    if name in kazoo_controls.CHOICES:
        shape["enum"] = [*kazoo_controls.CHOICES[name], None]
    elif kind is str:
        shape["minLength"], shape["maxLength"] = kazoo_controls.LENGTHS.get(name, kazoo_controls.DEFAULT_LENGTH)
    elif kind is int:
        shape["minimum"], shape["maximum"] = kazoo_controls.RANGES[name]
    if name in kazoo_controls.DEFAULTS:
        shape["default"] = kazoo_controls.DEFAULTS[name]
    return shape


def _laml(*names: str) -> dict[str, Shape]:
    """Return the schemas of parameters that are one of some words."""
    return {name: _choice(LAML[name], *laml_controls.CHOICES[name]) for name in names}


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
            "account_sid": laml_schemas.COMMON["account_sid"],
            "call_sid": shapes.text("The call."),
            "status": STATUS,
        },
        "Where the provider does not say which recording it is: Bandwidth, KAZOO.",
    ),
    "additionalProperties": False,
}
MESSAGE = shapes.text("What was done.")
RETRIED = {
    Outcome.QUEUED: "How many are fetched again.",
    Outcome.PENDING: "How many somebody else was faster with.",
    Outcome.LEFT: "How many have not failed, or were removed.",
}
SCHEMAS: dict[str, Shape] = {
    "KazooControl": shapes.record(
        {
            "data": shapes.loose(
                {name: _kazoo(name) for name in kazoo_controls.TYPES}, "KAZOO's `callflows.record_call`."
            )
        },
        "All else is ignored, and null counts as not given.",
    ),
    "KazooControlAnswer": kazoo_schemas.envelope(
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
            "data": {"type": "object", "description": "Not heeded."},
        },
        optional=("data",),
    ),
    "KazooRetryAnswer": kazoo_schemas.envelope(
        shapes.record({outcome.value: shapes.whole(said, minimum=0) for outcome, said in RETRIED.items()}),
        {"next_start_key": shapes.text("Goes on as `start_key` of the next request, as long as more may follow.")},
    ),
    "BandwidthControl": shapes.record(
        {"state": shapes.word("What the recording that runs is to be.", *map(str, bandwidth_controls.STATES))}
    ),
    "CompatibilityStart": shapes.loose(
        {**_laml("RecordingChannels", "RecordingTrack", "Trim", "RecordingStatusCallbackMethod"), **CALLBACK}
    ),
    "CompatibilityUpdate": shapes.loose(_laml("Status", "PauseBehavior"), required=("Status",)),
    "CompatibilityLiveRecording": {
        "description": "The recording as it is known now, as the account's provider writes it or else as the prefix "
        "does, and what was done where that is all that is known.",
        "anyOf": [_live(laml_schemas.TWILIO), _live(laml_schemas.SIGNALWIRE), UNKNOWN],
    },
}
