"""Keep how far a day's lists have been read, so that another message can go on there.

The object `completeness/<account_id>/unfinished` in the bucket has the place in the lists, the
numbers so far, and which recordings are counted in them. These three belong together, so they are
written as one object. A run that is killed goes on from the last object that it wrote, or begins
the day again: what was taken in since then has rows, and is counted by them.
"""

import time
from datetime import date
from typing import Self

from pydantic import BaseModel, ValidationError

from callvault.storage import bucket, reports
from callvault.storage.cursors import Cursor
from callvault.upkeep.reconcile.seen import Seen
from callvault.upkeep.reconcile.tally import Tally
from callvault.values import Timestamp

WRITTEN_EVERY = 60
"""Time, in seconds, after which a run that reads one day writes how far it has come."""


class _Written(BaseModel):
    """The object in the bucket."""

    began: Timestamp
    """The begin of the run, so that no later run goes on with old numbers."""
    date: date
    read: tuple[str, ...]
    page: str | None
    gaps: tuple[str, ...]
    tally: Tally
    seen: str


class Progress:
    """How far the lists of one day have been read."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.read: tuple[str, ...] = ()
        """The names of the lists that have been read to the end."""
        self.page: str | None = None
        """Where the next page begins of the list after those; None for its first page."""
        self.gaps: set[str] = set()
        """What could not be read of the lists."""
        self.tally = Tally()
        self.seen = Seen()
        self._written_at = time.monotonic()

    @classmethod
    def of(cls, cursor: Cursor, day: date) -> Self:
        """Return what the account's present run has read of a day; raises UnavailableError."""
        progress = cls(day)
        found = bucket.get(_key(cursor.account_id))
        if found is None:
            return progress
        try:
            written = _Written.model_validate_json(found.read())
        except ValidationError:
            return progress
        finally:
            found.close()
        if (written.began, written.date) == (cursor.began, day):
            progress.read, progress.page, progress.gaps = written.read, written.page, set(written.gaps)
            progress.tally, progress.seen = written.tally, Seen(written.seen)
        return progress

    def is_read(self, name: str) -> bool:
        """Return whether a list has been read to the end."""
        return name in self.read

    def move(self, name: str, page: str | None) -> None:
        """Go on with the page of a list that begins here; None says that the list is read."""
        self.page = page
        if page is None:
            self.read = (*self.read, name)

    def keep(self, cursor: Cursor) -> None:
        """Write it, if that was long ago; raises UnavailableError."""
        if time.monotonic() - self._written_at >= WRITTEN_EVERY:
            self.write(cursor)

    def write(self, cursor: Cursor) -> None:
        """Keep what the account's present run has read; raises UnavailableError."""
        if cursor.began is None:
            return
        written = _Written(
            began=cursor.began,
            date=self.day,
            read=self.read,
            page=self.page,
            gaps=tuple(sorted(self.gaps)),
            tally=self.tally,
            seen=self.seen.write(),
        )
        bucket.write(_key(cursor.account_id), written.model_dump_json().encode(), "application/json")
        self._written_at = time.monotonic()


def _key(account_id: str) -> str:
    """Return the S3 key of an account's object."""
    return f"{reports.REPORTS}{account_id}/unfinished"
