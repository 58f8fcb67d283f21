"""Define how a provider's list of recordings is read: page by page, within a span of time.

A page ends with a cursor, which continues the list after the process was killed. Whoever reads a
list has to expect a recording more than once: pages overlap where a provider cannot do otherwise.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from callvault.models import Recording


@dataclass(frozen=True, kw_only=True)
class Span:
    """A span of time: `since` is part of it, `until` is not. Both are in UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A recording as a provider's list describes it."""

    recording: Recording
    """The recording, as `Provider.look_up` would return it.

    Its state is pending if its media can be fetched, announced if it is not finished, and absent,
    with a reason, if there is no media (any more). A reason `deleted` says that the media was
    deleted at the provider.
    """
    time: datetime
    """The time by which the provider's list filters, in UTC."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that a list has, or may have, and that could not be read from it."""

    time: datetime
    """The time by which the list filters, in UTC, as far as it is known."""
    what: str
    """A short constant, such as `unreadable_entry`. `Day.unaccountable` names it."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a list."""

    listed: tuple[Listed, ...]
    gaps: tuple[Gap, ...] = ()
    """What the page lacks. A day with a gap is never complete."""
    cursor: str | None
    """Where the next page begins; None after the last page.

    It is JSON of at most 4 KB, contains no secret, and is only ever given to the same list with
    the same span.
    """


@runtime_checkable
class Lister(Protocol):
    """A provider whose API lists an account's recordings."""

    LISTS: ClassVar[tuple[str, ...]]
    """The names of the lists that together have the account's recordings, such as `calls`."""

    def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:
        """Return a page of the list `name` of what is in a span of time.

        With `cursor` it is the page after the one that ended with it. Raises UnavailableError with
        `retry_after` if the provider names a time to wait, and RejectedError if the provider
        refuses the request for good.
        """

    def listing_time(self, recording: Recording) -> datetime | None:
        """Return the time by which the list filters, of a row of the table; None if not known."""

    def unaccountable(self) -> tuple[str, ...]:
        """Return what of the account no list has, such as `conferences`; else empty."""
