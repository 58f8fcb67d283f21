"""The books of a stand-in: every recording that a provider has, as its list API shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One recording in a provider's books."""

    recording_id: str
    call_id: str
    time: datetime
    """The time by which the provider's list filters, in UTC."""
    seconds: int
    """The duration."""
    channels: int = 1
    status: str = "completed"
    """The provider's own word, such as `completed`, `processing`, `absent` or `deleted`."""
    conference_id: str | None = None
    """The conference, for a recording that only the list of conferences has."""
    caller: str = "+15550100"
    callee: str = "+15550199"
    media: bytes | None = field(default=None, repr=False)
    """The audio; None if the provider answers a request for it with `media_status`."""
    media_status: int = 404
    is_relay: bool = False
    """SignalWire: the recording is in the Relay list and not in the one of LaML."""


@dataclass
class Book:
    """The recordings of one account; safe to use from several threads."""

    kept: dict[str, Kept] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, entries: Iterable[Kept]) -> None:
        """Add or replace recordings."""
        with self.lock:
            self.kept |= {entry.recording_id: entry for entry in entries}

    def change(self, recording_id: str, **changes: object) -> None:
        """Change a recording, such as its `status`."""
        with self.lock:
            self.kept[recording_id] = replace(self.kept[recording_id], **changes)  # type: ignore[arg-type]

    def remove(self, recording_id: str) -> None:
        """Remove a recording, as if it had been deleted."""
        with self.lock:
            del self.kept[recording_id]

    def between(self, since: datetime, until: datetime) -> list[Kept]:
        """Return those from `since`, inclusive, to `until`, exclusive, the oldest first."""
        with self.lock:
            found = [entry for entry in self.kept.values() if since <= entry.time < until]
        return sorted(found, key=lambda entry: (entry.time, entry.recording_id))
