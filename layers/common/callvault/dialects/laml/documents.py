"""Render a recording as SignalWire and Twilio do, each with its own types for the same fields.

SignalWire: https://signalwire.com/docs/compatibility-api/rest/recordings/. Twilio:
https://www.twilio.com/docs/voice/api/recording. Times are RFC 2822, in UTC. Unknown values are
null. No callback has the price, so it is known only of recordings whose resource the archive has
read. The paths in `subresource_uris` are the provider's; the archive serves nothing there.
`media_url` is a URL of the archive without extension, so that callers may append an extension. The
member `archive`, which neither provider has, holds the fields that only the archive has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from callvault.dialects import shared_fields
from callvault.models import Recording, State
from callvault.providers.fields import json_object_or_empty

type Document = dict[str, Any]
type Renderer = Callable[[Recording], Document]

API_VERSION = "2010-04-01"
LAML = {"signalwire", "twilio"}
STATUSES = {
    State.ANNOUNCED: "in-progress",
    State.PENDING: "processing",
    State.STORED: "completed",
    State.VERIFIED: "completed",
    State.ABSENT: "absent",
    State.FAILED: "absent",
}
"""Status by state. Tombstones are never rendered."""
EXTENSIONS = (".json", ".wav", ".mp3")
SUBRESOURCES = {"add_on_results": "AddOnResults", "transcriptions": "Transcriptions"}
"""The members of Twilio's `subresource_uris`, with the ends of their paths.

SignalWire's `subresource_uris` has only `transcriptions`.
"""


@dataclass(frozen=True)
class Place:
    """Location of resources: the API's origin and root, and the account id as in the path."""

    origin: str
    root: str
    account_id: str

    def uri(self, recording: Recording) -> str:
        """Return a recording's path, without extension."""
        account, recording_id = quote(self.account_id, safe=""), quote(recording.recording_id, safe="")
        return f"{self.root}/Accounts/{account}/Recordings/{recording_id}"

    def media_url(self, recording: Recording) -> str | None:
        """Return the URL of a recording's audio, or None if there is no audio."""
        if recording.served is None:
            return None
        # The routes would take the end of an id such as `call.wav` for the path's extension. So the
        # URL of such an id gets the audio's extension as well.
        suffix = f".{shared_fields.extension(recording)}" if recording.recording_id.endswith(EXTENSIONS) else ""
        return f"{self.origin}{self.uri(recording)}{suffix}"


def render_twilio(recording: Recording, place: Place) -> Document:
    """Return a recording with Twilio's types.

    `channels` and `error_code` are integers, `duration` is text.
    """
    seconds, code = _seconds(recording), _error_code(recording)
    return _common(recording, place, SUBRESOURCES) | {
        "channels": shared_fields.channels(recording),
        "duration": None if seconds is None else str(seconds),
        "error_code": None if code is None else shared_fields.int32(int(code)),
        "status": _status(recording),
        "track": _extra(recording, "RecordingTrack"),
    }


def render_signalwire(recording: Recording, place: Place) -> Document:
    """Return a recording with SignalWire's types.

    `channels` and `error_code` are text, `duration` is an integer.

    SignalWire has no status for a recording that has ended but is not available yet; `queued` comes
    closest.
    """
    channels, status = shared_fields.channels(recording), _status(recording)
    written = None if channels is None else str(channels)
    return _common(recording, place, {"transcriptions": SUBRESOURCES["transcriptions"]}) | {
        "channel": written,
        "channels": written,
        "duration": _seconds(recording),
        "end_time": _write(recording.end_time),
        "error_code": _error_code(recording),
        "status": "queued" if status == "processing" else status,
        "trim": _extra(recording, "Trim"),
    }


def _common(recording: Recording, place: Place, subresources: Mapping[str, str]) -> Document:
    """Return the fields whose types are the same at both providers."""
    return {
        "sid": recording.recording_id,
        "account_sid": place.account_id,
        "api_version": API_VERSION,
        "call_sid": recording.call_id,
        "conference_sid": recording.conference_id,
        "date_created": _write(recording.listed_time),
        "date_updated": _write(recording.updated_time),
        "start_time": _write(recording.start_time),
        "price": _price(recording),
        "price_unit": _extra(recording, "price_unit"),
        "source": _extra(recording, "RecordingSource"),
        "encryption_details": _encryption_details(recording),
        "uri": f"{place.uri(recording)}.json",
        "media_url": place.media_url(recording),
        "subresource_uris": _subresource_uris(place.uri(recording), subresources),
        "archive": shared_fields.archive(recording)
        | shared_fields.without_nulls(
            {"from": recording.caller, "to": recording.callee, "direction": recording.direction}
        ),
    }


def _status(recording: Recording) -> str:
    """Return Twilio's status.

    The status of a partial recording is `completed`, also while the whole recording is being
    fetched.
    """
    return "completed" if recording.served and recording.state is State.PENDING else STATUSES[recording.state]


def _seconds(recording: Recording) -> int | None:
    """Return a recording's duration in whole seconds."""
    duration = shared_fields.duration_ms(recording)
    return None if duration is None else duration // 1000


def _error_code(recording: Recording) -> str | None:
    """Return the provider's error code for missing audio, or None."""
    reason = recording.reason or ""
    return reason if reason.isascii() and reason.isdigit() else None


def _extra(recording: Recording, name: str) -> str | None:
    """Return a text field that only SignalWire's and Twilio's callbacks have, or None.

    A callback in JSON can have something else there, which typed SDKs cannot read.
    """
    value = recording.extra.get(name) if recording.provider in LAML else None
    return value if isinstance(value, str) else None


def _price(recording: Recording) -> str | None:
    """Return the price as text, in decimal notation, or None.

    Resources have it as text or as a number.
    """
    value = recording.extra.get("price") if recording.provider in LAML else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if isinstance(value, str) else None
    return format(Decimal(repr(value)), "f") if abs(value) <= shared_fields.MAX_INT32 else None


def _subresource_uris(uri: str, subresources: Mapping[str, str]) -> dict[str, str]:
    """Return the paths of a recording's further resources at the provider."""
    return {name: f"{uri}/{end}.json" for name, end in subresources.items()}


def _encryption_details(recording: Recording) -> object:
    """Return how the media is encrypted.

    It is an object in Twilio's resource, and the text of one in Twilio's callback.
    """
    details = recording.extra.get("EncryptionDetails") if recording.provider in LAML else None
    if isinstance(details, str):
        details = json_object_or_empty(details.encode())
    return details if details and isinstance(details, dict) else None


def _write(time: datetime | None) -> str | None:
    """Return a time as RFC 2822 (`Tue, 25 Sep 2018 23:00:00 +0000`)."""
    return None if time is None else format_datetime(time.astimezone(UTC))
