"""Cover one day of an account's lists: take in what is missing, and add up the day's report."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched

from callvault import times
from callvault.completeness import Day
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording
from callvault.providers.listings import Lister, Page, Span
from callvault.storage import queries
from callvault.upkeep.reconcile import intake, plan, rows, steps
from callvault.upkeep.reconcile.lease import Lease
from callvault.upkeep.reconcile.pace import Pace
from callvault.upkeep.reconcile.progress import Progress
from callvault.upkeep.reconcile.seen import Seen
from callvault.upkeep.reconcile.tally import Tally


class ListError(Exception):
    """A provider's list could not be read; `cause` says why."""

    def __init__(self, cause: UnavailableError | RejectedError) -> None:
        super().__init__(str(cause))
        self.reason = cause.reason
        self.retry_after = cause.retry_after if isinstance(cause, UnavailableError) else None
        self.is_final = isinstance(cause, RejectedError)
        """Whether no later attempt of the same run can succeed."""


def cover(lister: Lister, progress: Progress, end: datetime, lease: Lease, pace: Pace) -> Day:
    """Read the rest of a day's lists, up to a time, and return the report on the day.

    `progress` is brought up to date after each page. Raises ListError, TimeIsUpError, LostError and
    UnavailableError, after which another call goes on with the same `progress`.
    """
    span = plan.span(progress.day, end)
    for page in _pages(lister, progress, span, lease, pace):
        numbers, recording_ids = _add_up(page, progress.seen, span, lease, pace)
        progress.tally.include(numbers)
        progress.gaps |= {gap.what for gap in page.gaps}
        for recording_id in recording_ids:
            progress.seen.add(recording_id)
    unlisted = 0
    for number in rows.unlisted(lease.cursor.account_id, lister, span, progress.seen):
        unlisted += number
        lease.renew()
    unaccountable = (*lister.unaccountable(), *sorted(progress.gaps.difference(lister.unaccountable())))
    return progress.tally.report(progress.day, unlisted=unlisted, unaccountable=unaccountable, checked_at=times.now())


def _pages(lister: Lister, progress: Progress, span: Span, lease: Lease, pace: Pace) -> Iterator[Page]:
    """Yield the pages of the lists from where `progress` is, and move it behind each of them."""
    for name in lister.LISTS:
        while not progress.is_read(name):
            pace.check()
            lease.renew()
            page = _page(lister, name, span, progress.page)
            yield page
            progress.move(name, page.cursor)
            progress.keep(lease.keep(failures=0, not_before=None))


def _page(lister: Lister, name: str, span: Span, cursor: str | None) -> Page:
    """Return a page of a list; raises ListError."""
    try:
        page = lister.list_page(name, span, cursor)
    except (UnavailableError, RejectedError) as error:
        raise ListError(error) from error
    if cursor is not None and page.cursor == cursor:
        raise ListError(RejectedError("endless_list", "The provider's list does not go on."))
    return page


def _add_up(page: Page, seen: Seen, span: Span, lease: Lease, pace: Pace) -> tuple[Tally, set[str]]:
    """Take in what is missing of a page, and return its numbers and the ids that they count.

    What was seen before, or is not in the span, is left out. A recording that is kept under another
    id has both ids.
    """
    numbers = Tally()
    listed = {
        one.recording.recording_id: one
        for one in reversed(page.listed)
        if span.since <= one.time < span.until and one.recording.recording_id not in seen
    }
    counted: set[str] = set()
    for batch in batched(listed, queries.MAX_KEYS, strict=False):
        found = rows.of(lease.cursor.account_id, batch)
        for recording_id in batch:
            recording = listed[recording_id].recording
            row = _row(recording, found, pace)
            numbers.add(recording, row)
            counted |= {recording_id, row.recording_id if row is not None else recording_id}
        lease.renew()
    return numbers, counted


def _row(listed: Recording, found: dict[str, Recording | None], pace: Pace) -> Recording | None:
    """Return the row of a listed recording, brought up to date; None if it has none."""
    row = found.get(listed.recording_id)
    if row is None and listed.recording_id in found:
        intake.log_unexplained(listed, "row_unreadable")
        return None
    step = steps.of(row, listed)
    if step is None:
        return row
    pace.wait()
    return intake.bring(step, row, listed)
