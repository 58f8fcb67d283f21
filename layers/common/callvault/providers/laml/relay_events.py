"""Read the events about recordings that SignalWire's present product sends: SWML and Relay.

SWML's `record` and `record_call` send them as JSON to their `status_url`
(https://signalwire.com/docs/swml/reference/calling/record-call), in the form of the Relay event
`calling.call.record` (signalwire-sdk 3.7.5, relay/event.py). The event's `recording_id` is the id
in the Recordings API. Events of before 2026 lack it, and then the URL of the media has it. The URL
itself is not used.

An event in another form is kept too, as announced, and the API is asked about it later. An event
that names no recording gets an id of the archive's own, which begins with UNNAMED.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.models import Format, Recording, State
from callvault.providers.base import OTHER
from callvault.providers.fields import MAX_ID_BYTES, PARENT_ID, Fields, check_account, one_of
from callvault.providers.laml.resource_fields import ID

EVENT = "calling.call.record"
EVENTS = {
    "calling.call.state": "call",
    "calling.call.receive": "call",
    "calling.call.connect": "call",
    "calling.call.stream": "stream",
    "calling.call.tap": "stream",
    "calling.call.transcribe": "transcription",
    "calling.conference": "conference",
}
"""Events that report no recording, by `event_type`."""
STATES = {
    "recording": State.ANNOUNCED,
    "paused": State.ANNOUNCED,
    "finished": State.PENDING,
    "no_input": State.ABSENT,
    "error": State.ABSENT,
}
"""State of the recording by the event's `state`."""
MARK = "event_type"
"""Member of `extra` by which a recording of this product is told from one of the Compatibility API.

It is in the message of a fetch and in the row, and no later callback removes it.
"""
UNNAMED = "unnamed-"
"""Beginning of the id of a recording whose events do not name it."""
URL_ID = re.compile(r"/recordings/([A-Za-z0-9_-]+)(?=[./?#]|\Z)")
"""Finds a recording's id in the URL of its media.

It is `…/recordings/ID.wav`, or `…/recordings/ID/download` in events of before 2026.
"""
INNER = ("params", "event", "payload", "data")
"""Members in which an event, or its parameters, may be."""
IDS = ("recording_id", "recordingId")
MAX_ENVELOPES = 3
FORMATS: tuple[Format, ...] = ("wav", "mp3", "mp4")


def is_relay(recording: Recording) -> bool:
    """Return whether a recording is of this product and not of the Compatibility API."""
    return str(recording.extra.get(MARK)).startswith("calling.")


def opened(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event in an envelope, such as that of JSON-RPC, or the content itself.

    The SDK receives an event as the `params` of `signalwire.event`.
    """
    for _ in range(MAX_ENVELOPES):
        inner = next((found for name in INNER if (found := _object(content.get(name)))), None)
        if MARK in content or inner is None:
            break
        content = inner
    return content


def reports(content: Mapping[str, Any]) -> bool:
    """Return whether the JSON of a callback, `opened`, reports a recording."""
    parts = [content, *(_object(content.get(name)) or {} for name in INNER)]
    named = any(name in part for part in parts for name in (*IDS, "record"))
    return named or "record" in str(content.get(MARK))


def event(content: Mapping[str, Any]) -> str:
    """Return the kind of an event that reports no recording, or OTHER."""
    return EVENTS.get(str(content.get(MARK)), OTHER)


def read(account: Account, content: Mapping[str, Any]) -> Recording:
    """Return the recording that an event reports.

    Raises ForbiddenError if it belongs to another account. No other field can reject it.
    """
    outer = Fields(content)
    inner = next((part for name in INNER if (part := outer.take(name, _object)) is not None), None)
    params = outer if inner is None else Fields(inner)
    record = Fields(params.take("record", _object) or {})
    check_account(account, outer.rest.pop("project_id", None), params.rest.pop("project_id", None))
    named = next((found for name in IDS if (found := params.take(name, _id))), None)
    named = named or _id_in(record.rest.get("url")) or _id_in(params.rest.get("url"))
    is_exact = inner is not None and named is not None and outer.rest.get(MARK) == EVENT
    word = params.take("state", one_of(*STATES)) if is_exact else None
    state = STATES[word] if word else State.ANNOUNCED
    known: dict[str, Any] = {
        "reason": word if state is State.ABSENT else None,
        "call_id": params.take("call_id", _parent_id),
        "start_time": params.take_time("start_time", times.read_unix),
        "end_time": params.take_time("end_time", times.read_unix),
        "duration_ms": _duration(record, params),
        **_audio(record),
    }
    recording_id = named or _made_id(content, known["call_id"], params.rest.get("control_id"))
    extra = _extra(outer, params, record, has_media=state is State.PENDING)
    return Recording(
        account_id=account.account_id,
        provider=account.provider,
        recording_id=recording_id,
        state=state,
        **known,
        extra=extra,
    )


def _duration(record: Fields, params: Fields) -> int | None:
    """Return the duration, which is in either of two objects."""
    for fields in (record, params):
        if (duration := fields.take("duration", times.read_seconds)) is not None:
            return duration
    return None


def _audio(record: Fields) -> dict[str, Any]:
    """Return the format and the number of channels that a recording has."""
    audio = Fields(record.take("audio", _object) or {})
    stereo = audio.take("stereo", lambda value: value if isinstance(value, bool) else None)
    found = {
        "format": audio.take("format", one_of(*FORMATS)) or record.take("format", one_of(*FORMATS)),
        "channels": None if stereo is None else 1 + stereo,
    }
    record.rest |= {"audio": audio.rest} if audio.rest else {}
    return found


def _extra(outer: Fields, params: Fields, record: Fields, *, has_media: bool) -> dict[str, Any]:
    """Return the members that were not read, of all levels, and MARK.

    The URL of the media may give access without credentials. A size is that of the whole media only
    if the recording is finished.
    """
    rest = {**outer.rest, **params.rest, **record.rest}
    left_out = {MARK} if has_media else {MARK, "size"}
    kept = {name: value for name, value in rest.items() if name not in left_out and not name.endswith("url")}
    mark = outer.rest.get(MARK)
    return {MARK: mark if isinstance(mark, str) and mark.startswith(EVENT) else EVENT} | bounded(kept)


def _made_id(content: Mapping[str, Any], call_id: str | None, control_id: object) -> str:
    """Return an id for a recording that is not named.

    It is the same for all events of a recording that have the ids of its call and its control.
    """
    named = [call_id, control_id] if call_id and control_id else content
    return UNNAMED + hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:32]


def _id(value: object) -> str | None:
    """Return an id that can be part of a path and of a key, or None."""
    fits = isinstance(value, str) and len(value) <= MAX_ID_BYTES and ID(value) and not value.startswith(UNNAMED)
    return str(value) if fits else None


def _id_in(url: object) -> str | None:
    """Return the recording's id in the URL of its media, or None."""
    found = URL_ID.search(url) if isinstance(url, str) else None
    return _id(found[1]) if found else None


def _parent_id(value: object) -> str | None:
    """Return the id of a call, or None."""
    return value if isinstance(value, str) and len(value) <= MAX_ID_BYTES and PARENT_ID(value) else None


def _object(value: object) -> dict[str, Any] | None:
    """Return a JSON object, or None for any other value."""
    return value if isinstance(value, dict) else None
