"""Read the list of an account's recordings at SignalWire's Compatibility API and at Twilio.

https://www.twilio.com/docs/voice/api/recording#read-multiple-recording-resources. The list is the
newest first, by `date_created`, and has pages of at most 1000 entries. `DateCreated>` and
`DateCreated<` limit it.

Twilio documents the limits as dates in GMT, from midnight on and until midnight, although its SDKs
send times. SignalWire documents them as times, and as "after" and "before". So the archive asks for
whole days, which all of these mean in the same way, and leaves out what is outside of the span. It
does not rely on the order.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from callvault import times
from callvault.account_parameter import Account
from callvault.models import Recording, State
from callvault.providers import list_entries
from callvault.providers.fields import Fields, check_account
from callvault.providers.laml import next_pages, resource_fields
from callvault.providers.laml.resource_fields import CREATED, ID
from callvault.providers.listings import Gap, Listed, Page, Span

PAGE_SIZE = 1000
"""Maximum number of entries of a page."""
DAY = timedelta(days=1)


def dates(since: datetime, until: datetime) -> tuple[str, str]:
    """Return the limits as Twilio documents them; both are midnights."""
    return f"{since:%Y-%m-%d}", f"{until:%Y-%m-%d}"


def rfc2822(since: datetime, until: datetime) -> tuple[str, str]:
    """Return the limits as SignalWire documents them: after the first, and before the second.

    A recording of the midnight itself is not "after" it. So the first limit is a second earlier.
    """
    return format_datetime(since - timedelta(seconds=1)), format_datetime(until)


def query(span: Span, write: Callable[[datetime, datetime], tuple[str, str]], **more: str) -> str:
    """Return the query of the first page. The limits are the midnights around the span."""
    since, until = _midnight(span.since), _midnight(span.until)
    if until < span.until:
        until += DAY
    after, before = write(since, until)
    return urlencode({"DateCreated>": after, "DateCreated<": before, "PageSize": PAGE_SIZE, **more})


def read(account: Account, url: str, authorization: str, span: Span, cursor: str | None, *, first: str) -> Page:
    """Return a page of the list at `url`; `first` is the query of the first page.

    Raises UnavailableError, RejectedError.
    """
    document = next_pages.read(url, first, cursor, authorization)

    def read_one(entry: dict[str, Any]) -> Recording:
        return recording(account, entry)

    found = list_entries.read(
        next_pages.entries(document, "recordings"), account.account_id, read_one, created, span.since
    )
    following = next_pages.cursor(url, document, document.content.get("next_page_uri"))
    return page(found.listed, found.gaps, span, created, following)


def recording(account: Account, entry: Mapping[str, Any]) -> Recording:
    """Return the recording of an entry; raises InvalidRequestError, ForbiddenError."""
    check_account(account, entry.get("account_sid"))
    known = Recording(
        account_id=account.account_id,
        provider=account.provider,
        recording_id=Fields(entry).require("sid", ID),
        state=State.ANNOUNCED,
        format="wav" if resource_fields.encryption(entry) else account.media_format,
    )
    return resource_fields.read(known, entry)


def created(recording: Recording) -> datetime | None:
    """Return the time by which the list filters, if the recording's resource was ever read."""
    return times.read_any(recording.extra.get(CREATED))


def page(
    listed: list[Listed],
    gaps: list[Gap],
    span: Span,
    time_of: Callable[[Recording], datetime | None],
    cursor: str | None,
) -> Page:
    """Return a page of what is in a span.

    An entry without a time of its own, and a gap, may be in the span: they are moved into it.
    """
    own = [(one, time_of(one.recording)) for one in listed]
    kept = [
        Listed(recording=one.recording, time=list_entries.into(span, one.time))
        for one, time in own
        if time is None or span.since <= time < span.until
    ]
    moved = [Gap(time=list_entries.into(span, gap.time), what=gap.what) for gap in gaps]
    return Page(listed=tuple(kept), gaps=tuple(moved), cursor=cursor)


def _midnight(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
