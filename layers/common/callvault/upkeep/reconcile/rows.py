"""Find the rows of listed recordings, and the recordings that the provider lists no more."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import batched

from callvault.ingest import naming
from callvault.models import Recording, State
from callvault.providers.listings import Lister, Span
from callvault.storage import history, listing, queries, rows
from callvault.storage.listing import Query
from callvault.storage.queries import Item
from callvault.upkeep.reconcile.seen import Seen

BEFORE, AFTER = timedelta(hours=4), timedelta(hours=1)
"""Time before and after a span in which the start of a recording may be that is listed in the span.

A provider may list a recording by when it was made, at the end of a call, or before its start by
the archive's clock.
"""


def of(account_id: str, recording_ids: Sequence[str]) -> dict[str, Recording | None]:
    """Return the rows of at most queries.MAX_KEYS different recordings, by their ids.

    If the audio of a recording is kept in the row of another id, as that of a document of KAZOO may
    be in the row of its push, that row is returned. An id that has no row is missing. None stands
    for a row that cannot be read. Raises UnavailableError.
    """
    found = _found(account_id, recording_ids)
    kept_as = {one: name for one, row in found.items() if row is not None and (name := _kept_as(row))}
    kept = _found(account_id, sorted(set(kept_as.values())))
    return found | {one: kept[name] for one, name in kept_as.items() if name in kept}


def unlisted(account_id: str, lister: Lister, span: Span, seen: Seen) -> Iterator[int]:
    """Yield, page by page, how many recordings the archive has of a span that were not seen.

    Only stored recordings count, whose time in the provider's list is known. Audio that was only
    sent here, and never announced, does not count: no list says that the provider has it. Raises
    UnavailableError.
    """
    query = Query(account_id=account_id, since=span.since - BEFORE, until=span.until + AFTER, ascending=True)
    prefix = f"{account_id}#"
    for page in listing.pages(query):
        keys = [key for key in page if key["pk"]["S"].removeprefix(prefix) not in seen]
        found = (
            _read(item)
            for batch in batched(keys, queries.MAX_KEYS, strict=False)
            for item in queries.items(list(batch))
        )
        yield sum(1 for row in found if row is not None and _is_missing(row, lister, span))


def _found(account_id: str, recording_ids: Sequence[str]) -> dict[str, Recording | None]:
    """Return the rows of recordings, by their ids."""
    if not recording_ids:
        return {}
    prefix = f"{account_id}#"
    found = queries.items([rows.key(account_id, one) for one in recording_ids])
    return {item["pk"]["S"].removeprefix(prefix): _read(item) for item in found}


def _kept_as(row: Recording) -> str | None:
    """Return the id under which the recording of an ended row is kept, or None."""
    return naming.name(row) if row.state is State.ABSENT and row.reason in {naming.NAMED, naming.PUSHED} else None


def _is_missing(row: Recording, lister: Lister, span: Span) -> bool:
    """Return whether a row that was not seen is of a recording that the list should have."""
    if row.state not in {State.STORED, State.VERIFIED} or history.is_claimed(row.history):
        return False
    time = lister.listing_time(row)
    return time is not None and span.since <= time < span.until


def _read(item: Item) -> Recording | None:
    """Return the row of an item, or None if it cannot be read. The sweep has an alarm for that."""
    try:
        return rows.read(item)
    except (ValueError, TypeError):
        return None
