"""Decide what is to be done about the row of a listed recording.

What the provider's list says is an announcement like any other. It moves a row to a higher rank
only, and what the archive has stored stays stored, whatever the provider has deleted since.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto

from callvault import times
from callvault.bounds import joined
from callvault.ingest import naming
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.look_ups import DELETED, STORED_ELSEWHERE
from callvault.storage import due, history, notes

SOURCE = "reconcile"
"""The source of what is taken in, for the rows' history."""
DELETED_THERE = "deleted at the provider"
"""History entry of a recording that the provider deleted after the archive knew of it."""
STUCK_AFTER = timedelta(hours=1)
"""Time after a pending row is due at which the sweep has evidently not requeued it."""
REOPENED_AFTER = timedelta(hours=6)
"""Time after a failure at which a recording is tried again that its provider lists."""
PROVIDER_REASONS = re.compile(r"unreachable|too_slow|no_token|not_configured|http_(401|403|408|429|5\d\d)")
"""Reasons of failures that speak of the provider or its credentials and not of the recording.

An answered list shows that the provider is there again and accepts the credentials.
"""
ENDED = frozenset({naming.NAMED, naming.PUSHED})
"""Reasons of absent rows whose recording is kept in another row."""
TOLERANCE_MS = 1_000
"""Difference of two durations that is not noted, in milliseconds: some lists have whole seconds."""


class Step(Enum):
    """What is to be done about a row."""

    TAKE_IN = auto()
    """There is no row: record what is listed."""
    FOLLOW = auto()
    """The row is announced: record what the list says of it now."""
    RECORD = auto()
    """The list says more than the row: record it, as a callback would."""
    NOTE_DELETED = auto()
    """The provider deleted the recording: note that. The next 404 then ends a pending row."""
    REQUEUE = auto()
    """The row is pending, and nothing was done about it: queue the fetch again."""
    REOPEN = auto()
    """The fetch failed for a reason that is gone: try once more."""
    NOTE_DURATION = auto()
    """The list has another duration than was announced: note that."""


def of(row: Recording | None, listed: Recording) -> Step | None:
    """Return what is to be done about the row of a listed recording, or None."""
    if row is None:
        return Step.TAKE_IN
    if row.state in TOMBSTONES or row.recording_id != listed.recording_id or row.reason in ENDED:
        return None
    return next((step for step, applies in RULES if applies(row, listed)), None)


def duration_note(listed: Recording) -> str:
    """Return the discrepancy of a recording whose list has another duration."""
    return f"{notes.OTHER_DURATION}, {(listed.duration_ms or 0) / 1000:g} s"


def _has_news(row: Recording, listed: Recording) -> bool:
    """Return whether a list says more of an announced recording than its row."""
    if row.state is not State.ANNOUNCED:
        return False
    return listed.state is not State.ANNOUNCED or joined(row.extra, listed.extra) != row.extra


def _is_more(row: Recording, listed: Recording) -> bool:
    """Return whether a list outranks a row, or announces what was only sent here.

    Media that a look-up or a fetch found to be elsewhere is fetched once more at most, because the
    list may not say where it is.
    """
    again = row.state is State.ABSENT and (row.reason == STORED_ELSEWHERE or _has(row, f"{SOURCE} {State.PENDING}"))
    return history.is_claimed(row.history) or (listed.rank > row.rank and not again)


def _was_deleted(row: Recording, listed: Recording) -> bool:
    """Return whether a list says that a recording was deleted, and its row does not."""
    return listed.reason == DELETED and row.state is not State.ABSENT and not _has(row, DELETED_THERE)


def _is_stuck(row: Recording, listed: Recording) -> bool:
    """Return whether a row was due long ago, and nothing was done about it."""
    time = due.audio_time(row) if row.state is listed.state is State.PENDING else None
    return time is not None and times.now() - time > STUCK_AFTER


def _may_reopen(row: Recording, listed: Recording) -> bool:
    """Return whether a failed recording is tried again, which happens once.

    An operator may do so more often, and the sweep does before the provider deletes the recording.
    """
    if row.state is not State.FAILED or listed.state is not State.PENDING or row.updated_time is None:
        return False
    is_old = times.now() - row.updated_time >= REOPENED_AFTER
    is_over = PROVIDER_REASONS.fullmatch(row.reason or "") is not None
    return is_old and is_over and not _has(row, f"{history.RETRIED} {SOURCE}")


def _differs(row: Recording, listed: Recording) -> bool:
    """Return whether a list has another duration than was announced, which is not noted yet."""
    if row.state not in {State.STORED, State.VERIFIED} or row.duration_ms is None or listed.duration_ms is None:
        return False
    return abs(row.duration_ms - listed.duration_ms) > TOLERANCE_MS and duration_note(listed) not in row.discrepancies


def _has(row: Recording, what: str) -> bool:
    """Return whether the history of a row has an entry."""
    return any(event.what == what for event in row.history)


RULES: tuple[tuple[Step, Callable[[Recording, Recording], bool]], ...] = (
    (Step.FOLLOW, _has_news),
    (Step.RECORD, _is_more),
    (Step.NOTE_DELETED, _was_deleted),
    (Step.REQUEUE, _is_stuck),
    (Step.REOPEN, _may_reopen),
    (Step.NOTE_DURATION, _differs),
)
"""The steps that a row may need, and when: the first one that applies is done."""
