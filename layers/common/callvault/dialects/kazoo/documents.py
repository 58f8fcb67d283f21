"""Render a recording as a KAZOO document: https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/.

The fields are those of the schema `call_recordings` (KAZOO 4.3). A recording from KAZOO has further
fields of the schema in `extra`, under KAZOO's own names. Unknown fields are left out. These fields
differ from KAZOO's:

- `name` and `description` have the file name if the recording has no name.
- `source_type` is the provider if KAZOO does not report a source type.
- `duration` and `duration_ms` are the announced ones, or else the measured ones.
- `caller_id_number` and `callee_id_number` are `from` and `to`, if KAZOO does not report them and
  `from` and `to` are plain numbers.
- `url` is left out: in KAZOO it is the URL that the audio was sent to, with its credentials.
- `archive` has the fields that only the archive has. Its times are ISO 8601. All other times are
  Gregorian seconds, which count from the year 0.
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

RESERVED = ("account_id", "content_types", "deleted", "recording_id", "revision")
"""Names of members that the archive itself writes elsewhere: in `_read_only`, or around a document.

A document has no members of these names.
"""
NUMBER = re.compile(r"\+?\d+")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_SIGNS = "[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]"
"""Signs by which a spreadsheet recognises a formula, in ASCII and full-width (U+FF1D and so on)."""
FORMULA = re.compile(rf"[\s\0]*{_SIGNS}|[\t\r\n\0]")
"""Matches the beginning of a text that a spreadsheet may run as a formula."""
INNER_FORMULA = re.compile(rf"(?<![;\s\0\"])[;\s\0\"]++(?={_SIGNS})")
"""Matches a whole run of characters before a sign of a formula; one of CELL_ENDS may be in it.

It begins where a run begins, and gives no character back. So the time is proportional to the text,
however long its runs of tabs or line breaks are.
"""
CELL_ENDS = re.compile(r"[;\t\r\n]")
"""Matches what may end a cell.

A spreadsheet that separates cells by semicolons or tabs, as in most of Europe, does not see the
quotes around a cell, because they do not stand at the beginning of what it takes for a cell.
"""


def gregorian(time: datetime) -> int:
    """Return a time as whole Gregorian seconds."""
    return int(time.timestamp() // 1) + times.GREGORIAN_EPOCH


def from_gregorian(seconds: int) -> datetime:
    """Return a number of Gregorian seconds as a datetime, limited to the range of a datetime."""
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0))
    least, most = map(gregorian, ends)
    return datetime.fromtimestamp(min(max(seconds, least), most) - times.GREGORIAN_EPOCH, UTC)


def render(recording: Recording) -> Document:
    """Return a recording's public document."""
    name, duration, archive = _name(recording), shared_fields.duration_ms(recording), shared_fields.archive(recording)
    # Never take these fields from `extra`, not even if their own value is unknown, because filters
    # and authorization rely on some of them, and whoever pushes audio writes `extra`.
    own = {
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
        "archive": archive,
        "user_metadata": recording.user_metadata or None,
        **dict.fromkeys(RESERVED),
    }
    defaults = {
        "source_type": recording.provider,
        "description": name and f"recording {name}",
        "caller_id_number": _number(recording.caller),
        "callee_id_number": _number(recording.callee),
        "label": archive.get("extra", {}).get("label"),
        "origin": archive.get("extra", {}).get("origin"),
    }
    extra: Document = archive.get("extra", {}) if recording.provider == "kazoo" else {}
    public = {name: value for name, value in extra.items() if _is_public(name, own)}
    return shared_fields.without_nulls(defaults) | public | shared_fields.without_nulls(own)


def write_csv(documents: list[Document], columns: list[str]) -> str:
    """Return documents as CSV (RFC 4180); `columns` has the dotted path of each column."""
    output = io.StringIO()
    rows = csv.writer(output)
    rows.writerow(map(_cell, columns))
    for values in map(flatten, documents):
        rows.writerow(_cell(values.get(path, "")) for path in columns)
    return output.getvalue()


def flatten(value: Document, path: str = "") -> dict[str, object]:
    """Return a document's values by their dotted paths. A list is one value."""
    flat: dict[str, object] = {}
    for name, item in value.items():
        flat |= flatten(item, f"{path}{name}.") if isinstance(item, dict) else {f"{path}{name}": item}
    return flat


def _cell(value: object) -> str:
    """Return a value as a cell that a spreadsheet does not run as a formula.

    The parties of a call choose their names and numbers, so they could inject a formula (OWASP "CSV
    Injection"). An apostrophe in front turns a formula into text. A plain number gets no
    apostrophe, so `+15551234567` stays a number.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if PLAIN_NUMBER.fullmatch(text):
        return text
    return ("'" if FORMULA.match(text) else "") + INNER_FORMULA.sub(_as_text, text)


def _as_text(run: re.Match[str]) -> str:
    """Return what stands before a sign, with an apostrophe if a cell may begin at the sign."""
    return run[0] + ("'" if CELL_ENDS.search(run[0]) else "")


def _is_public(name: str, own: Document) -> bool:
    """Return whether a document has a member that the sender of a recording named.

    A name with a dot, such as `archive.reason`, would be a column of the archive's own in a CSV.
    """
    return not name.startswith(("_", "pvt_")) and name.partition(".")[0] not in own


def _name(recording: Recording) -> str | None:
    """Return the user's name for a recording, or else its file name if the format is known."""
    return recording.name or (shared_fields.file_name(recording) if shared_fields.content_type(recording) else None)


def _number(party: str | None) -> str | None:
    """Return the caller or callee if it is a plain number."""
    return party if party and NUMBER.fullmatch(party) else None
