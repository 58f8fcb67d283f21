"""Say what a recording is: the one model that providers write, the table keeps and dialects render.

`None` means that nobody told us. Nothing is invented: what only we measured stands in `media`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from callvault import times

Timestamp = Annotated[datetime, PlainSerializer(times.write, return_type=str, when_used="json")]
Format = Literal["wav", "mp3"]


class State(StrEnum):
    """How far a recording has come; docs/architecture.md draws the transitions."""

    ANNOUNCED = "announced"
    """Known; the provider has no media yet."""
    ABSENT = "absent"
    """The provider says that there is no media, and why (`reason`)."""
    PENDING = "pending"
    """The provider has media; a fetch is due."""
    FAILED = "failed"
    """Attempts are used up, or the media is gone or not audio (`reason`)."""
    STORED = "stored"
    """The object is in S3; the SHA-256 of the stream is known."""
    VERIFIED = "verified"
    """Read back from S3: size and SHA-256 agree, it is audio, its duration is measured."""
    EXPIRED = "expired"
    """Tombstone: retention removed the audio."""
    DELETED = "deleted"
    """Tombstone: a reader, or somebody in the bucket, removed the audio."""


TOMBSTONES = frozenset({State.EXPIRED, State.DELETED})
ORDER = {state: order for order, state in enumerate(State)}
TOMBSTONE_RANK = 100


MAX_KEY_BYTES = 2048
"""Maximum length of a partition key, in bytes of UTF-8: DynamoDB refuses a longer one."""
EXTRA_BYTES = 256 * 1024
"""What a row has room for beside its own fields: DynamoDB takes 400 KB in all, and SQS a message of 1 MiB."""


class Frozen(BaseModel):
    """Be a value: equal by content, never changed in place."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Frozen):
    """One line of a recording's history."""

    time: Timestamp
    what: str
    """A short constant, such as `callback pending` or `verified`."""


class Media(Frozen):
    """The stored audio, as measured by us."""

    key: str
    version_id: str | None = None
    """The S3 version that holds these bytes; readers are sent to this version and no other."""
    etag: str | None = None
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hex, of the whole file."""
    content_type: str
    """By the audio's own bytes: `audio/x-wav` or `audio/mpeg`."""
    partial: bool = False
    """The provider said that parts are missing."""
    codec: str | None = None
    """`pcm`, `mulaw`, `alaw`, `mp3`, or the WAVE format tag in hex."""
    channels: int | None = None
    sample_rate: int | None = None
    """Hertz."""
    duration_ms: int | None = None


class Recording(Frozen):
    """One recording of one call leg or conference."""

    account_id: str
    recording_id: str
    provider: str
    state: State
    reason: str | None = None
    """Why it is absent or failed: a short constant, or the provider's own code."""
    partial: bool = False
    """The media that the provider announced last lacks parts; a complete one may follow."""

    call_id: str | None = None
    parent_call_id: str | None = None
    conference_id: str | None = None
    caller: str | None = None
    """From: E.164, a SIP address, or a word such as `Restricted`, as the provider wrote it."""
    callee: str | None = None
    """To, likewise."""
    direction: Literal["inbound", "outbound"] | None = None
    owner_id: str | None = None
    """The user whose recording it is."""
    start_time: Timestamp | None = None
    end_time: Timestamp | None = None
    duration_ms: int | None = None
    """As announced; it may differ from end - start, because pauses do not count."""
    channels: int | None = None
    format: Format | None = None
    tag: str | None = None
    name: str | None = None
    """The user's own name for the recording."""
    transcription: dict[str, Any] | None = None
    """The provider's description of its transcription."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Whatever else the provider said, under the provider's own names."""

    user_metadata: dict[str, Any] = Field(default_factory=dict)
    """Set by readers through the API."""
    media_key: str | None = None
    """The S3 key, chosen once: when the format is first known, or else before the copy."""
    media: Media | None = None
    discrepancies: tuple[str, ...] = ()
    """Where what we measured differs from what the provider announced."""
    history: tuple[Event, ...] = ()
    created_time: Timestamp | None = None
    """When we first heard of it."""
    updated_time: Timestamp | None = None
    source_expires_time: Timestamp | None = None
    """When the provider deletes its copy."""
    listed_at: str | None = None
    """`<time>#<recording_id>`, fixed when first seen: its place in every list."""
    revision: int = 0
    """Counts the row's changes."""

    @property
    def rank(self) -> int:
        """Say how far the recording has come: rows move to a higher rank only.

        A complete recording outranks every partial one, so that it is fetched after a partial one was stored.
        """
        if self.state in TOMBSTONES:
            return TOMBSTONE_RANK
        complete = self.state not in {State.ANNOUNCED, State.ABSENT} and not self.partial
        return ORDER[self.state] + (len(ORDER) if complete else 0)

    @property
    def listed_time(self) -> datetime | None:
        """Return the time under which the recording is listed: its start, or else when we first heard of it."""
        return times.read(self.listed_at.partition("#")[0]) if self.listed_at else None

    def key_for(self) -> str:
        """Return the S3 key of a listed recording; ids are percent-encoded outside `[A-Za-z0-9._-]`."""
        time = self.listed_time
        account, recording = (quote(part, safe="").replace("~", "%7E") for part in (self.account_id, self.recording_id))
        return f"media/{account}/{time:%Y/%m/%d}/{recording}.{self.format or 'wav'}"


def bounded(said: Mapping[str, Any], most: int = EXTRA_BYTES) -> dict[str, Any]:
    """Return as many of the values that somebody said, the first ones first, as fit into so many bytes of JSON."""
    kept, room = {}, most
    for name, value in said.items():
        room -= (size := len(json.dumps({name: value}, ensure_ascii=False).encode(errors="replace")))
        if room < 0:
            room += size
        else:
            kept[name] = value
    return kept


def ids_of(key: str) -> tuple[str, str] | None:
    """Return the account's and the recording's id that an S3 key names, or None if it is no key of ours."""
    match key.split("/"):
        case ["media", account, _, _, _, name] if "." in name:
            return unquote(account), unquote(name.rpartition(".")[0])
    return None
