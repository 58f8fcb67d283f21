"""Define a recording: the one model that providers fill, the table stores and dialects render.

`None` means that the provider did not report a value. A value that the archive measured itself is
in `media`, and never replaces one that the provider reported.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import Field

from callvault import times
from callvault.transcript import Transcript
from callvault.values import Attempt, Frozen, Timestamp

Format = Literal["wav", "mp3", "mp4"]
"""The format of a recording."""
OfferedFormat = Literal["wav", "mp3"]
"""A format that a provider can be asked for. KAZOO alone records MP4, and chooses it by itself."""


class State(StrEnum):
    """The state of a recording. docs/architecture.md shows the transitions."""

    ANNOUNCED = "announced"
    """The recording is known, but the provider has no media yet."""
    ABSENT = "absent"
    """The provider reports that there is no media; `reason` says why."""
    PENDING = "pending"
    """The provider has media, which has not been fetched yet."""
    FAILED = "failed"
    """The attempts are used up, or the media is gone or not audio; `reason` says which."""
    STORED = "stored"
    """The object is in S3, and the SHA-256 of the received bytes is known."""
    VERIFIED = "verified"
    """The object was read back from S3: its SHA-256 agrees, it is audio, and it was measured.

    Of media that the provider encrypted only size and SHA-256 are compared.
    """
    EXPIRED = "expired"
    """Tombstone: a lifecycle rule of the bucket removed the audio."""
    DELETED = "deleted"
    """Tombstone: the audio was deleted, by a reader or directly in the bucket."""


TOMBSTONES = frozenset({State.EXPIRED, State.DELETED})
MEDIA, TRANSCRIPTS = "media/", "transcripts/"
"""The prefixes of the S3 keys of audio and of transcripts."""
ORDER = {state: order for order, state in enumerate(State)}
TOMBSTONE_RANK = 100


class Event(Frozen):
    """An entry in a recording's history."""

    time: Timestamp
    what: str
    """A short constant, such as `callback pending` or `verified`."""


ENCRYPTED_TYPE = "application/octet-stream"
"""Content type of media that the provider encrypted. It is stored as it was received."""


class Media(Frozen):
    """The stored audio, as the archive measured it."""

    key: str
    version_id: str | None = None
    """The S3 version that has these bytes. Readers are sent to this version only."""
    etag: str | None = None
    size: int
    """Size, in bytes."""
    sha256: str
    """Hash of the whole file, in lower-case hex."""
    content_type: str
    """`audio/x-wav`, `audio/mpeg` or `audio/mp4`, from the first bytes of the audio.

    `application/octet-stream` for media that the provider encrypted.
    """
    partial: bool = False
    """The provider reported that parts of the audio are missing."""
    codec: str | None = None
    """As measured (`audio.Measurement.codec`), or `encrypted`."""
    channels: int | None = None
    sample_rate: int | None = None
    """Sample rate, in hertz."""
    duration_ms: int | None = None

    @property
    def is_encrypted(self) -> bool:
        """Return whether only the customer's own key can make audio of the media."""
        return self.content_type == ENCRYPTED_TYPE


class Recording(Frozen):
    """One recording of one call leg or conference."""

    account_id: str
    recording_id: str
    provider: str
    state: State
    reason: str | None = None
    """The reason for `absent` or `failed`: a short constant, or the provider's own code."""
    attempt: Attempt | None = None
    """The last failed attempt of a pending recording."""
    partial: bool = False
    """Parts of the media that was announced last are missing. Complete media may follow."""

    call_id: str | None = None
    parent_call_id: str | None = None
    conference_id: str | None = None
    caller: str | None = None
    """The calling party as the provider wrote it: E.164, a SIP URI, or a word (`Restricted`)."""
    callee: str | None = None
    """The called party, in the same forms."""
    direction: Literal["inbound", "outbound"] | None = None
    owner_id: str | None = None
    """The user who owns the recording."""
    start_time: Timestamp | None = None
    end_time: Timestamp | None = None
    duration_ms: int | None = None
    """Duration as announced. Pauses do not count, so it may differ from end - start."""
    channels: int | None = None
    format: Format | None = None
    tag: str | None = None
    name: str | None = None
    """The user's own name for the recording."""
    transcription: dict[str, Any] | None = None
    """The provider's description of its transcription."""
    transcript: Transcript | None = None
    """The text of the recording's latest transcription, and how far its copy has come."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """The other fields that the provider sent, under the provider's own names."""

    user_metadata: dict[str, Any] = Field(default_factory=dict)
    """Set by readers through the API."""
    media_key: str | None = None
    """The S3 key. It is chosen once: when the format is known, or at the latest before the copy."""
    media: Media | None = None
    upload_sha256: str | None = None
    """Hash of the audio that KAZOO pushed; only such audio may be read back without a reader."""
    discrepancies: tuple[str, ...] = ()
    """Differences between the measured audio and the announcement."""
    history: tuple[Event, ...] = ()
    created_time: Timestamp | None = None
    """Time of the first announcement."""
    updated_time: Timestamp | None = None
    source_expires_time: Timestamp | None = None
    """Time at which the provider deletes its copy."""
    listed_at: str | None = None
    """Position in every list, `<time>#<recording_id>` (see `storage.places`)."""
    revision: int = 0
    """Number of changes of the row."""

    @property
    def rank(self) -> int:
        """Return how far the recording has come. A callback moves a row to a higher rank only.

        A recording with complete media outranks every recording with partial media. So the complete
        media is fetched even after partial media was stored.
        """
        if self.state in TOMBSTONES:
            return TOMBSTONE_RANK
        complete = self.state not in {State.ANNOUNCED, State.ABSENT} and not self.partial
        return ORDER[self.state] + (len(ORDER) if complete else 0)

    @property
    def served(self) -> Media | None:
        """Return the media that readers get. A copy that was found corrupt is only in `media`."""
        is_stored = self.state in {State.STORED, State.VERIFIED}
        part = self.media is not None and self.media.partial and self.media.codec is not None
        awaits_rest = part and not self.partial and self.state not in TOMBSTONES
        return self.media if is_stored or awaits_rest else None

    @property
    def listed_time(self) -> datetime | None:
        """Return the start or else the first announcement; None before the row is written."""
        return times.read(self.listed_at.partition("#")[0]) if self.listed_at else None

    def key_for(self) -> str:
        """Return the S3 key of a listed recording; bytes outside `[A-Za-z0-9._-]` become `%XX`."""
        time = self.listed_time
        account, recording = (quote(part, safe="").replace("~", "%7E") for part in (self.account_id, self.recording_id))
        return f"{MEDIA}{account}/{time:%Y/%m/%d}/{recording}.{self.format or 'wav'}"

    def transcript_key(self) -> str:
        """Return the S3 key of a listed recording's transcript, which is parallel to `key_for`."""
        return TRANSCRIPTS + self.key_for().removeprefix(MEDIA).rpartition(".")[0] + ".json"


def ids_of(key: str) -> tuple[str, str] | None:
    """Return the account id and the recording id in an S3 key, or None for another key."""
    match key.split("/"):
        case ["media" | "transcripts", account, _, _, _, name] if "." in name:
            return unquote(account), unquote(name.rpartition(".")[0])
    return None
