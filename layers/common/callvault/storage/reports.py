"""Keep the reports on an account's days in the bucket, one JSON object for each day.

The key is `completeness/<account_id>/<YYYY-MM-DD>.json`. S3 returns a report as soon as it was
written, and of two that are written at the same time the later one stays (S3 user guide, "Amazon S3
data consistency model"). A missing object is answered with 404 only to a caller who may list the
bucket, and with 403 to any other (S3 API reference, "GetObject"), so the role of a function that
reads reports has `s3:ListBucket`.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from callvault.completeness import Day
from callvault.storage import bucket

REPORTS = "completeness/"
"""The prefix of the reports' keys."""
MAX_CONNECTIONS = 10
"""Maximum number of reports that are read at the same time: the S3 client keeps ten connections."""


def key(account_id: str, day: date) -> str:
    """Return the S3 key of the report on a day. An account id has no character to be encoded."""
    return f"{REPORTS}{account_id}/{day.isoformat()}.json"


def write(account_id: str, day: Day) -> None:
    """Store the report on a day, in place of an earlier one; raises UnavailableError."""
    bucket.write(key(account_id, day.date), day.model_dump_json().encode(), "application/json")


def read(account_id: str, since: date, until: date) -> list[Day]:
    """Return the reports on the days from `since` to `until`, both inclusive, in order.

    A day without a report is left out. Raises UnavailableError.
    """
    days = list(_days(since, until))
    if not days:
        return []
    with ThreadPoolExecutor(min(len(days), MAX_CONNECTIONS)) as readers:
        found = readers.map(lambda day: _read(key(account_id, day)), days)
        return [day for day in found if day is not None]


def _days(since: date, until: date) -> Iterator[date]:
    """Yield the days from one to another, both inclusive."""
    for number in range((until - since).days + 1):
        yield since + timedelta(days=number)


def _read(key: str) -> Day | None:
    """Return the report that has a key, or None."""
    found = bucket.get(key)
    if found is None:
        return None
    try:
        return Day.model_validate_json(found.read())
    finally:
        found.close()
