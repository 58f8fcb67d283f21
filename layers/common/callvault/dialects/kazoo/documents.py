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
from datetime import UTC, datetime
from typing import Any

from callvault import times
from callvault.dialects import shared_fields
from callvault.models import Recording

type Document = dict[str, Any]

NUMBER = re.compile(r"\+?\d+")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def gregorian(time: datetime) -> int:
    """Return a time as whole Gregorian seconds."""
    return int(time.timestamp() // 1) + times.GREGORIAN_EPOCH


def from_gregorian(seconds: int) -> datetime:
    """Return the time of Gregorian seconds; what is out of a datetime's range becomes the end of that."""
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0))
    least, most = map(gregorian, ends)
    return datetime.fromtimestamp(min(max(seconds, least), most) - times.GREGORIAN_EPOCH, UTC)


def render(recording: Recording) -> Document:
    """Return a recording's public document."""
    name, duration = _name(recording), shared_fields.duration_ms(recording)
    # Never taken from `extra`, not even where nobody told us: lists find and guard recordings by some of it.
    ours = {
        "id": recording.recording_id,
        "name": name,
        "content_type": shared_fields.content_type(recording),
        "media_type": shared_fields.extension(recording),
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
        "archive": shared_fields.archive(recording),
    }
    otherwise = {
        "source_type": recording.provider,
        "description": name and f"recording {name}",
        "caller_id_number": _number(recording.caller),
        "callee_id_number": _number(recording.callee),
        "label": recording.extra.get("label"),
        "origin": recording.extra.get("origin"),
    }
    extra = recording.extra if recording.provider == "kazoo" else {}
    public = {name: value for name, value in extra.items() if not name.startswith(("_", "pvt_")) and name not in ours}
    metadata = {"user_metadata": recording.user_metadata} if recording.user_metadata else {}
    return shared_fields.told(otherwise) | public | shared_fields.told(ours) | metadata


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
    return recording.name or (shared_fields.file_name(recording) if shared_fields.content_type(recording) else None)


def _number(address: str | None) -> str | None:
    """Return an address if it is a plain number."""
    return address if address and NUMBER.fullmatch(address) else None
