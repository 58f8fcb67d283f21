"""Define the transcript of a recording: the text of its latest transcription, and its states.

A recording may be transcribed several times. The provider serves the latest text only, so a row
describes one transcription, and a later one takes its place. The state of a transcript never
touches the state of the recording.
"""

from enum import StrEnum

from callvault.values import Attempt, Frozen, Timestamp


class TranscriptState(StrEnum):
    """The state of a transcript. It moves down this list only, until a later transcription."""

    REQUESTED = "requested"
    """A reader asked the provider for a transcription."""
    ANNOUNCED = "announced"
    """The provider is making the transcription."""
    ABSENT = "absent"
    """The provider reports that there is no text; `reason` has its word."""
    PENDING = "pending"
    """The provider has the text, which has not been fetched yet."""
    FAILED = "failed"
    """The attempts are used up, or the text is gone; `reason` says which."""
    VERIFIED = "verified"
    """The text is in S3 and was read back: its SHA-256 agrees."""
    EXPIRED = "expired"
    """A lifecycle rule of the bucket removed the text."""
    DELETED = "deleted"
    """The text was deleted, by a reader or directly in the bucket."""


ORDER = {state: order for order, state in enumerate(TranscriptState)}
REMOVED = frozenset({TranscriptState.EXPIRED, TranscriptState.DELETED})
WAITING = frozenset({TranscriptState.REQUESTED, TranscriptState.ANNOUNCED})
"""States in which the provider has no text yet, as far as the archive knows."""
TO_COME = WAITING | {TranscriptState.PENDING, TranscriptState.FAILED}
"""States of a transcription whose text is not stored, and may be stored yet."""


CONTENT_TYPE = "application/json"


class TranscriptText(Frozen):
    """The stored text, byte for byte as the provider served it: JSON."""

    key: str
    version_id: str | None = None
    """The S3 version that has these bytes. Readers get this version only."""
    etag: str | None = None
    size: int
    """Size, in bytes."""
    sha256: str
    """Hash of the text, in lower-case hex."""

    @property
    def content_type(self) -> str:
        """Return the content type, as `Media` has it."""
        return CONTENT_TYPE


class Transcript(Frozen):
    """The latest transcription of a recording."""

    state: TranscriptState
    reason: str | None = None
    """The reason for `absent` or `failed`: a short constant, or the provider's own word."""
    attempt: Attempt | None = None
    """The last failed attempt to fetch a pending transcript."""
    transcription_id: str | None = None
    """The provider's id of the transcription."""
    completed_time: Timestamp | None = None
    """When the provider had the text."""
    source_expires_time: Timestamp | None = None
    """Time at which the provider deletes its copy of the text."""
    text: TranscriptText | None = None
    """The text that was stored last. It stays until the text of a later transcription is stored."""


def removed(known: Transcript | None, state: TranscriptState = TranscriptState.DELETED) -> Transcript | None:
    """Return a transcript as its text's removal leaves it, or None if there is no transcript."""
    changes = {"state": state, "reason": None, "attempt": None, "text": None}
    return known.model_copy(update=changes) if known is not None and known.state not in REMOVED else known


def without_text(known: Transcript, state: TranscriptState) -> Transcript:
    """Return a transcript whose text was removed from the bucket; `state` says how.

    A later transcription whose text is still to come, or failed, keeps its state.
    """
    left = {} if known.state in TO_COME else {"state": state, "reason": None, "attempt": None}
    return known.model_copy(update={**left, "text": None})


def merged(known: Transcript | None, update: Transcript | None) -> Transcript | None:
    """Return what a row knows of a transcript after an update.

    The update replaces what was known if it is of a higher rank or about a later transcription, and
    changes nothing if it is about an earlier one. A stored text stays until another is stored or
    the transcript is removed.
    """
    if known is None or update is None:
        return known or update
    if _is_later(known, update) or _precedes_request(known, update):
        return known if known.text or not update.text else known.model_copy(update={"text": update.text})
    if not _is_later(update, known) and ORDER[update.state] <= ORDER[known.state]:
        return known
    text = None if update.state in REMOVED else update.text or known.text
    return update.model_copy(update={"text": text})


def lacks_description(known: Transcript | None, update: Transcript | None, *, is_described: bool) -> bool:
    """Return whether a row must not get a description of its transcription from an update.

    `update` is the merged transcript. The description may contain the text, so a repeated update
    must not restore it after the text was removed. If a reader then requests another transcription,
    the row has a transcript without a description until the transcript changes.
    """
    if update is None or update.state in REMOVED:
        return update is not None
    return not is_described and update == known


def _is_later(one: Transcript, other: Transcript) -> bool:
    """Return whether a transcript is about a later transcription than another."""
    if one.completed_time is not None and other.completed_time is not None:
        return one.completed_time > other.completed_time
    differ = one.transcription_id is None or one.transcription_id != other.transcription_id
    return differ and one.state is TranscriptState.PENDING and one.completed_time is not None


def _precedes_request(known: Transcript, update: Transcript) -> bool:
    """Return whether an update is about the transcription before the requested one."""
    requested = known.state is TranscriptState.REQUESTED and known.completed_time is not None
    return requested and known.completed_time == update.completed_time and update.state not in REMOVED
