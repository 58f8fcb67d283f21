"""Decide where a recording stands in lists: at its start, as far as the archive can know it.

The place is fixed when the row is first written, or at the first announcement if audio was sent
here before. The S3 key, once chosen, does not follow it.
"""

from datetime import datetime, timedelta

from callvault import times
from callvault.models import Recording
from callvault.storage import notes

MAX_BEFORE = timedelta(days=1)
"""Maximum time between the start that a sender claims and the arrival, for a place in lists.

It applies once the provider has announced the recording without a start. KAZOO sends a recording
when the call ends, and repeats the push for about an hour.
"""


def of(recording_id: str, start: datetime | None, created: datetime) -> str:
    """Return the place of a recording: at its start, or when the archive learned of it.

    The latter if the start is unknown or not plausible.
    """
    time = start if start is not None and notes.is_plausible(start) else created
    return f"{times.write(time)}#{recording_id}"


def announced(known: Recording, start: datetime | None) -> str | None:
    """Return the place of a recording whose first announcement has this start, or none.

    Until then, the recording stands at the start that its sender claimed. A wrong one would keep
    the announced recording out of the lists of its day.
    """
    listed, created = known.listed_time, known.created_time
    if listed is None or created is None:
        return known.listed_at
    if start is None and abs(created - listed) <= MAX_BEFORE:
        return known.listed_at
    return of(known.recording_id, start, created)


def sent(known: Recording, start: datetime | None) -> str | None:
    """Return the place of a recording whose stored audio was sent with this start, or none."""
    return known.listed_at if known.created_time is None else of(known.recording_id, start, known.created_time)
