"""Read the parameters of a Crossbar list: page size, order, time span, filters.

https://docs.2600hz.com/dev/applications/crossbar/doc/filters/. Where that page is incomplete or
wrong, the semantics are those of KAZOO's crossbar_filter.erl and crossbar_view.erl.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from callvault import times
from callvault.dialects import shared_fields
from callvault.dialects.kazoo import documents, filter_names, list_filters, matching, refusals
from callvault.dialects.kazoo.filter_fields import Watch
from callvault.models import TOMBSTONES, Recording
from callvault.storage import listing
from callvault.storage.listing import Query
from callvault.web import Request

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
COMPARING = (filter_names.EQUAL, filter_names.NOT_EQUAL, filter_names.ANY, filter_names.NONE)
NUMBERS = frozenset(f"{kind}{field}" for kind in COMPARING for field in ("from", "to"))
"""Filters whose value is a number as the provider wrote it, often with a `+`."""
KNOWN = frozenset({
    "accept", "ascending", "bookmark", "created_from", "created_to", "descending", "fields", "file_name", "full_docs",
    "jsonp", "modified_from", "modified_to", "page_size", "paginate", "pretty_print", "start_key", "verb", "_",
})  # fmt: skip
"""Parameters of a list that are not filters.

jQuery adds `_` to defeat caches. `full_docs` changes nothing, as in KAZOO 5, where every item of
this list is the whole document.
"""
STATES = ("filter_archive.state", "filter_any_archive.state")
"""Filters that can name the states of removed recordings."""


def read(request: Request) -> dict[str, str]:
    """Return a request's query, with the `+` of numbers that the caller did not escape."""
    return {name: _numbers(value) if name in NUMBERS else value for name, value in request.query.items()}


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
    """Return the first and the last moment of a list that reads every recording of its span.

    Without `created_to` it ends now, and without `created_from` it begins MAX_RANGE before its end.
    Raises CrossbarError for a time that cannot be read, and for a span that is negative or longer
    than MAX_RANGE.
    """
    since, until = _bounds(query)
    until = until or now.replace(microsecond=0) + times.SECOND
    since = since or until.replace(microsecond=0) - timedelta(seconds=MAX_RANGE)
    # A date as `created_to` names a whole day, so 31 days and their last second are no more than
    # MAX_RANGE.
    if int((until - since).total_seconds()) > MAX_RANGE:
        first, last = documents.gregorian(since), documents.gregorian(until)
        message = f"created_to {last} is more than {MAX_RANGE} seconds from created_from {first}"
        raise refusals.invalid("created_from", "date_range", message, last)
    return since, until


def query(account_id: str, asked: Mapping[str, str], user_id: str | None, now: datetime) -> Query:
    """Return the query of the table for a list.

    It applies only the filters that an index serves; `where` applies all filters. A list that an
    index serves reads no other recordings, so it may have any span (`listing.within`). Any other
    list has the span of `window`.
    """
    fixed = indexed(asked) | ({"owner_id": user_id} if user_id else {})
    since, until = _bounds(asked) if fixed else window(asked, now)
    return listing.within(account_id, since, until, ascending=ascending(asked), **fixed)


def names_tombstones(query: Mapping[str, str]) -> bool:
    """Say whether a filter of STATES names a state in which the audio was removed."""
    named = [query.get(name, "") for name in STATES]
    listed = [item for value in named for item in list_filters.json_list(value) or [] if isinstance(item, str)]
    return not TOMBSTONES.isdisjoint({*named, *listed})


def place(query: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the parameter that says where a page begins, and its value; None is the first page.

    KAZOO 5 calls it `bookmark`. Its value is `next_start_key` too, and it has precedence over
    `start_key` (maybe_decode_start_key/1 in KAZOO 5's api_resource.erl).
    """
    name = "bookmark" if "bookmark" in query else "start_key"
    return name, query.get(name) or None


def known(query: Mapping[str, str]) -> frozenset[str]:
    """Return the parameters of a query that a list knows, without an unused `start_key`."""
    unused = {"start_key"} - {place(query)[0]}
    return KNOWN - unused | {name for name, value in query.items() if matching.test(name, value) is not None}


def indexed(query: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of `listing.Query` that the filters set.

    A filter whose value is blank, a JSON list or a JSON text sets no field.
    """
    values = {field: query.get(name, "") for name, field in INDEXED.items()}
    return {field: value for field, value in values.items() if value and not value.lstrip().startswith(("[", '"'))}


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


def where(query: Mapping[str, str], watch: Watch | None = None) -> Callable[[Recording], bool]:
    """Return the test that a recording passes if all filters match; `watch` sees each document."""
    tests = [test for name, value in query.items() if (test := matching.test(name, value)) is not None]
    if not tests:
        return lambda _: True

    def matches(recording: Recording) -> bool:
        document = documents.render(recording)
        for name, time in (("pvt_created", recording.listed_time), ("pvt_modified", recording.updated_time)):
            document |= {name: documents.gregorian(time)} if time else {}
        if watch is not None:
            watch.see(document)
        return all(test(document) for test in tests)

    return matches


def _numbers(value: str) -> str:
    """Return a number or a JSON list of numbers, with the `+` that was not escaped."""
    items = list_filters.json_list(value)
    if items is None:
        return shared_fields.number(value)
    return json.dumps([shared_fields.number(item) if isinstance(item, str) else item for item in items])


def _bounds(query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment that a query names; None if it names none.

    Raises CrossbarError for a time that cannot be read, and for an end before the beginning.
    """
    since, until = query.get("created_from"), query.get("created_to")
    first = matching.span("created_from", since)[0] if since else None
    last = matching.span("created_to", until)[1] if until else None
    if first and last and last < first:
        message = f"created_to {documents.gregorian(last)} is prior to created_from {documents.gregorian(first)}"
        raise refusals.invalid("created_from", "date_range", message, documents.gregorian(first))
    return first, last
