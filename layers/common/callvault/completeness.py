"""Define the report on one day of an account: what its provider lists, and what became of it."""

from datetime import date

from pydantic import Field

from callvault.values import Frozen, Timestamp


class Day(Frozen):
    """The report on one day, in UTC, by the time that the provider's list filters by.

    `listed` is the sum of `stored`, `pending`, `absent`, `failed`, `gone` and `unexplained`. All
    numbers are None on a day that is `unknown`.
    """

    date: date
    listed: int | None = None
    """Number of recordings that the provider lists."""
    stored: int | None = None
    """Those whose audio is stored, verified or not."""
    pending: int | None = None
    """Those that wait for their provider or for their copy."""
    absent: int | None = None
    """Those that the provider says have no media."""
    failed: int | None = None
    """Those that could not be copied."""
    gone: int | None = None
    """Those whose media was deleted, at the provider or in the archive."""
    unexplained: int | None = None
    """Those that the archive does not have and has no explanation for."""
    unlisted: int | None = None
    """Number of recordings that the archive has of the day and the provider does not list."""
    failed_by: dict[str, int] = Field(default_factory=dict)
    """`failed`, by reason."""
    seconds_listed: int | None = None
    """Sum of the durations that the provider lists, in seconds."""
    seconds_measured: int | None = None
    """Sum of the durations of the stored audio as measured, in seconds."""
    callbacks: int | None = None
    """Number of the listed recordings that a callback or an upload reported, too."""
    unknown: str | None = None
    """Why nothing is known about the day, such as `http_401`; None if the list was read."""
    unaccountable: tuple[str, ...] = ()
    """What no list of the provider has, such as `conferences`; it is not part of the numbers."""
    checked_at: Timestamp
