"""Read what a Crossbar list is asked for: https://docs.2600hz.com/dev/applications/crossbar/doc/filters/.

Semantics, where the page is silent or wrong, are those of KAZOO 4.3's crossbar_filter.erl and crossbar_view.erl.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from callvault.dialects.kazoo import documents, refusals
from callvault.dialects.kazoo.documents import Document
from callvault.models import Recording
from callvault.storage.listing import Query

MAX_RANGE = 2_682_000
"""Seconds: 31 days and an hour, Crossbar's default `maximum_range`."""
PAGE_SIZE = 50
INDEXED = {
    "filter_owner_id": "owner_id",
    "filter_call_id": "call_id",
    "filter_conference_id": "conference_id",
    "filter_from": "caller",
    "filter_to": "callee",
}
"""The filters that an index of the table can serve, and its fields."""
EMPTY: tuple[object, ...] = (None, False, 0, "", "0", "false", "NULL", "undefined", [], {})
"""What kz_term:is_empty/1 takes for empty."""
MISSING = object()

type Test = Callable[[Document], bool]


def page_size(query: Mapping[str, str]) -> int | None:
    """Return how many recordings a page has, or None for all of them."""
    if query.get("paginate") == "false":
        return None
    size = _integer(query.get("page_size", str(PAGE_SIZE)))
    if size is None or size <= 0:
        raise refusals.CrossbarError(404, "faulty_request", {"message": "invalid page size"})
    return size


def ascending(query: Mapping[str, str]) -> bool:
    """Say whether the oldest comes first."""
    if "ascending" in query:
        return query["ascending"] == "true"
    return query.get("descending") == "false"


def window(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment that are asked for, in whole seconds as Crossbar compares them."""
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
    """Return what to read of the table for a list; `where` then leaves out what does not fit."""
    since, until = window(asked, now)
    fixed = indexed(asked) | ({"owner_id": user_id} if user_id else {})
    return Query(account_id=account_id, since=since, until=until, ascending=ascending(asked), **fixed)


def indexed(query: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of `listing.Query` that filters fix; a filter that is a list, or blank, fixes none."""
    return {field: query[name] for name, field in INDEXED.items() if query.get(name) and _list(query[name]) is None}


def binding(query: Mapping[str, str], user_id: str | None) -> str:
    """Return what of a list's query decides which recordings are in it; a page token is good for that only.

    Clients may add what else they like from page to page: jQuery, for one, a number against caches.
    """
    times = {"created_from", "created_to"}
    telling = {name: value for name, value in query.items() if name in times or _test(name, value) is not None}
    return json.dumps([user_id, telling], sort_keys=True)


def where(query: Mapping[str, str]) -> Callable[[Recording], bool]:
    """Return the test that a recording must pass to be listed: all filters together."""
    tests = [test for name, value in query.items() if (test := _test(name, value)) is not None]
    if not tests:
        return lambda _: True

    def fits(recording: Recording) -> bool:
        document = documents.render(recording)
        for name, time in (("pvt_created", recording.listed_time), ("pvt_modified", recording.updated_time)):
            document |= {name: documents.gregorian(time)} if time else {}
        return all(test(document) for test in tests)

    return fits


def _test(name: str, value: str) -> Test | None:  # noqa: PLR0911 - a table of prefixes, read from top to bottom
    """Return the test that one query parameter is, or None if it is none."""
    if name.startswith("filter_not_"):
        return lambda document: not _equals(document, name.removeprefix("filter_not_"), value)
    if name.startswith("filter_"):
        return lambda document: _equals(document, name.removeprefix("filter_"), value)
    match name:
        case "has_key":
            return lambda document: _at(document, value) is not MISSING
        case "key_missing":
            return lambda document: _at(document, value) is MISSING
        case "has_value":
            return lambda document: _has_value(document, value)
        case "value_missing":
            return lambda document: not _has_value(document, value)
        case "modified_from":
            return _bound(value, lambda modified, bound: modified >= bound)
        case "modified_to":
            return _bound(value, lambda modified, bound: modified <= bound)
    return None


def _bound(value: str, compare: Callable[[int, int], bool]) -> Test:
    """Return the test of when a document was changed; a bound that is no number is one that nothing passes."""
    bound = _integer(value)
    return lambda document: bound is not None and compare(document.get("pvt_modified", 0), bound)


def _equals(document: Document, path: str, wanted: str) -> bool:
    """Say whether the value at a path is the wanted one, or one of them if those are a JSON list.

    Compared as text. What is missing, or has no text (an object, a list), compares as "".
    """
    text = _text(_at(document, path))
    # Crossbar compares with the list's strings only, and so finds no number; that would help nobody here.
    return text == wanted or text in {_text(item) for item in _list(wanted) or []}


def _has_value(document: Document, path: str) -> bool:
    """Say whether there is something at a path that is not empty."""
    value = _at(document, path)
    return value is not MISSING and value not in EMPTY


def _at(document: Document, path: str) -> object:
    """Return what a document has at a dotted path, or MISSING."""
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


def _text(value: object) -> str:
    """Return a JSON value as kz_term:to_binary/1 writes it."""
    if isinstance(value, str):
        return value
    if value is MISSING or isinstance(value, dict | list):
        return ""
    return json.dumps(value)


def _list(value: str) -> list[Any] | None:
    """Return the JSON list that a parameter spells, or None if it spells none."""
    if not value.lstrip().startswith("["):
        return None
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, list) else None


def _positive(query: Mapping[str, str], name: str) -> int | None:
    """Return a moment in Gregorian seconds, or None for what is none: Crossbar then takes its default."""
    moment = _integer(query.get(name, ""))
    return moment if moment is not None and moment > 0 else None


def _integer(text: str) -> int | None:
    """Return the integer that a text spells in digits, or None."""
    digits = text.removeprefix("-")
    try:
        return int(text) if digits.isascii() and digits.isdigit() else None
    except ValueError:  # more digits than Python converts
        return None
