"""Read the fields that describe a recording in KAZOO, from its document or from an upload.

Both use the names of the schema `call_recordings`
(https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/). Times are Gregorian seconds
(Crossbar "Basics", Timestamps). The schema has no end time; `duration` is `duration_ms` in whole
seconds.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.bounds import bounded
from callvault.models import Format, Recording, State
from callvault.providers.fields import Fields, integer, one_of, text

ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]+")
ID = re.compile(r"[0-9]{6}-[A-Za-z0-9_-]{1,120}")
"""Id of a document: the month of its database, then 32 hex digits or the `media_id` of a callflow
of KAZOO 5."""
GENERATED_ID = re.compile(r"[0-9]{6}-[0-9a-f]{32}")
"""Id of a document in the form that KAZOO generates. Only this form is searched for in paths and
file names, because the form of `ID` would also match other text there."""
FORMATS: dict[str, Format] = {
    "mp3": "mp3", "audio/mpeg": "mp3", "audio/mp3": "mp3",
    "wav": "wav", "audio/x-wav": "wav", "audio/wav": "wav", "audio/vnd.wave": "wav",
    "mp4": "mp4", "audio/mp4": "mp4", "video/mp4": "mp4",
}  # fmt: skip
NO_AUDIO = "no_audio"
"""Reason of an absent recording whose document has no audio. KAZOO tries to store audio for about
an hour, and a recording is looked up long after that."""
MAX_EXTRA_BYTES = 64 * 1024
MAX_OWNER_BYTES = 512
"""Maximum length of a user's id, which becomes part of keys; KAZOO's own ids have 32 bytes."""


def read(account: Account, recording_id: str, state: State, values: Mapping[str, Any]) -> Recording:
    """Return the recording that these values describe.

    Unknown and malformed fields are kept in `extra`, up to 64 KB. Members named `url` are removed
    at every level, because they contain the URL that KAZOO uploads to, including its credentials.
    """
    fields = Fields({name: _without_url(value) for name, value in values.items() if not name.startswith(("_", "pvt_"))})
    fields.drop("id", "recording_id", "account_id", "url")
    name, media_type = fields.take("name", text), fields.take("media_type", text)
    milliseconds, seconds = fields.take("duration_ms", integer), fields.take("duration", integer)
    if milliseconds is None and seconds is not None:
        milliseconds = seconds * 1000
    known: dict[str, Any] = {
        "call_id": fields.take("call_id", text),
        "conference_id": fields.take("conference_id", text),
        "caller": fields.take("from", text),
        "callee": fields.take("to", text),
        "direction": fields.take("direction", one_of("inbound", "outbound")),
        "owner_id": fields.take("owner_id", _owner),
        "start_time": fields.take("start", gregorian),
        "tag": fields.take("tag", text),
    }
    return Recording(
        account_id=account.account_id,
        provider="kazoo",
        recording_id=recording_id,
        state=state,
        duration_ms=milliseconds,
        name=name,
        format=format_of(media_type, name, fields.rest.get("content_type")),
        **known,
        extra=bounded(fields.rest, MAX_EXTRA_BYTES),
    )


def is_missing(recording_id: str, refusal: Mapping[str, Any]) -> bool:
    """Return whether the body of Crossbar's 404 means that there is no such document.

    In that case its message is `bad_identifier`, and its cause, if any, is the id. A 404 for an
    endpoint that is not running has the message `not_found`, and one for a malformed account id has
    `bad identifier` (crossbar_doc.erl, api_util.erl).
    """
    data = refusal.get("data")
    cause = data.get("cause") if isinstance(data, dict) else None
    return refusal.get("message") == "bad_identifier" and (cause is None or cause == recording_id)


def gregorian(value: object) -> datetime | None:
    """Convert Gregorian seconds (a number or its digits) to a time; None for any other value."""
    seconds = integer(value)
    if seconds is None or seconds < times.GREGORIAN_EPOCH:
        return None
    try:
        return datetime.fromtimestamp(seconds - times.GREGORIAN_EPOCH, UTC)
    except (ValueError, OverflowError):
        return None


def format_of(*hints: object) -> Format | None:
    """Return the format of the first hint that has one: a content type, extension or file name."""
    for hint in hints:
        if isinstance(hint, str):
            word = hint.partition(";")[0].strip().lower()
            found = FORMATS.get(word) or FORMATS.get(word.rpartition(".")[2])
            if found:
                return found
    return None


def _owner(value: object) -> str | None:
    """Return a user's id, or None if it is not text or is too long."""
    found = text(value)
    return found if found is not None and len(found.encode()) <= MAX_OWNER_BYTES else None


def _without_url(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value without its members named `url`, at every level."""
    if isinstance(value, dict):
        return {name: _without_url(item) for name, item in value.items() if name != "url"}
    return [_without_url(item) for item in value] if isinstance(value, list) else value
