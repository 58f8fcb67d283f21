"""List recordings in order of time, and read no more of the table than a page needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callvault import times
from callvault.bounds import MAX_KEY_BYTES
from callvault.models import Recording
from callvault.storage import notes, queries, rows
from callvault.storage.queries import Item, Span

EARLIEST = notes.EARLIEST
"""Earliest beginning of an account's list.

It limits the number of queries: each month of a list costs one, even if the month is empty.
"""
LOOK_BACK = timedelta(days=3653)
"""Length of an account's list if the caller gives no beginning. Ten years cost 121 queries."""
AHEAD = timedelta(days=1)
"""Time by which an account's list extends into the future, because clocks disagree.

A recording with a later time is not listed until its time is within this period.
"""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A selection of one account's recordings; a recording must match every field that is given."""

    account_id: str
    since: datetime
    until: datetime
    """`since` and `until` are inclusive and compared to `listed_time`."""
    owner_id: str | None = None
    call_id: str | None = None
    conference_id: str | None = None
    caller: str | None = None
    callee: str | None = None
    ascending: bool = False
    start: str | None = None
    """The `listed_at` to begin with, inclusive. Its time has the form of `times.write`."""

    def fits(self, recording: Recording) -> bool:
        """Return whether a recording of the account matches every field but the times."""
        return all(getattr(self, name) in {None, getattr(recording, name)} for name in ("owner_id", *rows.KEYED))


def within(
    account_id: str,
    since: datetime | None,
    until: datetime | None,
    *,
    ascending: bool = False,
    owner_id: str | None = None,
    call_id: str | None = None,
    conference_id: str | None = None,
    caller: str | None = None,
    callee: str | None = None,
) -> Query:
    """Return a query; `since` and `until` are optional.

    A query for a call, a conference, a caller or a callee reads an index of its own, so a missing
    `since` or `until` sets no limit. Any other query reads a list of the account or of one user
    month by month, so
    EARLIEST, LOOK_BACK and AHEAD limit it.
    """
    if all(value is None for value in (call_id, conference_id, caller, callee)):
        latest = times.now() + AHEAD
        until = min(until or latest, latest)
        since = max(since or until - min(LOOK_BACK, until - EARLIEST), EARLIEST)
    return Query(
        account_id=account_id,
        since=since or datetime.min.replace(tzinfo=UTC),
        until=until or datetime.max.replace(tzinfo=UTC),
        owner_id=owner_id,
        call_id=call_id,
        conference_id=conference_id,
        caller=caller,
        callee=callee,
        ascending=ascending,
    )


def bounds(query: Query) -> tuple[str, str]:
    """Return the least and the greatest `listed_at` of a query.

    `start` can only narrow the query's times.
    """
    # "$" sorts after "#", so that all recordings of the last millisecond are included.
    low, high = times.write(query.since), f"{times.write(query.until)}$"
    if query.start is None:
        return low, high
    return (max(low, query.start), high) if query.ascending else (low, min(high, query.start))


def scan(query: Query, size: int | None = None) -> Iterator[Recording]:
    """Yield the recordings of the smallest partitions that hold a query's result, in order.

    Tombstones and recordings that do not match are yielded too, so that the caller can stop before
    the next match. The caller filters them out. The first read fetches `size` rows (by default
    queries.MAX_KEYS). Each later read fetches twice as many as the one before, up to MAX_KEYS,
    because a caller that needs more has skipped rows. Raises UnavailableError.
    """
    for page in pages(query, size):
        yield from map(rows.read, queries.items(page))


def listed_times(query: Query, size: int | None = None) -> Iterator[datetime]:
    """Yield the listed times of the recordings that `scan` yields, without reading their rows.

    Raises UnavailableError.
    """
    for page in pages(query, size):
        yield from (datetime.fromisoformat(key["listed_at"]["S"].partition("#")[0]) for key in page)


def pages(query: Query, size: int | None = None) -> Iterator[list[Item]]:
    """Yield the keys of a query's partitions between its bounds, page by page.

    Raises UnavailableError.
    """
    low, high = bounds(query)
    if low > high:
        return
    for span in _spans(query, low, high):
        if len(span.partition[1].encode()) <= MAX_KEY_BYTES:  # no row has a longer key
            yield from queries.pages(span, ascending=query.ascending, size=size)


def _spans(query: Query, low: str, high: str) -> Iterator[Span]:
    """Yield the smallest partitions that hold a query's whole result, in order."""
    account = query.account_id
    for name, attribute in rows.KEYED.items():
        if (value := getattr(query, name)) is not None:
            index = f"by_{name.removesuffix('_id')}"
            yield Span(index=index, partition=(attribute, f"{account}#{value}"), low=low, high=high)
            return
    for month in _months(low, high, ascending=query.ascending):
        if query.owner_id is not None:
            index, partition = "by_owner", ("owner_month", f"{account}#{query.owner_id}#{month}")
        else:
            index, partition = "by_month", ("account_month", f"{account}#{month}")
        yield Span(index=index, partition=partition, low=low, high=high)


def _months(low: str, high: str, *, ascending: bool) -> list[str]:
    """Return the months from one `listed_at` to another, both inclusive, as YYYYMM."""
    first, last = (int(place[:4]) * 12 + int(place[5:7]) - 1 for place in (low, high))
    months = [f"{number // 12}{number % 12 + 1:02}" for number in range(first, last + 1)]
    return months if ascending else months[::-1]
