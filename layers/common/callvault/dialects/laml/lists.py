"""Read what a list is asked for, and say where its pages are: https://www.twilio.com/docs/usage/twilios-response.

Dates are RFC 2822, ISO 8601, or a day, which means its beginning in UTC. `DateCreated<` and `DateCreated>` include what
they name, to the whole second, which is all that a rendered date has; `DateCreated` alone is that day, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from callvault import times
from callvault.errors import InvalidRequestError
from callvault.readers.pages import Page
from callvault.web import Request

PAGE_SIZE = 50
LARGEST_PAGE = 1000
LONGEST_NUMBER = 9
"""Digits."""
AFTER, BEFORE = "PA", "PB"
"""How a page token begins: the page that begins at a place, or the one that ends before it."""
FILTERS = ("DateCreated", "DateCreated<", "DateCreated>", "CallSid", "ConferenceSid")
SECOND = timedelta(milliseconds=999)
DAY = timedelta(days=1) - timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of a list is asked for."""

    since: datetime | None
    until: datetime | None
    """Both inclusive."""
    size: int
    number: int
    """Of the page, from 0."""
    token: str | None
    backward: bool
    """The page ends before the token's place."""


def read(query: Mapping[str, str]) -> Wanted:
    """Return what a query asks for; raises InvalidRequestError naming the parameter."""
    prefix, token = query.get("PageToken", "")[:2], query.get("PageToken", "")[2:]
    number = _number(query, "Page", 0)
    if number > 0 and not prefix:
        raise InvalidRequestError("PageToken", "A page beyond the first needs its PageToken: follow next_page_uri.")
    if prefix and (prefix not in {AFTER, BEFORE} or not token):
        raise InvalidRequestError("PageToken", "The PageToken is not one of this list.")
    size = _number(query, "PageSize", PAGE_SIZE)
    if size == 0:
        raise InvalidRequestError("PageSize", "PageSize must be between 1 and 1000.")
    day, before, after = (_moment(query, name) for name in ("DateCreated", "DateCreated<", "DateCreated>"))
    midnight = day and day.replace(hour=0, minute=0, second=0, microsecond=0)
    since = [moment for moment in (midnight, after and after.replace(microsecond=0)) if moment]
    until = [
        moment for moment in (midnight and midnight + DAY, before and before.replace(microsecond=0) + SECOND) if moment
    ]
    return Wanted(
        since=max(since, default=None),
        until=min(until, default=None),
        size=min(size, LARGEST_PAGE),
        number=number,
        token=token or None,
        backward=prefix == BEFORE,
    )


def binding(request: Request) -> str:
    """Return what of a request decides which recordings are in its list: a page token is good for that only."""
    path = request.path.rstrip("/").removesuffix(".json").removeprefix("/api/laml")
    return urlencode([("path", path), *_filters(request)])


def envelope(request: Request, wanted: Wanted, page: Page, *, signalwire: bool) -> dict[str, Any]:
    """Return all of a page but the recordings.

    Its addresses are paths below the API's origin: SDKs put their base URL in front. SDKs also take the one key that
    they do not know for the list, so that nothing may be added here.
    """
    before, number = None, wanted.number
    if number > 0:
        before = _uri(request, wanted, number - 1, BEFORE + page.start)
    members = {
        "uri": _path(request) + (f"?{request.raw_query}" if request.raw_query else ""),
        "first_page_uri": _uri(request, wanted, 0, None),
        "previous_page_uri": before,
        "next_page_uri": _uri(request, wanted, number + 1, AFTER + page.next) if page.next else None,
        "page": number,
        "page_size": wanted.size,
    }
    first = number * wanted.size
    ends = {"start": first, "end": first + max(len(page.recordings) - 1, 0)}
    return members if signalwire else members | ends


def _uri(request: Request, wanted: Wanted, number: int, token: str | None) -> str:
    """Return the path and query of another page of the list."""
    query = [*_filters(request), ("PageSize", wanted.size), ("Page", number)]
    return f"{_path(request)}?{urlencode(query + ([('PageToken', token)] if token else []), quote_via=quote)}"


def _path(request: Request) -> str:
    """Return the path that was asked, percent-encoded again."""
    return quote(request.path)


def _filters(request: Request) -> list[tuple[str, Any]]:
    """Return the parameters that decide which recordings are in a list."""
    query = request.query
    return [(name, query[name]) for name in FILTERS if query.get(name)]


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    """Return the time that a parameter names, None if it is not there or blank."""
    value = query.get(name)
    moment = times.read_any(value)
    if value and moment is None:
        raise InvalidRequestError(name, f"{name} is not a date.")
    return moment


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    """Return the number that a parameter names."""
    value = query.get(name) or str(otherwise)
    if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER):
        raise InvalidRequestError(name, f"{name} is not a number.")
    return int(value)
