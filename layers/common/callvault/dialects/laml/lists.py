"""Read the parameters of a list, and build the URIs of its pages.

https://www.twilio.com/docs/usage/twilios-response. A date is RFC 2822, ISO 8601, or a day, which
means its first moment in UTC. `DateCreated<` and `DateCreated>` include the second that they name,
because the dates in responses have whole seconds. `DateCreated` without `<` or `>`
selects the whole day, in UTC, that contains the given time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from callvault import times
from callvault.dialects import ignored, numbered_pages
from callvault.dialects.numbered_pages import AFTER, BEFORE, Names, NumberedPage
from callvault.errors import InvalidRequestError
from callvault.readers.pages import Page
from callvault.web import Request

FILTERS = ("DateCreated", "DateCreated<", "DateCreated>", "CallSid", "ConferenceSid")
PAGE = Names(number="Page", size="PageSize", token="PageToken", link="next_page_uri")  # noqa: S106 - names
KNOWN = frozenset({*FILTERS, PAGE.number, PAGE.size, PAGE.token})
IN_PATH = {"CallSid": "call_id", "ConferenceSid": "conference_id"}
"""Filters that a path may have instead, with the name that the path has."""
SECOND, DAY = times.SECOND, times.DAY


@dataclass(frozen=True, kw_only=True)
class ListRequest:
    """The parameters of a list."""

    since: datetime | None
    until: datetime | None
    """`since` and `until` are inclusive."""
    page: NumberedPage


def read(query: Mapping[str, str]) -> ListRequest:
    """Return the parameters of a query; raises InvalidRequestError, which names the parameter."""
    page = numbered_pages.read(query, PAGE)
    since, until = _time_span(query)
    return ListRequest(since=since, until=until, page=page)


def known(query: Mapping[str, str], names: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the parameters that a list knows; `names` are those of its path.

    The list of a call or a conference looks for no other one. No list has deleted recordings, so
    IncludeSoftDeleted is known only if it is false.
    """
    asks = query.get("IncludeSoftDeleted", "").lower() not in {"", "false"}
    other = {name for name, in_path in IN_PATH.items() if in_path in names and names[in_path] != query.get(name)}
    return (KNOWN if asks else KNOWN | {"IncludeSoftDeleted"}) - other


def binding(request: Request) -> str:
    """Return the part of a request that decides which recordings are in its list.

    A page token is bound to it.
    """
    path = request.path.rstrip("/").removesuffix(".json").removeprefix("/api/laml")
    return urlencode([("path", path), *_filters(request)])


def envelope(request: Request, wanted: ListRequest, page: Page, *, signalwire: bool) -> dict[str, Any]:
    """Return a page's members without the list of recordings.

    The URIs are paths below the API's origin, because SDKs put their base URL in front. No member
    may be added, because SDKs treat the only member that they do not know as the list of
    recordings.
    """
    before, number = None, wanted.page.number
    if number > 0:
        before = _uri(request, wanted, number - 1, BEFORE + page.start)
    members = {
        "uri": _path(request) + ignored.repeated(request),
        "first_page_uri": _uri(request, wanted, 0, None),
        "previous_page_uri": before,
        "next_page_uri": _uri(request, wanted, number + 1, AFTER + page.next) if page.next else None,
        "page": number,
        "page_size": wanted.page.size,
    }
    first = number * wanted.page.size
    ends = {"start": first, "end": first + max(len(page.recordings) - 1, 0)}
    return members if signalwire else members | ends


def _time_span(query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment that all DateCreated parameters allow.

    None is an open end.
    """
    starts: list[datetime] = []
    ends: list[datetime] = []
    if day := _moment(query, "DateCreated"):
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        starts.append(midnight)
        ends.append(midnight + DAY)
    if before := _moment(query, "DateCreated<"):
        ends.append(before.replace(microsecond=0) + SECOND)
    if after := _moment(query, "DateCreated>"):
        starts.append(after.replace(microsecond=0))
    return max(starts, default=None), min(ends, default=None)


def _uri(request: Request, wanted: ListRequest, number: int, token: str | None) -> str:
    """Return the path and query of another page of the list."""
    query = [*_filters(request), (PAGE.size, wanted.page.size), (PAGE.number, number)]
    return f"{_path(request)}?{urlencode(query + ([(PAGE.token, token)] if token else []), quote_via=quote)}"


def _path(request: Request) -> str:
    """Return the request's path, percent-encoded again."""
    return quote(request.path)


def _filters(request: Request) -> list[tuple[str, Any]]:
    """Return the parameters that decide which recordings are in a list."""
    query = request.query
    return [(name, query[name]) for name in FILTERS if query.get(name)]


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    """Return a time parameter, or None if it is missing or blank; raises InvalidRequestError."""
    value = query.get(name)
    moment = times.read_any(value)
    if value and moment is None:
        raise InvalidRequestError(name, f"{name} is not a date.")
    return moment
