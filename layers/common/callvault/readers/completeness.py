"""Read the reports on an account's days: what the provider lists, and what became of it.

`callvault.completeness.Day` defines the numbers. A day without a report is given too, as unknown,
so that no gap looks like a day without recordings.
"""

from datetime import date, timedelta
from typing import Any

from callvault import times
from callvault.completeness import Day
from callvault.errors import ForbiddenError
from callvault.readers.access import Principal
from callvault.storage import reports

NOT_RECONCILED = "not_reconciled"
"""Why nothing is known about a day that has no report."""
DEFAULT_DAYS = 40
"""Number of days that are reported if the first one is not named.

The first reconciliation of an account covers as many days by default.
"""
MAX_DAYS = 400
"""Maximum number of days in one answer. Each costs one request to S3; ten run at a time."""

type Report = dict[str, Any]
"""The report on a day as JSON: the fields of `Day`; numbers that are not known are None."""


def check(principal: Principal) -> None:
    """Check that a reader may read the reports: one that is limited to a user may not.

    The numbers are those of the whole account. Raises ForbiddenError.
    """
    if principal.reader.user_id is not None:
        raise ForbiddenError("The credentials do not allow reading the reports of the account.")


def span(since: date | None, until: date | None) -> tuple[date, date]:
    """Return the first and the last day to report on.

    By default, the last day is today in UTC, and DEFAULT_DAYS days are reported.
    """
    last = until or times.now().date()
    before = min(timedelta(days=DEFAULT_DAYS - 1), last - date.min)
    return since or last - before, last


def read(account_id: str, since: date, until: date) -> list[Report]:
    """Return the report on each day from `since` to `until`, both inclusive, in order.

    A day without a report has `unknown` with NOT_RECONCILED. Raises UnavailableError.
    """
    found = {day.date: day for day in reports.read(account_id, since, until)}
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return [_report(found[day]) if day in found else _missing(day) for day in days]


def _report(day: Day) -> Report:
    """Return a day's report as JSON."""
    return day.model_dump(mode="json")


def _missing(day: date) -> Report:
    """Return what is given for a day without a report."""
    # `checked_at` is None, too: nobody has compared the day with the provider's list.
    unknown = {"date": day.isoformat(), "failed_by": {}, "unknown": NOT_RECONCILED, "unaccountable": []}
    return dict.fromkeys(Day.model_fields) | unknown
