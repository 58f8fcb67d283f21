"""Read the lists of a provider as a reconciliation does: page by page, from cursor to cursor."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callvault import providers
from callvault.account_parameter import Account
from callvault.providers.listings import Lister, Page, Span

MAX_PAGES = 500
"""Number of pages after which a list is taken to have no end."""


def lister(account: Account) -> Any:
    """Return the provider of an account, which lists recordings."""
    provider = providers.of(account)
    assert isinstance(provider, Lister)
    return provider


def pages(provider: Lister, name: str, span: Span, cursor: str | None = None) -> Iterator[Page]:
    """Yield the pages of a list, from a cursor on."""
    for _ in range(MAX_PAGES):
        page = provider.list_page(name, span, cursor)
        assert page.cursor is None or len(page.cursor) <= 4096
        yield page
        cursor = page.cursor
        if cursor is None:
            return
    raise AssertionError("The list has no end.")


def ids(found: list[Page]) -> set[str]:
    """Return the ids of the recordings in pages."""
    return {one.recording.recording_id for page in found for one in page.listed}


def times(found: list[Page]) -> dict[str, datetime]:
    """Return the times of the recordings in pages, by id."""
    return {one.recording.recording_id: one.time for page in found for one in page.listed}


def gaps(found: list[Page]) -> list[tuple[datetime, str]]:
    """Return the gaps of pages."""
    return [(gap.time, gap.what) for page in found for gap in page.gaps]
