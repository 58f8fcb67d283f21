"""Start and stop recordings with the parameters of KAZOO's Call Recording API.

https://docs.2600hz.com/dev/applications/callflow/doc/record_call/ (schema `callflows.record_call`).
Parameters are validated against the schema. A `null` counts as missing, and fields outside the
schema are ignored. The response is that of Crossbar's own `start_record`: 202, with the recording's
document if the provider reports the recording's id at once.
"""

from collections.abc import Mapping
from typing import Any

from callvault import urls
from callvault.dialects import dispatch
from callvault.dialects.dispatch import Names
from callvault.dialects.kazoo import authorization, documents, envelopes, refusals, requests
from callvault.providers.commands import Outcome, Start, Update
from callvault.readers import access, controls
from callvault.web import Request, Response

TYPES: dict[str, Any] = {
    "action": str,
    "format": str,
    "label": str,
    "media_name": str,
    "method": str,
    "origin": str,
    "record_min_sec": int,
    "record_on_answer": bool,
    "record_on_bridge": bool,
    "record_sample_rate": int,
    "should_follow_transfer": bool,
    "skip_module": bool,
    "time_limit": int,
    "url": str,
}
TYPE_NAMES = {str: "string", int: "integer", bool: "boolean"}
CHOICES = {"action": ("start", "stop"), "format": ("mp3", "wav"), "method": ("put", "post")}
RANGES = {"record_min_sec": (0, 10800), "record_sample_rate": (1, 192_000), "time_limit": (5, 10800)}
"""Minimum and maximum of numeric parameters.

KAZOO limits only `time_limit`. The others are limited here, because greater values have no use.
"""
LENGTHS = {"url": (5, 2048)}
"""Minimum and maximum length of the texts to which DEFAULT_LENGTH does not apply, in characters."""
DEFAULT_LENGTH = (1, 256)
DEFAULTS = {
    "action": "start",
    "method": "put",
    "record_min_sec": 0,
    "record_on_answer": False,
    "record_on_bridge": False,
    "should_follow_transfer": True,
    "skip_module": False,
    "time_limit": 3600,
}
"""Defaults of the schema. A parameter with its default value is not sent to the provider."""
COMMAND_FIELDS = {
    "format": "format",
    "label": "label",
    "media_name": "name",
    "method": "upload_method",
    "origin": "origin",
    "record_min_sec": "min_seconds",
    "record_on_answer": "on_answer",
    "record_on_bridge": "on_bridge",
    "record_sample_rate": "sample_rate",
    "should_follow_transfer": "follow_transfer",
    "time_limit": "max_seconds",
    "url": "upload_url",
}
"""Fields of `commands.Start` by parameter."""


@dispatch.control
def control_recording(request: Request, names: Names) -> Response:
    """Start or stop the recording of a live call."""
    principal, call_id = authorization.enter(request, names), names["call_id"]
    access.check_can_control(principal)
    given = _read(requests.data(request))
    if given.get("skip_module"):
        return _done(request, None, "skipped: skip_module is true, so nothing was done")
    if given.get("action") == "stop":
        outcome = controls.update(principal, Update(call_id=call_id, progress="stopped"))
        return _done(request, outcome, "recording stopped")
    fields = {COMMAND_FIELDS[name]: value for name, value in given.items() if name in COMMAND_FIELDS}
    outcome = controls.start(principal, request, Start(call_id=call_id, **fields))
    return _done(request, outcome, "recording started")


def _done(request: Request, outcome: Outcome | None, message: str) -> Response:
    """Return the message, with the recording's document if the recording is known."""
    recording = outcome.recording if outcome else None
    data = documents.render(recording) if recording else {"message": message}
    return envelopes.succeed(request, data, status=202, members={"message": message})


def _read(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that differ from their default.

    Raises CrossbarError for an invalid parameter.
    """
    given = {name: data[name] for name in TYPES if data.get(name) is not None}
    for name, value in given.items():
        _check(name, value)
    return {name: value for name, value in given.items() if value != DEFAULTS.get(name)}


def _check(name: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Validate a parameter against the schema; raises CrossbarError."""
    wanted = TYPES[name]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise refusals.invalid(name, "type", f"Value did not match type(s): {TYPE_NAMES[wanted]}")
    if name in CHOICES and value not in CHOICES[name]:
        raise refusals.invalid(name, "enum", "Value not found in enumerated list of values", value)
    if wanted is int:
        _check_range(name, value, RANGES[name])
    if wanted is str:
        _check_length(name, value, LENGTHS.get(name, DEFAULT_LENGTH))
    if name == "url":
        _check_url(value)


def _check_range(name: str, value: int, ends: tuple[int, int]) -> None:
    """Check that a number is in its range, ends included; raises CrossbarError."""
    if value < ends[0]:
        raise refusals.invalid(name, "minimum", f"Value must be at least {ends[0]}", value)
    if value > ends[1]:
        raise refusals.invalid(name, "maximum", f"Value must be at most {ends[1]}", value)


def _check_length(name: str, value: str, ends: tuple[int, int]) -> None:
    """Check the length of a text, ends included; raises CrossbarError."""
    if len(value) < ends[0]:
        raise refusals.invalid(name, "minLength", f"String must be at least {ends[0]} characters")
    if len(value) > ends[1]:
        raise refusals.invalid(name, "maxLength", f"String must be at most {ends[1]} characters")


def _check_url(value: str) -> None:
    """Check that a text is an http or https URL; raises CrossbarError."""
    try:
        is_url = urls.parse_url(value).scheme in {"http", "https"}
    except ValueError:
        is_url = False
    if not is_url:
        raise refusals.invalid("url", "format", "Value must be an http or https URL")
