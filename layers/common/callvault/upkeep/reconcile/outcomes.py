"""End a run: with success, or with a reason why its days are unknown. Publish what it found."""

from collections.abc import Iterable
from datetime import date, timedelta

from aws_lambda_powertools import Logger

from callvault import settings, times
from callvault.completeness import Day
from callvault.messaging import metrics
from callvault.storage import reports
from callvault.storage.cursors import Cursor
from callvault.upkeep.reconcile import plan
from callvault.upkeep.reconcile.lease import Lease

NOT_RECONCILED = "The account could not be reconciled"
"""Message of the log after a run that could not cover all of its days."""
NO_LIST, NO_API = "no_list", "no_api"
"""Reasons of days of an account whose provider has no list, and of an account without `api`."""
SHARED = "shared_provider_account"
"""Reason of days of an account that shares its account at the provider (`neighbours`)."""
UNACCOUNTABLE = frozenset({NO_LIST, NO_API, SHARED})
"""Reasons of accounts that cannot be reconciled, so that it is no failure that they are not."""
EVERYTHING = ("recordings",)
"""What is unaccountable of an account that has no list at all."""
UNEXPLAINED, WITHOUT_CALLBACKS = "UnexplainedRecordings", "AccountsWithoutCallbacks"
MIN_LISTED = 10
"""Minimum number of listed recordings of a day without callbacks that is reported.

A few recordings may be made in ways that send none, such as by hand in the provider's console.
"""

logger = Logger(child=True)


def succeed(lease: Lease) -> None:
    """End a run that has no more days; raises LostError and UnavailableError.

    If it passed over a day, it has not succeeded. The next run covers that day again, because its
    report is unknown.
    """
    cursor = lease.cursor
    end = cursor.until or times.now()
    first = end.date() - timedelta(days=settings.get().reconcile_days - 1)
    found = reports.read(cursor.account_id, first, end.date())
    unexplained = sum(one.unexplained or 0 for one in found)
    without = lacks_callbacks(cursor, found)
    metrics.publish({UNEXPLAINED: unexplained, WITHOUT_CALLBACKS: int(without)})
    fields = {"account": cursor.account_id, "unexplained": unexplained, "without_callbacks": without}
    if cursor.skipped:
        fields |= {"reason": cursor.failed_reason, "days": [str(one) for one in cursor.skipped]}
        logger.warning(NOT_RECONCILED, extra=fields | {"began": _written(cursor)})
        lease.release(reached=end, until=None, skipped=(), failures=0, not_before=None)
        return
    logger.info("Reconciled", extra=fields | {"reached": times.write(end), "began": _written(cursor)})
    lease.release(reached=end, last_success=times.now(), failed_reason=None, until=None, days=(), failures=0)


def fail(lease: Lease, reason: str, unaccountable: tuple[str, ...] = ()) -> None:
    """End a run that could not cover its days: they are unknown, and no number of them is 0.

    A day whose report was made after its end keeps it, because its numbers are still true. Raises
    LostError and UnavailableError.
    """
    cursor = lease.cursor
    days = cursor.days
    _write_unknown(lease, days, reason, unaccountable)
    fields = {"account": cursor.account_id, "reason": reason, "days": [str(one) for one in (*cursor.skipped, *days)]}
    logger.warning(NOT_RECONCILED, extra=fields | {"began": _written(cursor)})
    lease.release(failed_reason=reason, until=None, days=(), skipped=(), failures=0, not_before=None)


def skip(lease: Lease, reason: str, *, failures: int, unaccountable: tuple[str, ...]) -> None:
    """Pass over the first of the days that are left: it is unknown, and the run goes on.

    `failures` is the number of failures with which the next day begins. Raises LostError and
    UnavailableError.
    """
    cursor = lease.cursor
    _write_unknown(lease, cursor.days[:1], reason, unaccountable)
    skipped = (*cursor.skipped, *cursor.days[:1])
    lease.keep(days=cursor.days[1:], skipped=skipped, failed_reason=reason, failures=failures, not_before=None)


def _write_unknown(lease: Lease, days: tuple[date, ...], reason: str, unaccountable: tuple[str, ...]) -> None:
    """Report days as unknown, but those whose report was made after their end keep it."""
    account_id = lease.cursor.account_id
    known = {one.date: one for one in reports.read(account_id, days[0], days[-1])} if days else {}
    for one in days:
        report = Day(date=one, unknown=reason, unaccountable=unaccountable, checked_at=times.now())
        if one not in known or not _stays(known[one], report):
            lease.renew()
            reports.write(account_id, report)


def lacks_callbacks(cursor: Cursor, found: Iterable[Day]) -> bool:
    """Return whether the last finished day has recordings, and no callback of any of them came.

    The archive must have known the account for the whole day.
    """
    finished = [one for one in found if plan.is_finished(one) and one.listed is not None]
    last = max(finished, key=lambda one: one.date, default=None)
    if last is None or plan.span(last.date).since < cursor.first_seen:
        return False
    return (last.listed or 0) >= MIN_LISTED and last.callbacks == 0


def log_day(cursor: Cursor, report: Day) -> None:
    """Log what a run covered of a day."""
    numbers = report.model_dump(mode="json", exclude_none=True, exclude={"checked_at"})
    logger.info("Covered a day", extra={"account": cursor.account_id, "day": numbers, "began": _written(cursor)})


def _stays(known: Day, report: Day) -> bool:
    """Return whether the known report of a day is not replaced by one that is unknown."""
    if known.unknown is None:
        return plan.is_finished(known)
    return plan.is_finished(known) and (known.unknown, known.unaccountable) == (report.unknown, report.unaccountable)


def _written(cursor: Cursor) -> str | None:
    """Return when the run of a cursor began, which names it in the log."""
    return times.write(cursor.began) if cursor.began else None
