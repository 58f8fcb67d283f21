"""Read SignalWire's list of recordings of SWML and Relay.

https://signalwire.com/docs/apis/rest/recordings/list-call-recordings. The list has no limits of
time. `links.next` leads to the next page (https://signalwire.com/docs/apis/paging). `page_size` is
documented for other lists of this API, with a maximum of 1000.

The order is not documented. Reading ends at entries older than the span only if everything read so
far was the newest first, but for MARGIN. Otherwise the list is read to its end. For this a cursor
has `first` and `lowest`, the time of the first entry and the oldest one, and `unsorted`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callvault import times
from callvault.account_parameter import Account, Api
from callvault.models import Recording, State
from callvault.providers import list_entries
from callvault.providers.fields import Fields, check_account
from callvault.providers.laml import lists, next_pages, relay
from callvault.providers.laml.relay_events import EVENT, MARK
from callvault.providers.laml.resource_fields import ID
from callvault.providers.listings import Page, Span

FIRST = "page_size=1000"
"""The query of the first page."""
MARGIN = timedelta(hours=1)
"""How far entries may be out of order in a list that counts as sorted. New entries that shift a
page repeat some."""


def read(account: Account, api: Api, authorization: str, span: Span, cursor: str | None) -> Page:
    """Return a page; raises UnavailableError, RejectedError."""
    url = f"{api.origin}{relay.ROOT}"
    document = next_pages.read(url, FIRST, cursor, authorization)
    entries = next_pages.entries(document, "data")
    found = list_entries.read(entries, account.account_id, partial(recording, account), created, span.since)
    order = _order(document.state, (time for one in found.listed if (time := created(one.recording))))
    links = document.content.get("links")
    link = links.get("next") if isinstance(links, dict) else None
    following = None if _is_past(span, order) else next_pages.cursor(url, document, link, **order)
    return lists.page(found.listed, found.gaps, span, created, following)


def recording(account: Account, entry: dict[str, Any]) -> Recording:
    """Return the recording of an entry; raises InvalidRequestError, ForbiddenError."""
    check_account(account, entry.get("project_id"))
    known = Recording(
        account_id=account.account_id,
        provider=account.provider,
        recording_id=Fields(entry).require("id", ID),
        state=State.ANNOUNCED,
        extra={MARK: EVENT},
    )
    return relay.read(known, entry)


def created(recording: Recording) -> datetime | None:
    """Return the time at which a recording was created, if its resource was ever read."""
    return times.read_any(recording.extra.get(relay.CREATED))


def _order(state: dict[str, Any], found: Iterable[datetime]) -> dict[str, Any]:
    """Return what is known about the order of the list after further entries with these times."""
    first, lowest = times.read(state.get("first")), times.read(state.get("lowest"))
    unsorted = state.get("unsorted") is True
    for time in found:
        first = first or time
        unsorted = unsorted or (lowest is not None and time > lowest + MARGIN)
        lowest = min(lowest or time, time)
    if first is None or lowest is None:
        return {}
    return {"first": times.write(first), "lowest": times.write(lowest), "unsorted": unsorted}


def _is_past(span: Span, order: dict[str, Any]) -> bool:
    """Return whether all further entries are older than a span."""
    first, lowest = times.read(order.get("first")), times.read(order.get("lowest"))
    if first is None or lowest is None or order["unsorted"]:
        return False
    return lowest < first - MARGIN and lowest < span.since - MARGIN
