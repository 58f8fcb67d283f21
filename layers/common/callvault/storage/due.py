"""Decide when a row is due for the sweep.

A row is due repeatedly while it waits for the provider's media, for the copy, for the verification
of the copy, or for the complete version of a partial recording. So is a tombstone until its objects
are deleted. If the provider deletes the recording soon, the row is due repeatedly until its audio
is stored.
"""

from datetime import datetime, timedelta
from itertools import takewhile

from callvault import times
from callvault.models import TOMBSTONES, Recording, State
from callvault.transcript import REMOVED, WAITING, TranscriptState
from callvault.values import Attempt

SWEPT = "swept"
"""History entry of a sweep that requeued the recording or asked the provider about it."""
LAST_ATTEMPT = "last attempt"
"""History entry of a failed row that is tried once more before its recording expires."""
LAST_TRANSCRIPT_ATTEMPT = "last attempt at the transcript"
"""History entry of a failed transcript that is tried once more before it expires."""
MAX_DOUBLINGS = 5
"""Maximum number of times that the gap between two sweeps of a row doubles."""
EXPIRY_WINDOW = timedelta(hours=72)
"""Period before the provider deletes a recording. In it, a row without audio is due more often."""
EXPIRY_GAP = timedelta(hours=1)
"""Longest gap between two sweeps of a row in that window."""
AT_RISK = {State.ANNOUNCED, State.PENDING, State.FAILED}
"""States in which a recording is lost if the provider deletes it now."""
DUE_AFTER = {State.ANNOUNCED: timedelta(hours=6), State.PENDING: timedelta(hours=1), State.STORED: timedelta(hours=1)}
"""Time from the last change of a row to its first sweep, by the state of the row."""
REST_DUE_AFTER = timedelta(hours=6)
"""Time from the last change of a row that has a verified partial copy to its first sweep."""
REST_DUE_UNTIL = timedelta(days=30)
"""Time after the announcement in which the complete version may come, if no expiry is known."""
TRANSCRIPT_DUE_AFTER = dict.fromkeys(WAITING, timedelta(minutes=15)) | {TranscriptState.PENDING: timedelta(hours=1)}
"""The same, by the state of the transcript. A transcription takes some minutes."""
UNANSWERED_AFTER = timedelta(days=3)
"""Time after which a row that waits for its provider sets off an alarm."""
UNANSWERED_UNTIL = timedelta(days=10)
"""Time after which such a row no longer sets off the alarm, so that the alarm ends.

Between the two times, the sweep asks about an announced recording at least once: 90 and 186 hours
after its announcement, if nothing else changes the row.
"""
LOST_AFTER = timedelta(hours=1)
"""Time after a planned attempt at which its message counts as lost, if nothing came of it."""
LEFT_DUE_AFTER = timedelta(hours=1)
"""Time from the last change of a tombstone or a removed transcript to its first sweep, if objects
are left."""


def attempt_time(known: Attempt | None) -> datetime | None:
    """Return when the sweep has to queue the next attempt of a fetch, or None if none is planned.

    If its message is in the queue, that is when the message counts as lost.
    """
    if known is None or known.next_time is None:
        return None
    return known.next_time if known.in_table else known.next_time + LOST_AFTER


def is_waiting(known: Attempt | None, now: datetime) -> bool:
    """Return whether the next attempt is not due yet, so that nothing may queue it."""
    return known is not None and known.next_time is not None and now < known.next_time


def due_time(recording: Recording) -> datetime | None:
    """Return when a row is due, for its audio or its transcript; None if it waits for nothing."""
    found = [time for time in (audio_time(recording), transcript_time(recording)) if time is not None]
    return min(found, default=None)


def waits_for_provider(recording: Recording) -> bool:
    """Return whether the provider is to be asked what became of a recording or transcription."""
    transcript = recording.transcript
    waits = transcript is not None and transcript.state in WAITING and recording.state not in TOMBSTONES
    return recording.state is State.ANNOUNCED or waits or _lacks_rest(recording, times.now())


def has_objects_left(recording: Recording) -> bool:
    """Return whether a row is a tombstone whose objects may be left (see `tombstones`)."""
    return recording.state in TOMBSTONES and recording.attempt is not None


def has_text_left(recording: Recording) -> bool:
    """Return whether the text of a transcript that a reader deleted may be left."""
    found = recording.transcript
    return found is not None and found.state in REMOVED and found.attempt is not None


