"""Decide which days a run covers."""

from datetime import UTC, date, datetime, time, timedelta

from callvault import settings, times
from callvault.completeness import Day
from callvault.providers.listings import Span
from callvault.storage import reports
from callvault.storage.cursors import Cursor

ONE_DAY = timedelta(days=1)
CONTINUED_FOR = timedelta(days=1)
"""Time after its begin in which an unfinished run is continued. After that, a new run begins."""


def until() -> datetime:
    """Return the time up to which a run that begins now covers the lists.

    A provider may list a recording some minutes after the time that it lists it by.
    """
    return times.now() - timedelta(minutes=settings.get().reconcile_lag_minutes)


def is_continued(cursor: Cursor) -> bool:
    """Return whether the account has an unfinished run that goes on."""
    return cursor.until is not None and cursor.began is not None and times.now() - cursor.began < CONTINUED_FOR


def days(cursor: Cursor, end: datetime) -> tuple[date, ...]:
    """Return the days that a new run covers, up to a time, in order; raises UnavailableError.

    They are the days since the last success, less an overlap, and of the days before that, within
    reach, those without a report that explains every recording, and those with a recording that was
    not verified yet. So the first run covers every day within reach.
    """
    first = end.date() - timedelta(days=settings.get().reconcile_days - 1)
    overlap = timedelta(days=settings.get().reconcile_overlap_days)
    again = max(first, min(((cursor.reached or end) - overlap).date(), end.date()))
    found = reports.read(cursor.account_id, first, again - ONE_DAY)
    clear = {one.date for one in found if is_clear(one) and one.date not in cursor.again}
    every = [first + number * ONE_DAY for number in range((end.date() - first).days + 1)]
    return tuple(one for one in every if one >= again or one not in clear)


def is_finished(report: Day) -> bool:
    """Return whether a report was made after its day had ended, with all that is listed late."""
    return report.checked_at >= span(report.date).until + timedelta(minutes=settings.get().reconcile_lag_minutes)


def is_clear(report: Day) -> bool:
    """Return whether a report leaves nothing to be done about its day."""
    return is_finished(report) and report.unknown is None and not report.pending and not report.unexplained


def span(day: date, end: datetime | None = None) -> Span:
    """Return the span of a day, up to a time if that is on the day."""
    since = datetime.combine(day, time(), UTC)
    return Span(since=since, until=since + ONE_DAY if end is None else min(since + ONE_DAY, end))
