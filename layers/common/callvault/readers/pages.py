"""Read a list of recordings page by page, limited to the recordings that the reader may see."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from callvault.models import TOMBSTONES, Recording
from callvault.readers import page_tokens
from callvault.readers.access import Principal
from callvault.readers.page_tokens import Scope
from callvault.storage import listing
from callvault.storage.listing import Query

MAX_PAGE_BYTES = 5_500_000
"""Maximum size of a page's recordings in the response, in bytes.

Lambda returns at most 6 MB; the rest is left for the envelope.
"""
MAX_PAGE_SECONDS = 12.0
"""Default maximum time for reading past rows that do not match, in seconds.

The HTTP API gives up after 30 s, and clients often before.
"""


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """The request for a page of a list."""

    query: Query
    size: int | None
    """Maximum number of recordings; None means all."""
    token: str | None = None
    """The token of the page; None means the first page."""
    backward: bool = False
    """Whether the page ends right before the token's place, instead of beginning there.

    It needs a token.
    """
    binding: str = ""
    """The part of the caller's query that a token is bound to."""
    matches: Callable[[Recording], bool] = lambda _: True
    """Filter that the table's indexes cannot serve. Pages are filled with recordings that match."""
    weigh: Callable[[Recording], int] = lambda _: 0
    """Returns the size of a recording in the response, in bytes."""
    tombstones: bool = False
    """Whether the list has recordings whose audio was removed too."""
    seconds: float | None = None
    """Maximum reading time, in seconds; None means MAX_PAGE_SECONDS."""


@dataclass(frozen=True)
class Page:
    """Consecutive recordings of a list."""

    recordings: tuple[Recording, ...]
    start: str
    """The token of this page."""
    next: str | None
    """The token of the page that follows; None after the last page."""


def read(principal: Principal, wanted: PageRequest) -> Page:
    """Return a page of recordings in the order of the list.

    The page may hold fewer recordings than its size, or none, although `next` is set: a page ends
    early where the next recording would take it beyond MAX_PAGE_BYTES, or when its reading time is
    used up. A single recording larger than MAX_PAGE_BYTES is a page by itself.

    With `backward`, `next` is the given token. Raises InvalidRequestError for a token that does
    not belong to this list.
    """
    limit = principal.reader.user_id
    query = wanted.query if limit is None else replace(wanted.query, owner_id=limit)
    scope = Scope(principal.account.account_id, limit, query.ascending, wanted.binding)
    if wanted.token is not None:
        place = page_tokens.read(wanted.token, scope)
        query = replace(query, start=place, ascending=query.ascending != wanted.backward)
    found, rest = _fill(query, wanted)
    if not wanted.backward:
        return Page(tuple(found), _first_token(query, scope), None if rest is None else page_tokens.write(rest, scope))
    start = page_tokens.write(str(found[-1].listed_at), scope) if found else _first_token(query, scope)
    return Page(tuple(reversed(found)), start, wanted.token)


def _first_token(query: Query, scope: Scope) -> str:
    """Return the token of the place where a query begins."""
    low, high = listing.bounds(query)
    return page_tokens.write(low if query.ascending else high, scope)


def _fill(query: Query, wanted: PageRequest) -> tuple[list[Recording], str | None]:
    """Return the page's recordings, and the place of the next page (None at the list's end)."""
    deadline = time.monotonic() + (MAX_PAGE_SECONDS if wanted.seconds is None else wanted.seconds)
    found: list[Recording] = []
    weight = 0
    before: Recording | None = None
    first = None if wanted.size is None else wanted.size + 1  # one more, to see whether another follows
    for recording in listing.scan(query, first):
        belongs = _belongs(recording, query, wanted)
        if before is not None and time.monotonic() > deadline:
            if belongs:
                return found, str(recording.listed_at)
            if recording.listed_time != before.listed_time:
                return found, _moment(recording, ascending=query.ascending)
        before = recording
        if not belongs:
            continue
        weight += wanted.weigh(recording)
        if found and (len(found) == wanted.size or weight > MAX_PAGE_BYTES):
            return found, str(recording.listed_at)
        found.append(recording)
    return found, None


def _moment(recording: Recording, *, ascending: bool) -> str:
    """Return the place at which the recordings begin that are listed at a recording's time.

    It does not name the recording, which the reader may not be allowed to see.
    """
    moment = str(recording.listed_at).partition("#")[0]
    return moment if ascending else f"{moment}$"  # "#" of a place sorts between nothing and "$"


def _belongs(recording: Recording, query: Query, wanted: PageRequest) -> bool:
    """Check whether a recording of the scanned partition belongs on the page."""
    if wanted.backward and recording.listed_at == query.start:
        return False
    shown = wanted.tombstones or recording.state not in TOMBSTONES
    return shown and query.fits(recording) and wanted.matches(recording)
