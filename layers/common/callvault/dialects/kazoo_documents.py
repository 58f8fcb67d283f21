"""Render a recording as a KAZOO document: https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/.

The fields are those of the schema `call_recordings` (KAZOO 4.3). A recording that came from KAZOO has the rest of them
in `extra`, under KAZOO's own names; another provider's lacks what nobody told us. Only these are ours to say:

- `name` and `description` name the file where the recording itself has no name, `source_type` then names the provider.
- `duration` and `duration_ms` are the announced ones, or else the measured.
- `caller_id_number` and `callee_id_number` are `from` and `to` where those are plain numbers.
- `url` is left out: KAZOO puts there where it sent the audio, with the credentials for that.
- `archive` holds what only the archive knows; its times are ISO 8601, all others are Gregorian seconds.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from callvault import times
from callvault.models import Recording

type Document = dict[str, Any]

GREGORIAN_EPOCH = 62_167_219_200
"""Gregorian seconds, from the year 0, of 1970-01-01 (Crossbar "Basics", Timestamps)."""
CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/x-wav"}
EXTENSIONS = {content_type: extension for extension, content_type in CONTENT_TYPES.items()}
NUMBER = re.compile(r"\+?\d+")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
UNSAFE = frozenset('"\\/')
LONGEST_NAME = 200


def gregorian(time: datetime) -> int:
    """Return a time as whole Gregorian seconds."""
    return int(time.timestamp() // 1) + GREGORIAN_EPOCH


def from_gregorian(seconds: int) -> datetime:
    """Return the time of Gregorian seconds; what is out of a datetime's range becomes the end of that."""
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0))
    least, most = map(gregorian, ends)
    return datetime.fromtimestamp(min(max(seconds, least), most) - GREGORIAN_EPOCH, UTC)


def render(recording: Recording) -> Document:
    """Return a recording's public document."""
    media, duration = recording.media, recording.duration_ms
    if duration is None and media is not None:
        duration = media.duration_ms
    name, content_type = _name(recording), content_type_of(recording)
    # Never taken from `extra`, not even where nobody told us: lists find and guard recordings by some of it.
    ours = {
        "id": recording.recording_id,
        "name": name,
        "content_type": content_type,
        "media_type": EXTENSIONS.get(content_type or ""),
        "media_source": "recorded",
        "from": recording.caller,
        "to": recording.callee,
        "direction": recording.direction,
        "start": recording.start_time and gregorian(recording.start_time),
        "duration": None if duration is None else duration // 1000,
        "duration_ms": duration,
        "call_id": recording.call_id,
        "conference_id": recording.conference_id,
        "owner_id": recording.owner_id,
        "url": None,
        "archive": _archive(recording),
    }
    otherwise = {
        "source_type": recording.provider,
        "description": name and f"recording {name}",
        "caller_id_number": _number(recording.caller),
        "callee_id_number": _number(recording.callee),
    }
    extra = recording.extra if recording.provider == "kazoo" else {}
    public = {name: value for name, value in extra.items() if not name.startswith(("_", "pvt_")) and name not in ours}
    metadata = {"user_metadata": recording.user_metadata} if recording.user_metadata else {}
    return _told(otherwise) | public | _told(ours) | metadata


def content_type_of(recording: Recording) -> str | None:
    """Return the audio's type, or the one it will have, or None if nobody told."""
    return recording.media.content_type if recording.media else CONTENT_TYPES.get(recording.format or "")


def file_name(recording: Recording) -> str:
    """Return the name under which a recording's audio is downloaded."""
    extension = EXTENSIONS.get(content_type_of(recording) or "", "bin")
    name = recording.name or recording.recording_id
    return name if name.lower().endswith(f".{extension}") else f"{name}.{extension}"


def disposition(name: str, *, inline: bool = False) -> str:
    """Return a Content-Disposition (RFC 6266) in which a name can neither end its own quotes nor the header."""
    known = "".join("_" if letter in UNSAFE or not letter.isprintable() else letter for letter in name[-LONGEST_NAME:])
    plain = known.encode("ascii", errors="replace").decode().replace("?", "_").replace("%", "_")
    value = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    return value if plain == known else f"{value}; filename*=UTF-8''{quote(known, safe='')}"


def write_csv(documents: list[Document], columns: list[str]) -> str:
    """Return documents as CSV (RFC 4180) with one column for each path."""
    output = io.StringIO()
    rows = csv.writer(output)
    rows.writerow(map(_cell, columns))
    for values in map(flatten, documents):
        rows.writerow(_cell(values.get(path, "")) for path in columns)
    return output.getvalue()


def flatten(value: Document, path: str = "") -> dict[str, object]:
    """Return a document's values by their dotted paths; a list is one value."""
    flat: dict[str, object] = {}
    for name, item in value.items():
        flat |= flatten(item, f"{path}{name}.") if isinstance(item, dict) else {f"{path}{name}": item}
    return flat


def _cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet computes.

    Names and numbers of callers are chosen by callers. OWASP "CSV Injection": an apostrophe in front makes it text; a
    plain number needs none, and `+15551234567` is to stay one.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA) and not PLAIN_NUMBER.fullmatch(text) else text


def _name(recording: Recording) -> str | None:
    """Return the name of a recording: the user's, or the file's once its format is known."""
    return recording.name or (file_name(recording) if content_type_of(recording) else None)


def _number(address: str | None) -> str | None:
    """Return an address if it is a plain number."""
    return address if address and NUMBER.fullmatch(address) else None


def _archive(recording: Recording) -> Document:
    """Return what only the archive knows of a recording."""
    media = recording.media
    facts = {
        "provider": recording.provider,
        "state": recording.state,
        "reason": recording.reason,
        "partial": (media or recording).partial,
        "parent_call_id": recording.parent_call_id,
        "tag": recording.tag,
        "transcription": recording.transcription,
        "discrepancies": list(recording.discrepancies) or None,
        "created_time": recording.created_time and times.write(recording.created_time),
        "updated_time": recording.updated_time and times.write(recording.updated_time),
        "source_expires_time": recording.source_expires_time and times.write(recording.source_expires_time),
        "history": [{"time": times.write(event.time), "what": event.what} for event in recording.history],
    }
    if media is not None:
        facts |= media.model_dump(
            include={"size", "sha256", "codec", "channels", "sample_rate", "duration_ms"}, mode="json"
        )
    return _told(facts)


def _told(document: Mapping[str, Any]) -> Document:
    """Return what of a document is not None."""
    return {name: value for name, value in document.items() if value is not None}
