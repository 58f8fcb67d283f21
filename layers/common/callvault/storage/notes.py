"""Notes: the discrepancies of a recording that no later measurement of its audio replaces."""

from datetime import UTC, datetime, timedelta

from callvault import times
from callvault.models import Recording

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Earliest plausible start of a recording. An account's list does not begin earlier."""
MAX_AHEAD = timedelta(minutes=5)
"""Maximum time by which a start may be in the future, because clocks disagree."""
MISDATED = "the start is before 2000 or was in the future"
OVERWRITTEN = "another object appeared under its key"
OTHER_AUDIO = "Crossbar serves other audio than was pushed"
NOT_COMPARED = "Crossbar served no audio to compare with"
SENT_OTHER = "other audio was sent under its id too"
OTHER_CALL = "the sender of the audio named another call than Crossbar"
PUSHED_TOO = "audio was pushed for its call too, and may be the same recording"
OTHER_DURATION = "the provider's list has another duration"
LASTING = (
    MISDATED,
    OVERWRITTEN,
    OTHER_AUDIO,
    NOT_COMPARED,
    SENT_OTHER,
    OTHER_CALL,
    PUSHED_TOO,
    OTHER_DURATION,
)
"""The beginnings of all notes."""
MAX_OF_KIND = 10
"""Maximum number of notes with the same beginning: a row is at most 400 KB, and whoever may write
to the bucket or push audio could fill it."""


def lasting(discrepancies: tuple[str, ...]) -> tuple[str, ...]:
    """Return the notes among discrepancies."""
    return tuple(one for one in discrepancies if one.startswith(LASTING))


def added(discrepancies: tuple[str, ...], *found: str) -> tuple[str, ...]:
    """Return discrepancies with the found ones added: each once, at most MAX_OF_KIND of a kind."""
    result = list(discrepancies)
    for one in found:
        if one not in result and not _is_full(result, one):
            result.append(one)
    return tuple(result)


def _is_full(discrepancies: list[str], note: str) -> bool:
    """Return whether discrepancies have as many notes of a note's kind as a row may have."""
    kind = next((beginning for beginning in LASTING if note.startswith(beginning)), None)
    return kind is not None and sum(one.startswith(kind) for one in discrepancies) >= MAX_OF_KIND


def is_plausible(start: datetime) -> bool:
    """Return whether a recording can have begun at this time, as far as the archive can know."""
    return EARLIEST <= start <= times.now() + MAX_AHEAD


def dated(recording: Recording) -> Recording:
    """Return a recording with a note if its start is not plausible.

    The row is then listed at the time when the archive first learned of the recording: a list of
    the account begins in 2000 and ends today.
    """
    if recording.start_time is None or is_plausible(recording.start_time):
        return recording
    return recording.model_copy(update={"discrepancies": added(recording.discrepancies, MISDATED)})