def is_unanswered(recording: Recording) -> bool:
    """Return whether a row has waited for its provider for days, but not for too many."""
    since = recording.created_time
    if recording.state is not State.ANNOUNCED:  # it waits for a transcription or for the complete version
        since = next((event.time for event in reversed(recording.history) if event.what != SWEPT), since)
    age = times.now() - (since or times.now())
    return waits_for_provider(recording) and UNANSWERED_AFTER <= age < UNANSWERED_UNTIL


def audio_time(recording: Recording) -> datetime | None:
    """Return when a row is due for its audio, or None.

    A row with a verified partial copy is due until its provider deletes the recording, because the
    callback about the complete version may have been lost. A pending row whose next attempt is
    planned is due then (`attempt_time`). Of every other row the gap for the row's state (DUE_AFTER)
    doubles with each sweep that changed nothing. A row at risk is due every hour in the last 72
    hours before its provider deletes the recording.
    """
    updated, usual = recording.updated_time or times.now(), None
    after = LEFT_DUE_AFTER if has_objects_left(recording) else DUE_AFTER.get(recording.state)
    planned = attempt_time(recording.attempt) if recording.state is State.PENDING else None
    if planned is not None:
        usual = planned
    elif after is not None:
        usual = updated + after * (1 << min(sweeps(recording), MAX_DOUBLINGS))
    elif recording.partial:
        rest = updated + REST_DUE_AFTER * (1 << min(sweeps(recording), MAX_DOUBLINGS))
        usual = rest if _lacks_rest(recording, rest) else None
    expiry = recording.source_expires_time
    if expiry is None or not _is_at_risk(recording):
        return usual
    watched = max(expiry - EXPIRY_WINDOW, updated + EXPIRY_GAP)
    if watched >= expiry:
        return usual
    return watched if usual is None else min(usual, watched)


def transcript_time(recording: Recording) -> datetime | None:
    """Return when a row is due for its transcript, or None.

    A failed transcript is due once, 72 hours before the provider deletes it.
    """
    transcript, updated = recording.transcript, recording.updated_time or times.now()
    if transcript is None or recording.state in TOMBSTONES:
        return None
    planned = attempt_time(transcript.attempt) if transcript.state is TranscriptState.PENDING else None
    if planned is not None:
        return planned
    after = LEFT_DUE_AFTER if has_text_left(recording) else TRANSCRIPT_DUE_AFTER.get(transcript.state)
    if after is not None:
        return updated + after * (1 << min(sweeps(recording), MAX_DOUBLINGS))
    expiry = transcript.source_expires_time
    if transcript.state is not TranscriptState.FAILED or expiry is None:
        return None
    if any(event.what == LAST_TRANSCRIPT_ATTEMPT for event in recording.history):
        return None
    time = max(expiry - EXPIRY_WINDOW, updated + EXPIRY_GAP)
    return time if time < expiry else None


def is_expiring(recording: Recording) -> bool:
    """Return whether the audio is not stored and the provider deletes it within 72 hours."""
    expiry, now = recording.source_expires_time, times.now()
    return expiry is not None and _is_at_risk(recording) and now < expiry <= now + EXPIRY_WINDOW


def is_over(recording: Recording, expiry: datetime | None) -> bool:
    """Return whether the provider has deleted what it kept until `expiry`, as far as is known.

    A time before the row was created is ignored, because the provider reported the recording after
    that time, so a clock is wrong.
    """
    return expiry is not None and (recording.created_time or expiry) <= expiry < times.now()


def sweeps(recording: Recording) -> int:
    """Return the number of sweeps since the last change of the row that was not a sweep."""
    return sum(1 for _ in takewhile(lambda event: event.what == SWEPT, reversed(recording.history)))


def _lacks_rest(recording: Recording, time: datetime) -> bool:
    """Return whether only a partial copy is there, and the provider may have the rest at a time.

    As in `is_over`, an expiry before the row was created is ignored.
    """
    if recording.state is not State.VERIFIED or not recording.partial:
        return False
    created = recording.created_time or recording.updated_time or time
    expiry = recording.source_expires_time
    return time < (expiry if expiry is not None and expiry >= created else created + REST_DUE_UNTIL)


def _is_at_risk(recording: Recording) -> bool:
    """Return whether the recording is lost if its provider deletes it now.

    One that has an earlier, partial or corrupt copy is at risk too.
    """
    return recording.state in AT_RISK
