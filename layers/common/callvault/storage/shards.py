"""Divide the index `by_due` into shards, and read the due rows of one.

`due` decides when a row is due.
"""

import zlib
from collections.abc import Iterator
from datetime import datetime

from callvault import times
from callvault.storage import queries
from callvault.storage.queries import Item, Span

SHARDS = 8
"""Number of partitions of the index `by_due`, which spread the load."""
MAX_PAGE = 1_000
"""Maximum number of keys in a page of a shard: some 200 KB, of the 1 MB that a Query may return."""


def shard_of(key: str) -> str:
    """Return the partition of `by_due` for the row that has this primary key."""
    return str(zlib.crc32(key.encode()) % SHARDS)


def pages(shard: int, until: datetime) -> Iterator[list[Item]]:
    """Yield the keys of the rows of a shard that are due, longest due first, page by page.

    A page may have many more keys than can be read in one batch. Raises UnavailableError.
    """
    span = Span(
        index="by_due", partition=("due_shard", str(shard)), sort_key="due_time", low="0", high=times.write(until)
    )
    return queries.pages(span, most=MAX_PAGE)
