"""Read the parameters of a list, and build the links to its pages.

https://signalwire.com/docs/apis/rest/overview/paging. Links are URLs, of which SDKs use the query.
`page_token` is needed for every page after the first.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from callvault.dialects import ignored, numbered_pages
from callvault.dialects.numbered_pages import AFTER, BEFORE, Names, NumberedPage
from callvault.dialects.relay import documents
from callvault.readers.pages import Page
from callvault.web import Request

PAGE = Names(number="page_number", size="page_size", token="page_token", link="links.next")  # noqa: S106 - names
KNOWN = frozenset({PAGE.number, PAGE.size, PAGE.token})
BINDING = documents.ROOT
"""What a page token is bound to: the list has no filters."""


def read(query: Mapping[str, str]) -> NumberedPage:
    """Return the page of a query; raises InvalidRequestError, which names the parameter."""
    return numbered_pages.read(query, PAGE)


def links(request: Request, wanted: NumberedPage, page: Page) -> dict[str, str]:
    """Return the links of a page. `next` and `prev` are left out if there is no such page."""
    found = {
        "self": f"{request.origin}{documents.ROOT}{ignored.repeated(request)}",
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
