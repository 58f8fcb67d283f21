"""Make the id of a recording whose push does not name the recording's document.

KAZOO 4.0, 4.1 and master do not name it. The id has the form of a document's id, and is derived
from the call leg and the content: repeating the push gives the same id, and a second recording of
the same leg gets another id.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from callvault.models import Recording
from callvault.providers.fields import text
from callvault.providers.kazoo import documents

MONTH = re.compile(r"[0-9]{6}(?=-)")
"""Matches the month at the start of an id."""


def of(values: Mapping[str, Any], sha256: str, *place: str) -> str:
    """Return the id of a recording whose upload has no document's id; `place` says where it is.

    It starts with the month of the call like a document's id, or with 000000 if that is unknown.
    Two recordings may have the same bytes, for example silence. If the call does not tell them
    apart, their place does.
    """
    leg = _leg(values.get("cdr_id"), values.get("call_id"))
    start = documents.gregorian(values.get("start"))
    start = start or documents.gregorian((text(values.get("interaction_id")) or "").partition("-")[0])
    month = MONTH.match(text(values.get("cdr_id")) or "")
    prefix = month[0] if month else f"{start:%Y%m}" if start else "000000"
    return f"{prefix}-{_digits(leg, sha256, *(() if leg else place))}"


def is_derived(recording: Recording) -> bool:
    """Return whether the archive derived a recording's id from its call leg and its pushed audio.

    The push of such a recording did not name its document. Release 0.2.0 did not write the hash of
    what was pushed, so in its rows the hash of what is stored stands for it.
    """
    leg = _leg(recording.extra.get("cdr_id"), recording.call_id)
    sha256 = recording.upload_sha256 or (recording.media.sha256 if recording.media else "")
    return bool(leg) and recording.recording_id.partition("-")[2] == _digits(leg, sha256)


def _leg(cdr_id: object, call_id: object) -> str:
    """Return what names the call leg; empty if nothing does."""
    return text(cdr_id) or text(call_id) or ""


def _digits(*told: str) -> str:
    """Return the 32 hex digits of an id."""
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
