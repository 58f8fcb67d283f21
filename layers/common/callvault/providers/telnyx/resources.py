"""Ask Telnyx's API for recordings, and find the present link to their media.

https://developers.telnyx.com/api-reference/call-recordings/retrieve-a-call-recording. The resource
of a recording is `{"data": {…}}` at `/v2/recordings/ID`. Its `download_urls` lead to Telnyx's
storage at S3 and are valid for ten minutes, so each attempt to fetch the media asks for new ones.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.errors import RejectedError, UnavailableError
from callvault.models import OfferedFormat, Recording, State
from callvault.providers import look_ups
from callvault.providers.fields import Fields, json_object_or_empty
from callvault.providers.telnyx import media, recordings
from callvault.providers.telnyx.recordings import ID, UNNAMED
from callvault.transport import Answer

type Ask = Callable[[str], Answer]
"""Sends a GET to a URL of the API, with credentials."""

RECORDINGS, TRANSCRIPTIONS = "/v2/recordings", "/v2/recording_transcriptions"
COMPLETED = "completed"
"""`status` of a recording whose media is there. The documentation has no other status."""
NOT_FOUND = "10005"
"""`code` of the error for a resource that does not exist
(https://developers.telnyx.com/development/api-fundamentals/api-errors)."""
SAME = (timedelta(0), timedelta(seconds=1), timedelta(minutes=1))
"""How far the starts of a webhook and of its resource may differ, the closest first.

The documentation shows microseconds in webhooks and milliseconds in resources, and does not say
whether the API rounds. Up to the last of these, only the leg's only recording is taken.
"""
NO_LINK = ("not_audio", "The provider's answer names no media.")


def path(recording: Recording) -> str:
    """Return the path of a recording's resource; raises RejectedError if there is no usable id."""
    if _is_unnamed(recording) or not ID(recording.recording_id):
        raise RejectedError("no_media_url", "The recording's id does not have the form of this provider's ids.")
    return f"{RECORDINGS}/{recording.recording_id}"


def located(document: bytes, wanted: OfferedFormat) -> str:
    """Return the link to the media that a resource has, in the wanted format if it has it.

    Raises UnavailableError if the resource has no link yet, and RejectedError if the media is in
    the customer's own storage.
    """
    found = media.links(_data(document).get("download_urls"))
    chosen = media.preferred(found, wanted)
    if chosen is None:
        raise UnavailableError(*NO_LINK)
    if media.own_storage([found[chosen]]):
        raise RejectedError(look_ups.STORED_ELSEWHERE, "The media is in the customer's own storage.")
    return found[chosen]


def describe(recording: Recording, account: Account, ask: Ask, origin: str) -> Recording:
    """Return a recording with the fields that its webhook lacks, such as the format.

    The resource is read only while the format is unknown, because the format decides the key of the
    object. Raises UnavailableError and RejectedError: without the resource, the fetch would fail
    too.
    """
    if recording.format is not None:
        return recording
    resource = _resource(ask(origin + path(recording)))
    if not media.links(resource.get("download_urls")):
        raise UnavailableError(*NO_LINK)
    return _completed(recording, account, resource)


def explain(recording: Recording, reason: str, ask: Ask, origin: str) -> Recording | None:
    """Return a recording as absent if the fetch failed because its media is stored elsewhere.

    Raises UnavailableError if the resource cannot be read.
    """
    if reason != look_ups.STORED_ELSEWHERE:
        return None
    found = media.links(_explaining(ask(origin + path(recording))).get("download_urls"))
    place = media.own_storage(found.values())
    return look_ups.stored_elsewhere(recording, place) if place else None


def look_up(recording: Recording, account: Account, ask: Ask, origin: str) -> Recording:
    """Return a recording as its resource describes it; raises UnavailableError, RejectedError.

    An unnamed recording whose resource was found has the id of the resource.
    """
    if _is_unnamed(recording):
        return _found(recording, account, ask, origin)
    answer = ask(origin + path(recording))
    if _is_unknown(answer):
        return look_ups.unknown(recording)
    resource = _resource(answer)
    if resource.get("id") != recording.recording_id:
        raise UnavailableError("no_document", "Telnyx's answer is not the requested recording.")
    return _stated(_completed(recording, account, resource), resource)


def _found(recording: Recording, account: Account, ask: Ask, origin: str) -> Recording:
    """Return an unnamed recording with the id and the facts of its resource.

    Its resource is that of its call leg's recording with the same start (see `_same`). If the API
    lists no such recording, or several, the unnamed recording is returned.
    """
    leg = recording.extra.get("call_leg_id") or recording.call_id
    if not leg or recording.start_time is None:
        raise RejectedError("no_media_url", "The webhook names neither the recording nor its call and start.")
    answer = ask(f"{origin}{RECORDINGS}?{urlencode({'filter[call_leg_id]': str(leg)})}")
    listed = look_ups.document(answer).get("data")
    resources = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    same = _same(recording.start_time, [one for one in resources if one.get("call_leg_id") in (None, leg)])
    if same is None or not ID(str(same.get("id"))):
        return recording
    named = recording.model_copy(update={"recording_id": same["id"]})
    return _stated(_completed(named, account, same), same)


def _same(start: datetime, resources: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the one resource of a leg that started at a time, or None if none or several did.

    The start of the leg's only recording may be missing or differ by a minute. If it differs by
    more, it is another recording, and the one that was announced is no longer there.
    """
    starts = [recordings.facts(Fields(one))["start_time"] for one in resources]
    is_only = len(resources) == 1
    if is_only and starts[0] is None:
        return resources[0]
    for limit in SAME if is_only else SAME[:-1]:
        near = [one for one, time in zip(resources, starts, strict=True) if time and abs(time - start) <= limit]
        if near:
            return near[0] if len(near) == 1 else None
    return None


def _stated(recording: Recording, resource: dict[str, Any]) -> Recording:
    """Return a recording in the state that its resource shows."""
    found = media.links(resource.get("download_urls"))
    if place := media.own_storage(found.values()):
        return look_ups.stored_elsewhere(recording, place)
    is_there = bool(found) or resource.get("status") == COMPLETED
    return recording.model_copy(update={"state": State.PENDING if is_there else State.ANNOUNCED, "reason": None})


def _completed(recording: Recording, account: Account, resource: dict[str, Any]) -> Recording:
    """Return a recording with the fields of its resource that it lacks."""
    fields = Fields(resource)
    known = recordings.facts(fields) | {"format": media.preferred(recordings.links(fields), account.media_format)}
    fields.drop("id", "record_type", "status")
    missing = {name: value for name, value in known.items() if value and getattr(recording, name) is None}
    return recording.model_copy(update=missing | {"extra": bounded(fields.rest | recording.extra)})


def _resource(answer: Answer) -> dict[str, Any]:
    """Return the resource in an answer of the API; raises UnavailableError, RejectedError."""
    look_ups.document(answer)
    found = _data(answer.body)
    if not found:
        raise UnavailableError("no_document", "Telnyx's answer has no recording.")
    return found


def _explaining(answer: Answer) -> dict[str, Any]:
    """Return the resource in an answer; empty if the API says that there is no such recording.

    Raises UnavailableError after any other answer.
    """
    if _is_unknown(answer):
        return {}
    look_ups.readable(answer)
    return _resource(answer)


def _data(document: bytes) -> dict[str, Any]:
    """Return the member `data` of a document; an empty object if it is not one."""
    found = json_object_or_empty(document).get("data")
    return found if isinstance(found, dict) else {}


def _is_unknown(answer: Answer) -> bool:
    """Return whether an answer says that there is no such recording."""
    errors = look_ups.not_found_body(answer).get("errors")
    found = errors if isinstance(errors, list) else []
    return any(isinstance(error, dict) and str(error.get("code")) == NOT_FOUND for error in found)


def _is_unnamed(recording: Recording) -> bool:
    """Return whether the recording's id is one of the archive's own."""
    return recording.recording_id.startswith(UNNAMED)
