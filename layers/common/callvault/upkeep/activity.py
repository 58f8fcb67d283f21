"""Count an account's recordings and find the newest one.

Only an index is read, never a row. The time of a recording is its listed time: its start, or else
its first announcement.
"""

from datetime import datetime
from itertools import islice

from callvault.storage import listing
from callvault.storage.listing import Query


def newest(account_id: str, since: datetime, until: datetime) -> datetime | None:
    """Return the time of the newest recording between two times, or None if there is none.

    Raises UnavailableError.
    """
    query = Query(account_id=account_id, since=since, until=until)
    return next(listing.listed_times(query, 1), None)


def count(account_id: str, since: datetime, until: datetime, most: int) -> int:
    """Return the number of recordings between two times, at most `most`.

    Raises UnavailableError.
    """
    query = Query(account_id=account_id, since=since, until=until)
    return sum(1 for _ in islice(listing.listed_times(query, most), most))
