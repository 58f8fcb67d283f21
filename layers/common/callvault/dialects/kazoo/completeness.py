"""Serve the reports on an account's days, as JSON or CSV. KAZOO has no such resource.

`from` and `to` are days in UTC, both inclusive. A day without a report is given with
`"unknown": "not_reconciled"`. A reader that is limited to one user is refused.
"""

import re
from datetime import date

from callvault.completeness import Day
from callvault.dialects import ignored, shared_fields
from callvault.dialects.dispatch import Names
from callvault.dialects.kazoo import authorization, csv_files, documents, envelopes, refusals
from callvault.dialects.kazoo.documents import Document
from callvault.readers import completeness
from callvault.web import Request, Response

KNOWN = frozenset({"accept", "file_name", "from", "jsonp", "pretty_print", "to", "verb", "_"})
"""The parameters of the list; jQuery adds `_` to defeat caches."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
"""Matches a day. `date.fromisoformat` also reads other forms, such as a week."""
COLUMNS = [name for name in Day.model_fields if name != "failed_by"]
"""The first columns of a CSV. Each reason in `failed_by` has a column of its own after them."""


def list_days(request: Request, names: Names) -> Response:
    """Return the report on each day of a span, oldest first, as JSON or CSV."""
    principal = authorization.enter(request, names)
    completeness.check(principal)
    since, until = _span(request)
    days = completeness.read(principal.account.account_id, since, until)
    passed_over = ignored.find(request, KNOWN)
    if csv_files.is_preferred(request):
        return _csv(request, days, passed_over)
    span = {"from": since.isoformat(), "to": until.isoformat()}
    members = {"archive": span | ({"ignored": passed_over} if passed_over else {})}
    revision = envelopes.digest(days)
    return envelopes.succeed(request, days, revision=revision, members=members, headers=ignored.headers(passed_over))


def _span(request: Request) -> tuple[date, date]:
    """Return the first and the last day that a request asks for; raises CrossbarError."""
    since, until = completeness.span(_day(request, "from"), _day(request, "to"))
    if until < since:
        raise refusals.invalid("from", "date_range", f"to {until} is prior to from {since}", since.isoformat())
    if (until - since).days >= completeness.MAX_DAYS:
        message = f"from {since} to {until} are more than {completeness.MAX_DAYS} days"
        raise refusals.invalid("from", "date_range", message, since.isoformat())
    return since, until


def _day(request: Request, name: str) -> date | None:
    """Return the day in a parameter, or None if it is missing or blank; raises CrossbarError."""
    value = request.query.get(name, "").strip()
    if not value:
        return None
    try:
        if DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:  # such as 2026-02-30
        pass
    raise refusals.invalid(name, "type", f"{name} is not a day: write YYYY-MM-DD")


def _csv(request: Request, days: list[Document], passed_over: list[str]) -> Response:
    """Return the reports as CSV; a number that is not known is an empty cell."""
    items = [shared_fields.without_nulls(day) for day in days]
    reasons = sorted({path for item in items for path in documents.flatten(item)} - {*COLUMNS})
    return csv_files.answer(request, items, [*COLUMNS, *reasons], passed_over, "completeness.csv")
