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
LASTING = (MISDATED, OVERWRITTEN, OTHER_AUDIO, NOT_COMPARED, SENT_OTHER, OTHER_CALL)
"""The beginnings of all notes."""


def lasting(discrepancies: tuple[str, ...]) -> tuple[str, ...]:
    """Return the notes among discrepancies."""
    return tuple(one for one in discrepancies if one.startswith(LASTING))


def added(discrepancies: tuple[str, ...], *found: str) -> tuple[str, ...]:
    """Return discrepancies with those that were found, each once."""
    return tuple(dict.fromkeys((*discrepancies, *found)))


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
