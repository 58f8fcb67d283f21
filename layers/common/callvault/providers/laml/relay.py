"""Ask SignalWire's Recordings API for recordings of SWML and Relay, and find their media.

https://signalwire.com/docs/apis/rest/recordings/get-call-recording. A recording is one resource at
`/api/relay/rest/recordings/ID` of the account's API. Its `url` is where the media is, usually at
files.signalwire.com. A callback has that URL too, but only the resource's is used: it comes from
the account's own origin.
"""

from collections.abc import Mapping
from typing import Any

from callvault import times
from callvault.account_parameter import Api
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Format, Recording, State
from callvault.providers import look_ups
from callvault.providers.fields import integer, json_object_or_empty, text
from callvault.providers.laml.relay_events import FORMATS, UNNAMED
from callvault.providers.laml.resource_fields import ID

ROOT = "/api/relay/rest/recordings"
STATES = {
    "completed": State.PENDING,
    "finished": State.PENDING,
    "no_input": State.ABSENT,
    "absent": State.ABSENT,
    "failed": State.ABSENT,
    "error": State.ABSENT,
    "deleted": State.ABSENT,
}
"""Maps the `status` of a resource to the state of the recording. The documentation has `completed`,
and the events have `finished` and `no_input`. With any other status the recording stays announced.
"""
PROGRESS = ("recording", "paused", "processing", "none")
"""The other values of `status` that are known; `none` stands for a resource without a status."""
LEGS = ("relay_pstn_leg_id", "relay_sip_leg_id", "relay_webrtc_leg_id")
"""Members that have the id of the call leg; a resource has one of them, by the kind of leg."""
CONFERENCE = "relay_conference_id"
CREATED = "created_at"
"""The member with the time at which a recording was created."""
KEPT = ("byte_size", "track", "price", "price_unit", "error_code", CREATED, "updated_at", *LEGS)
"""Members of a resource that are kept in `extra`."""


def url(recording: Recording, api: Api) -> str:
    """Return the URL of a recording's resource.

    Raises RejectedError if the recording has no id of SignalWire's.
    """
    if not ID(recording.recording_id) or recording.recording_id.startswith(UNNAMED):
        raise RejectedError("no_media_url", "The recording's id does not have the form of this provider's ids.")
    return f"{api.origin}{ROOT}/{recording.recording_id}"


def located(document: bytes) -> str:
    """Return the URL of the media that a resource names.

    Raises UnavailableError if it names none, because a later one may.
    """
    found = text(json_object_or_empty(document).get("url"))
    if not found:
        raise UnavailableError("not_audio", "The provider's answer names no media.")
    return found


def announced_bytes(recording: Recording) -> int | None:
    """Return the size of the media, from the resource or else from the last event; 0 is unknown."""
    return integer(recording.extra.get("byte_size")) or integer(recording.extra.get("size")) or None


def describe(recording: Recording, api: Api, authorization: str) -> Recording:
    """Return a recording with missing fields filled in from its resource.

    The resource is requested only if the size of the media or the call is missing. The media cannot
    be fetched without the resource either, so any failure is raised. Otherwise a part of the media
    could be stored as the whole. Raises UnavailableError, RejectedError.
    """
    if announced_bytes(recording) is not None and (recording.call_id or recording.conference_id):
        return recording
    resource = look_ups.document(look_ups.get(url(recording, api), lambda _: {"authorization": authorization}))
    known = _facts(resource) | {"duration_ms": times.read_seconds(resource.get("duration_in_seconds"))}
    return recording.model_copy(update=_missing(recording, known) | {"extra": _kept(resource) | recording.extra})


def look_up(recording: Recording, api: Api, authorization: str) -> Recording:
    """Return a recording as its resource describes it; raises UnavailableError, RejectedError.

    The body of SignalWire's 404 does not tell an unknown recording from a wrong path. So the
    recording is unknown only if the body is SignalWire's and the API lists recordings beside it.
    """
    headers = {"authorization": authorization}
    answer = look_ups.get(url(recording, api), lambda _: headers)
    if _is_not_found(look_ups.not_found_body(answer)) and _has_list(api, headers):
        return look_ups.unknown(recording)
    resource = look_ups.document(answer)
    if resource.get("id") != recording.recording_id:
        raise UnavailableError("no_document", "The provider's answer is not the requested recording.")
    return read(recording, resource)


def read(recording: Recording, resource: Mapping[str, Any]) -> Recording:
    """Return a recording as its resource, or an entry of the list, describes it."""
    status = str(resource.get("status")).lower()
    state = STATES.get(status, State.ANNOUNCED)
    duration = None if state is State.ANNOUNCED else times.read_seconds(resource.get("duration_in_seconds"))
    changes = {
        "state": state,
        "reason": _reason(status, resource) if state is State.ABSENT else None,
        "duration_ms": recording.duration_ms if duration is None else duration,
        "extra": recording.extra | _kept(resource),
    }
    return recording.model_copy(update=_missing(recording, _facts(resource)) | changes)


def _reason(status: str, resource: Mapping[str, Any]) -> str:
    """Return why a recording has no media: the error's code, or the status."""
    return status if status == look_ups.DELETED else text(resource.get("error_code")) or status


def _is_not_found(refusal: dict[str, Any]) -> bool:
    """Return whether the body of a 404 is SignalWire's own, and not the page of a gateway.

    SignalWire sends `{error}`, or `{errors: [...]}` for what it does not accept
    (specs/signalwire-rest/types/status-codes of github.com/signalwire/docs).
    """
    return bool(text(refusal.get("error"))) or isinstance(refusal.get("errors"), list)


def _has_list(api: Api, headers: dict[str, str]) -> bool:
    """Return whether the API lists recordings for these credentials."""
    answer = look_ups.get(f"{api.origin}{ROOT}?page_size=1", lambda _: headers)
    return answer.status == look_ups.OK and isinstance(json_object_or_empty(answer.body).get("data"), list)


def _facts(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a recording that its resource has, None for an unknown one."""
    stereo = resource.get("stereo")
    return {
        "call_id": next((found for name in LEGS if (found := _id(resource.get(name)))), None),
        "conference_id": _id(resource.get(CONFERENCE)),
        "channels": 1 + stereo if isinstance(stereo, bool) else None,
        "format": _format(resource.get("url")),
    }


def _missing(recording: Recording, known: dict[str, Any]) -> dict[str, Any]:
    """Return the known fields that a recording lacks."""
    return {name: value for name, value in known.items() if value is not None and getattr(recording, name) is None}


def _kept(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that are kept in `extra`.

    A status is kept if it is not known, and the size only if the recording is finished.
    """
    status = str(resource.get("status")).lower()
    unknown = {} if status in {*STATES, *PROGRESS} else {"status": resource.get("status")}
    names = [name for name in KEPT if name != "byte_size" or STATES.get(status) is State.PENDING]
    return unknown | {name: value for name in names if (value := resource.get(name)) is not None}


def _format(media: object) -> Format | None:
    """Return the format that the URL of the media shows, or None."""
    return next((one for one in FORMATS if str(media).partition("?")[0].lower().endswith(f".{one}")), None)


def _id(value: object) -> str | None:
    """Return an id that can be part of a path, or None."""
    return value if isinstance(value, str) and ID(value) else None
