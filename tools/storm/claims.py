"""Say what is wrong with one acknowledged recording, or with the text of its transcription."""

import json
from collections.abc import Mapping
from typing import Any

from tools.storm.ledger import Entry, Text
from tools.storm.plan import Way


def missing(entry: Entry, row: Mapping[str, Any] | None, objects: list[str]) -> str | None:
    """Return what is wrong with an acknowledged recording, or None.

    `objects` are the SHA-256 of its object versions.
    """
    if row is None:
        return "no row"
    reason = "http_404" if entry.drawn.fault.expired and _is_late(row) else entry.reason
    if (row["state"], row.get("reason")) != (entry.state, reason):
        return f"{row['state']} {row.get('reason')} instead of {entry.state} {reason}"
    if entry.state != "verified":
        left = f"{len(objects)} objects of a failed recording" if objects else None
        return _unsaid(entry, row) or left
    if row["media"]["sha256"] != entry.sha256 or int(row["media"]["size"]) != entry.size:
        return "the row has the hash or the size of other audio"
    return _unsaid(entry, row) if entry.sha256 in objects else "its audio is not in the bucket"


def _is_late(row: Mapping[str, Any]) -> bool:
    """Return whether a row was created after the provider deleted the recording."""
    return bool(row["created_time"] > row["source_expires_time"])


def _unsaid(entry: Entry, row: Mapping[str, Any]) -> str | None:
    """Return what the row lacks of what the provider said of the media, or None."""
    extra = json.loads(row.get("extra", "{}"))
    if entry.place is not None and extra.get("media_url") != entry.place:
        return f"the row has another place than {entry.place}"
    if entry.details is not None and entry.state == "verified":
        is_known = _object(extra.get("EncryptionDetails")) == entry.details
        return None if is_known else "the row does not have what decryption needs"
    is_relay = entry.drawn.way is Way.RELAY and entry.state == "verified"
    if is_relay and (extra.get("byte_size") or extra.get("size")) != entry.size:
        return "the row does not have the size that SignalWire reported"
    return None


def missing_text(text: Text, described: Mapping[str, Any] | None, objects: list[str]) -> str | None:
    """Return what is wrong with the text of an acknowledged transcription, or None.

    `described` is the row's `transcript`, and `objects` are the SHA-256 of the text's versions.
    """
    if described is None:
        return "the row has no transcript"
    state = "failed" if text.reason else "verified"
    if (described["state"], described.get("reason")) != (state, text.reason):
        return f"text {described['state']} {described.get('reason')} instead of {state} {text.reason}"
    if text.reason:
        return f"{len(objects)} objects of a failed text" if objects else None
    stored = described["text"]
    if stored["sha256"] not in text.due or int(stored["size"]) != text.sizes[stored["sha256"]]:
        return "the row has the hash or the size of another text"
    return None if stored["sha256"] in objects else "its text is not in the bucket"


def _object(value: object) -> object:
    """Return a JSON object that may be written as text."""
    return json.loads(value) if isinstance(value, str) else value
