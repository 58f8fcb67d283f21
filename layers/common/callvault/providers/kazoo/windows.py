"""Cut a span into the windows of time that Crossbar is asked for.

Crossbar filters a list by the time when a document was saved, which no list shows. A recording is
listed by its end instead, which differs from that by little: KAZOO saves the document when the
recording ends (media_recording.erl). So a span's neighbourhood is asked for, too, in windows of its
own: what was saved within MARGIN of the edge may belong to the span or to its neighbour, and its
end decides. What was saved elsewhere in the span belongs to it, whatever its end is.

A document is in the database of the month in which its recording began, by the clock of the KAZOO
node. Crossbar asks only the databases of the months of a window, in UTC (kazoo_modb.erl,
get_range). So around the start of a month a further window asks those of both months.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from callvault.providers.listings import Span

MARGIN = timedelta(hours=1)
MAX_WINDOW = timedelta(days=31)
"""Maximum length of a window: Crossbar refuses more than 31 days and an hour (crossbar.hrl,
MAX_RANGE)."""
AHEAD, LATE = timedelta(hours=14), timedelta(hours=37)
"""How long before the start of a month a document may be in its database, and after that in the
one of the month before. Local times are at most 14 hours ahead of UTC and 12 behind it, and a
recording is assumed to end within 25 hours."""


@dataclass(frozen=True)
class Window:
    """A window of time in which documents were saved; `since` is part of it, `until` is not."""

    since: datetime
    until: datetime
    is_inner: bool
    """Whether it is part of the span."""
    by_end_before: bool = False
    """Whether the neighbour before the span lists what ended before the span."""
    by_end_after: bool = False
    """Whether the neighbour after the span lists what ended after the span."""


def of(span: Span) -> list[Window]:
    """Return the windows of a span; none of an empty one."""
    if span.since >= span.until:
        return []
    early, late = span.since - MARGIN, span.until + MARGIN
    found = [Window(early, span.since, is_inner=False), *_inner(span), Window(span.until, late, is_inner=False)]
    for month in _months(early - LATE, late + AHEAD):
        since, until = max(early, month - AHEAD), min(late, month + LATE)
        if since < until:
            second = timedelta(seconds=1)
            found.append(Window(min(since, month - second), max(until, month + second), is_inner=False))
    return found


def _inner(span: Span) -> Iterator[Window]:
    """Yield the parts of a span: its edges, and what is between them."""
    start, end = span.since + MARGIN, span.until - MARGIN
    cuts = {span.since, span.until} | {cut for cut in (start, end) if span.since < cut < span.until}
    for since, until in pairwise(sorted(cuts)):
        begin = since
        while begin < until:
            stop = min(until, begin + MAX_WINDOW)
            yield Window(begin, stop, is_inner=True, by_end_before=stop <= start, by_end_after=begin >= end)
            begin = stop


def _months(since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the starts of the months in a stretch of time."""
    month = datetime(since.year, since.month, 1, tzinfo=UTC)
    while month <= until:
        if month >= since:
            yield month
        month = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
