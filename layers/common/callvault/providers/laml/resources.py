"""Read resources of SignalWire's or Twilio's API that complete or replace a callback.

A call's resource (https://www.twilio.com/docs/voice/api/call-resource) has caller and callee, which
callbacks lack. If it cannot be read, the recording is stored without them: a failed request for
metadata does not delay the fetch of the audio. A recording's resource
(https://www.twilio.com/docs/voice/api/recording) shows the present state of an announced
recording.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from callvault import transport
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording
from callvault.providers import look_ups
from callvault.providers.fields import json_object, text
from callvault.providers.laml import resource_fields
from callvault.providers.laml.resource_fields import ID, id_or_none

OK = 200
NOT_FOUND = 20404
"""`code` of the error for a resource that does not exist. The 404 of a wrong path has no such
body."""

BUSY = {408, 425, 429}
DOWN = 500
"""Statuses that say nothing about a resource: these, and DOWN or more."""

logger = Logger(child=True)


def describe(recording: Recording, resource_url: Callable[[str], str], authorization: str) -> Recording:
    """Return a recording with missing fields filled in from its own resource and its call's.

    Each resource is requested at most once. `resource_url` returns the URL of a resource, given its
    path relative to the account's resource.
    """
    known: dict[str, Any] = {}
    extra = recording.extra
    if recording.start_time is None or not (recording.call_id or recording.conference_id):
        resource = get(resource_url(f"Recordings/{recording.recording_id}.json"), authorization)
        known = resource_fields.known(resource)
        extra = resource_fields.kept(resource) | extra | resource_fields.encryption(resource)
    call_id = recording.call_id or known.get("call_id")
    if call_id and ID(call_id) and not (recording.caller and recording.callee):
        call = get(resource_url(f"Calls/{call_id}.json"), authorization)
        known |= {
            "caller": text(call.get("from")),
            "callee": text(call.get("to")),
            "direction": resource_fields.direction(call.get("direction")),
            "parent_call_id": id_or_none(call.get("parent_call_sid")),
        }
    missing = {name: value for name, value in known.items() if value and getattr(recording, name) is None}
    return recording.model_copy(update=missing | {"extra": extra})


def look_up(recording: Recording, url: str, authorization: str) -> Recording:
    """Return a recording as its resource at a URL describes it.

    Raises UnavailableError, RejectedError.
    """
    answer = look_ups.get(url, lambda _: {"authorization": authorization})
    if look_ups.not_found_body(answer).get("code") == NOT_FOUND:
        return look_ups.unknown(recording)
    resource = look_ups.document(answer)
    if resource.get("sid") != recording.recording_id:
        raise UnavailableError("no_document", "The provider's answer is not the requested recording.")
    return resource_fields.read(recording, resource)


def get(url: str, authorization: str) -> dict[str, Any]:
    """Return a resource; it is empty if the API does not return one."""
    try:
        return ask(url, authorization)
    except UnavailableError as error:
        return _nothing(error.reason)


def ask(url: str, authorization: str) -> dict[str, Any]:
    """Return a resource; it is empty if the API refuses it.

    Raises UnavailableError if the API is down or too busy to answer.
    """
    answer = transport.call("GET", url, headers={"authorization": authorization})
    if answer.status in BUSY or answer.status >= DOWN:
        raise transport.failure(answer.status, answer.headers)
    try:
        return json_object(answer.body) if answer.status == OK else _nothing(f"http_{answer.status}")
    except InvalidRequestError:
        return _nothing("not_json")


def _nothing(reason: str) -> dict[str, Any]:
    """Return the empty resource, and log why the API returned none."""
    logger.info("The provider's API did not return the metadata of a recording", extra={"reason": reason})
    return {}


def read(url: str, authorization: str) -> dict[str, Any]:
    """Return a resource; it is empty if the API says that it does not exist.

    Raises UnavailableError if the API does not return it, whatever the status.
    """
    answer = transport.call("GET", url, headers={"authorization": authorization})
    if look_ups.not_found_body(answer).get("code") == NOT_FOUND:
        return {}
    return look_ups.readable(answer)
