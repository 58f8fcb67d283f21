"""Read the parameters of a list, and build the links to its pages.

https://signalwire.com/docs/apis/rest/overview/paging. Links are URLs, of which SDKs use the query.
`page_token` is needed for every page after the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from callvault.dialects.relay import documents
from callvault.errors import InvalidRequestError
from callvault.readers.pages import Page
from callvault.web import Request

PAGE_SIZE = 50
"""Default number of recordings on a page."""
MAX_PAGE_SIZE = 1000
MAX_DIGITS = 9
"""Maximum number of digits in a numeric parameter."""
AFTER, BEFORE = "PA", "PB"
"""Prefixes of a page_token: the page begins at the token's place, or ends before it."""
KNOWN = frozenset({"page_size", "page_number", "page_token"})
BINDING = documents.ROOT
"""What a page token is bound to: the list has no filters."""


@dataclass(frozen=True, kw_only=True)
class ListRequest:
    """The parameters of a list."""

    size: int
    number: int
    """Number of the page, from 0."""
    token: str | None
    backward: bool
    """Whether the page ends before the token's place, instead of beginning there."""


def read(query: Mapping[str, str]) -> ListRequest:
    """Return the parameters of a query; raises InvalidRequestError, which names the parameter."""
    number, size = _number(query, "page_number", 0), _number(query, "page_size", PAGE_SIZE)
    if size == 0:
        raise InvalidRequestError("page_size", f"page_size must be between 1 and {MAX_PAGE_SIZE}.")
    prefix, token = query.get("page_token", "")[:2], query.get("page_token", "")[2:]
    if number > 0 and not prefix:
        raise InvalidRequestError("page_token", "A page after the first needs its page_token: follow links.next.")
    if prefix and (prefix not in {AFTER, BEFORE} or not token):
        raise InvalidRequestError("page_token", "The page_token does not belong to this list.")
    return ListRequest(size=min(size, MAX_PAGE_SIZE), number=number, token=token or None, backward=prefix == BEFORE)


def links(request: Request, wanted: ListRequest, page: Page) -> dict[str, str]:
    """Return the links of a page. `next` and `prev` are left out if there is no such page."""
    query = f"?{request.raw_query}" if request.raw_query else ""
    found = {
        "self": f"{request.origin}{documents.ROOT}{query}",
        "first": _url(request, page_number=0, page_size=wanted.size),
    }
    if page.next is not None:
        token, number = AFTER + page.next, wanted.number + 1
        found["next"] = _url(request, page_number=number, page_size=wanted.size, page_token=token)
    if wanted.number > 0:
        token, number = BEFORE + page.start, wanted.number - 1
        found["prev"] = _url(request, page_number=number, page_size=wanted.size, page_token=token)
    return found


def _url(request: Request, **query: Any) -> str:  # noqa: ANN401 - numbers and texts
    """Return the URL of a page."""
    return f"{request.origin}{documents.ROOT}?{urlencode(query, quote_via=quote)}"


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a numeric parameter, or the default if it is missing or blank.

    Raises InvalidRequestError.
    """
    value = query.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise InvalidRequestError(name, f"{name} is not a number.")
    return int(value)
