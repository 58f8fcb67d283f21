"""Read a page of a list that links to its next page: the lists of SignalWire and of Twilio.

Both providers ask clients to follow the link, because it has a token that says where the next page
begins (https://signalwire.com/docs/compatibility-api/rest/paging). Of the link only the query is
used, with the list's own URL. So a link can lead neither to another host nor to another account.

A cursor is a JSON object with `query`, the query of the next page. If the provider refuses it, such
as for a token that has expired, the list begins anew, with the same bounds; whoever reads it sees
recordings again, and misses none. `restarts` counts that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from urllib3.util import Url

from callvault import transport, urls
from callvault.errors import InvalidRequestError, RejectedError, UnavailableError
from callvault.providers import look_ups
from callvault.providers.fields import json_value, text
from callvault.transport import Answer

MAX_RESTARTS = 5
"""How often a list begins anew. A list whose pages are refused more often can never be read."""
REFUSED = {400, 404, 410, 422}
"""Statuses of a page that exists no longer. How the providers answer a token that has expired, or
whose recording was deleted, is not documented."""
MAX_QUERY = 3000
"""Maximum length of the query in a link, so that a cursor fits into 4 KB."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A page as the provider sent it."""

    content: Mapping[str, Any]
    state: dict[str, Any]
    """The cursor that led to the page; without `query` if this is the first page."""


def read(url: str, first: str, cursor: str | None, authorization: str) -> Document:
    """Return a page; `first` is the query of the first one.

    Raises UnavailableError, and RejectedError if the provider refuses the list for good.
    """
    state: dict[str, Any] = json.loads(cursor) if cursor else {}
    answer = _get(url, state.get("query") or first, authorization)
    if "query" in state and answer.status in REFUSED:
        restarts = state.get("restarts", 0) + 1
        if restarts > MAX_RESTARTS:
            raise RejectedError(f"http_{answer.status}", "The provider refuses the next page again and again.")
        state = {"restarts": restarts}
        answer = _get(url, first, authorization)
    return Document(content=_content(answer), state=state)


def cursor(url: str, document: Document, link: object, **known: object) -> str | None:
    """Return the cursor for the page that a link leads to, or None if there is no link.

    `known` are further members of the cursor. Raises UnavailableError for a link that leads
    elsewhere, or to the same page.
    """
    if link is None or link == "":
        return None
    query = _query(url, text(link) or "")
    if query == document.state.get("query"):
        raise UnavailableError("no_document", "The provider's list does not advance.")
    return json.dumps(document.state | {"query": query} | known)


def entries(document: Document, name: str) -> list[Any]:
    """Return the entries of a page, which are the member `name`; raises UnavailableError."""
    found = document.content.get(name)
    if not isinstance(found, list):
        raise UnavailableError("no_document", "The provider's answer is not a list.")
    return found


def _get(url: str, query: str, authorization: str) -> Answer:
    return look_ups.get(f"{url}?{query}", lambda _: {"authorization": authorization})


def _content(answer: Answer) -> Mapping[str, Any]:
    """Return the JSON object of a page; raises UnavailableError, RejectedError."""
    if answer.status != look_ups.OK:
        raise transport.failure(answer.status, answer.headers)
    try:
        content = json_value(answer.body)
    except InvalidRequestError:
        content = None
    if not isinstance(content, dict):
        raise UnavailableError("no_document", "The provider's answer is not a JSON object.")
    return content


def _query(url: str, link: str) -> str:
    """Return the query of a link to a page of the list at `url`; raises UnavailableError.

    A link is a path, or a URL of the same origin. The ending `.json` may be missing.
    """
    known = urls.parse_url(url)
    try:
        parts = urls.parse_url(f"{urls.origin_of(known)}{link}" if link.startswith("/") else link)
        is_same = urls.origin_of(parts) == urls.origin_of(known) and parts.auth is None and _path(parts) == _path(known)
    except ValueError:
        is_same = False
    if not is_same or not parts.query or len(parts.query) > MAX_QUERY:
        raise UnavailableError("no_document", "The provider's list links to a page that is not its own.")
    return parts.query


def _path(parts: Url) -> str:
    return (parts.path or "").removesuffix(".json")
