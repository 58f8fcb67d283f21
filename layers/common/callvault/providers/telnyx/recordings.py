"""Read what Telnyx's webhooks and resources say of a recording.

https://developers.telnyx.com/api-reference/callbacks/call-recording-saved: a webhook is
`{"data": {"event_type", "payload": {…}}}`. Version 1 has the same members without `data`. The
documented schema of `call.recording.saved` lacks `recording_id`; Telnyx's guide on storing
recordings shows it in a webhook, and the schema of `conference.recording.saved` has it. If a
webhook lacks it, the archive makes an id, which begins with UNNAMED, and asks the API for the
recording of the same call with the same start.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.providers.fields import MAX_ID_BYTES, PARENT_ID, Fields, integer, text
from callvault.providers.telnyx import media, transcriptions

ID = re.compile(r"[A-Za-z0-9_-]+").fullmatch
"""Matches an id that can be part of a path. Telnyx's are UUIDs."""
UNNAMED = "unnamed-"
"""Beginning of the id of a recording that its webhook does not name."""
ERROR, TRANSCRIBED = "call.recording.error", "call.recording.transcription.saved"
SAVED = ("call.recording.saved", "conference.recording.saved", "recording_saved")
"""Event types of a recording whose media is there. The last one is that of version 1."""
REASON = "recording_error"
"""Reason of an absent recording that Telnyx reported by ERROR. `extra.reason` has its sentence."""
CHANNELS = {"single": 1, "dual": 2}
LINKS = ("recording_urls", "public_recording_urls", "download_urls")
"""Members with links to the media, which are not kept: they give access without credentials."""
REDUNDANT = ("event_type", "record_type", "id", "payload", "webhook_id", "created_at")
"""Members of a webhook that are not kept. The payload has the times."""


def read(account: Account, content: Mapping[str, Any]) -> Recording | None:
    """Return the recording that the JSON of a webhook reports, or None if it reports none.

    No field can reject it: what is malformed is kept in `extra`.
    """
    event, kind = _event(content), kind_of(content)
    if kind not in {*SAVED, ERROR, TRANSCRIBED}:
        return None
    payload = Fields(_object(event.get("payload")))
    named, found = payload.take("recording_id", _id), links(payload)
    payload.drop("start_time", "end_time")  # in version 1, the times of the recording once more
    known = facts(payload) | {"tag": payload.take("client_state", text)}
    if kind == TRANSCRIBED:
        known["transcript"] = transcriptions.read(payload, times.read(event.get("occurred_at")))
    known |= _result(kind, found, is_named=named is not None)
    elsewhere = media.own_storage(found.values())
    rest = {name: value for name, value in event.items() if name not in REDUNDANT and value is not None}
    return Recording(
        account_id=account.account_id,
        provider="telnyx",
        recording_id=named or _made_id(event, payload, known),
        **known,
        extra=bounded(rest | payload.rest | ({look_ups.EXTERNAL_URL: elsewhere} if elsewhere else {})),
    )


def kind_of(content: Mapping[str, Any]) -> str | None:
    """Return the event type of a webhook's JSON, or None."""
    return text(_event(content).get("event_type"))


def facts(fields: Fields) -> dict[str, Any]:
    """Return the fields of a recording that a webhook's payload or a resource describes."""
    return {
        "call_id": fields.take("call_control_id", _parent_id) or fields.take("call_leg_id", _parent_id),
        "conference_id": fields.take("conference_id", _parent_id),
        "caller": fields.take("from", text),
        "callee": fields.take("to", text),
        "start_time": fields.take_time("recording_started_at", times.read_precise),
        "end_time": fields.take_time("recording_ended_at", times.read_precise),
        "duration_ms": fields.take("duration_millis", integer),
        "channels": fields.take("channels", lambda value: CHANNELS.get(str(value))),
    }


def links(fields: Fields) -> dict[Any, str]:
    """Remove all links to the media, and return those that expire, by format."""
    found = media.links(fields.rest.get("recording_urls") or fields.rest.get("download_urls"))
    fields.drop(*LINKS)
    return found


def _result(kind: str, found: Mapping[Any, str], *, is_named: bool) -> dict[str, Any]:
    """Return the state of the recording that a webhook reports, and its reason."""
    if kind == ERROR:
        return {"state": State.ABSENT, "reason": REASON}
    if media.own_storage(found.values()):
        return {"state": State.ABSENT, "reason": look_ups.STORED_ELSEWHERE}
    return {"state": State.PENDING if kind in SAVED and is_named else State.ANNOUNCED}


def _made_id(event: Mapping[str, Any], payload: Fields, known: Mapping[str, Any]) -> str:
    """Return an id for an unnamed recording; a repeated webhook gives the same id."""
    leg = payload.rest.get("call_leg_id") or known["call_id"]
    start = known["start_time"] and times.write(known["start_time"])
    named = [leg, start] if leg and start else event.get("id") or event
    return UNNAMED + hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:32]


def _event(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of the event: those of `data`, or in version 1 those of the webhook."""
    return _object(content.get("data")) or dict(content)


def _object(value: object) -> dict[str, Any]:
    """Return a JSON object, or an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def _id(value: object) -> str | None:
    """Return the id of a recording, or None."""
    fits = isinstance(value, str) and len(value) <= MAX_ID_BYTES and ID(value) and not value.startswith(UNNAMED)
    return str(value) if fits else None


def _parent_id(value: object) -> str | None:
    """Return the id of a call or of a conference, or None."""
    return value if isinstance(value, str) and len(value) <= MAX_ID_BYTES and PARENT_ID(value) else None
