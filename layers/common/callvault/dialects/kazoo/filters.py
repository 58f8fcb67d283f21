"""Read the parameters of a Crossbar list: page size, order, time span, filters.

https://docs.2600hz.com/dev/applications/crossbar/doc/filters/. Where that page is incomplete or
wrong, the semantics are those of KAZOO 4.3's crossbar_filter.erl and crossbar_view.erl.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from callvault.dialects.kazoo import documents, matching, refusals
from callvault.models import Recording
from callvault.storage.listing import Query

MAX_RANGE = 2_682_000
"""Maximum time span of a list, in seconds.

It is Crossbar's default `maximum_range`: 31 days and an hour.
"""
PAGE_SIZE = 50
"""Default number of recordings on a page."""
INDEXED = {
    "filter_owner_id": "owner_id",
    "filter_call_id": "call_id",
    "filter_conference_id": "conference_id",
    "filter_from": "caller",
    "filter_to": "callee",
}
"""Maps a filter to the field of `listing.Query` that it sets; the table has an index for each."""


def page_size(query: Mapping[str, str]) -> int | None:
    """Return the number of recordings on a page, or None for all; raises CrossbarError."""
    if query.get("paginate") == "false":
        return None
    size = matching.integer(query.get("page_size", str(PAGE_SIZE)))
    if size is None or size <= 0:
        raise refusals.CrossbarError(404, "faulty_request", {"message": "invalid page size"})
    return size


def ascending(query: Mapping[str, str]) -> bool:
    """Check whether the oldest recordings come first."""
    if "ascending" in query:
        return query["ascending"] == "true"
    return query.get("descending") == "false"


def window(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment of a list.

    Crossbar compares times in whole seconds, so the last moment is the end of its second. Raises
    CrossbarError for a span that is negative or longer than MAX_RANGE.
    """
    until = _positive(query, "created_to") or documents.gregorian(now)
    since = _positive(query, "created_from") or until - MAX_RANGE
    if until < since:
        message = f"created_to {until} is prior to created_from {since}"
        raise refusals.invalid("created_from", "date_range", message, since)
    if until - since > MAX_RANGE:
        message = f"created_to {until} is more than {MAX_RANGE} seconds from created_from {since}"
        raise refusals.invalid("created_from", "date_range", message, until)
    return documents.from_gregorian(since), documents.from_gregorian(until) + timedelta(milliseconds=999)


def query(account_id: str, asked: Mapping[str, str], user_id: str | None, now: datetime) -> Query:
    """Return the query of the table for a list.

    It applies only the filters that an index serves; `where` applies all filters.
    """
    since, until = window(asked, now)
    fixed = indexed(asked) | ({"owner_id": user_id} if user_id else {})
    return Query(account_id=account_id, since=since, until=until, ascending=ascending(asked), **fixed)


def indexed(query: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of `listing.Query` that the filters set.

    A filter whose value is blank or a JSON list sets no field.
    """
    return {
        field: query[name]
        for name, field in INDEXED.items()
        if query.get(name) and matching.json_list(query[name]) is None
    }


def binding(query: Mapping[str, str], user_id: str | None) -> str:
    """Return the part of a list's query that decides which recordings are in it.

    A page token is bound to it. Other parameters may change from page to page: jQuery, for example,
    adds a number to defeat caches.
    """
    times = {"created_from", "created_to"}
    selecting = {
        name: value for name, value in query.items() if name in times or matching.test(name, value) is not None
    }
    return json.dumps([user_id, selecting], sort_keys=True)


def where(query: Mapping[str, str]) -> Callable[[Recording], bool]:
    """Return the test that a recording passes if all filters match."""
    tests = [test for name, value in query.items() if (test := matching.test(name, value)) is not None]
    if not tests:
        return lambda _: True

    def matches(recording: Recording) -> bool:
        document = documents.render(recording)
        for name, time in (("pvt_created", recording.listed_time), ("pvt_modified", recording.updated_time)):
            document |= {name: documents.gregorian(time)} if time else {}
        return all(test(document) for test in tests)

    return matches


def _positive(query: Mapping[str, str], name: str) -> int | None:
    """Return a parameter in Gregorian seconds, or None if it is missing or invalid.

    Crossbar uses the parameter's default in both cases.
    """
    moment = matching.integer(query.get(name, ""))
    return moment if moment is not None and moment > 0 else None
