"""Read the entries of a provider's list one by one, so that none is lost silently.

An entry whose time cannot be read is listed at the time of the entry before it, or at the beginning
of what was asked for: it has an id, so it can be fetched. An entry that cannot be read at all, or
that belongs to another account, becomes a gap at that time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger

from callvault.errors import RequestError
from callvault.models import Recording
from callvault.providers.fields import storable
from callvault.providers.listings import Gap, Listed, Span

UNREADABLE = "unreadable_entry"
"""What a gap lacks: an entry whose id is missing or malformed, or that is of another account."""

logger = Logger(child=True)


@dataclass
class Entries:
    """The entries that were read."""

    listed: list[Listed] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def read(
    entries: Iterable[object],
    account_id: str,
    read_one: Callable[[dict[str, Any]], Recording],
    time_of: Callable[[Recording], datetime | None],
    since: datetime,
) -> Entries:
    """Return entries that are sorted by time; `since` is the time before the first one.

    `read_one` returns the recording of an entry, and raises a RequestError for one that it cannot
    read; `time_of` returns the time by which the list filters.
    """
    result, time = Entries(), since
    for entry in entries:
        try:
            recording = read_one(storable(entry))
        except RequestError:
            result.gaps.append(Gap(time=time, what=UNREADABLE))
            continue
        time = time_of(recording) or time
        result.listed.append(Listed(recording=recording, time=time))
    if result.gaps:
        count = len(result.gaps)
        logger.warning("Entries of a provider's list cannot be read", extra={"account": account_id, "count": count})
    return result


def into(span: Span, time: datetime) -> datetime:
    """Return a time, or else the nearest moment of a span.

    A provider may list a recording in a span although the entry's time is outside the span. It is
    then counted in the span, because no other span has it.
    """
    return min(max(time, span.since), span.until - timedelta(milliseconds=1))
