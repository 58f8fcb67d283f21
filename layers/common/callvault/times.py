"""Read times and durations in the forms that providers use, and write them in one form.

Times are written in ISO 8601, in UTC, with milliseconds (`2026-06-17T22:19:40.375Z`), so that
sorting the texts sorts the times. Reading never raises. It returns None for a malformed value,
because a malformed optional field must not reject a recording.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

ISO_DURATION = re.compile(
    r"P(?:(?P<days>\d{1,10})D)?(?:T(?:(?P<hours>\d{1,10})H)?(?:(?P<minutes>\d{1,10})M)?(?:(?P<seconds>\d{1,10}(?:\.\d{1,9})?)S)?)?"
)
"""A duration of ISO 8601 4.4.3.2, without years and months, which have no fixed length."""

GREGORIAN_EPOCH = 62_167_219_200
"""The Unix epoch in Gregorian seconds, which KAZOO counts from the year 0.

Source: Crossbar "Basics", Timestamps.
"""
MAX_SECONDS = 253_402_300_800
"""Unix seconds of the first moment of the year 10000."""
WEEK = re.compile(r"\d{4}-?W\d{2}")
"""A week of ISO 8601 without its day. `datetime.fromisoformat` reads it as its Monday."""
SECOND, DAY = timedelta(milliseconds=999), timedelta(days=1) - timedelta(milliseconds=1)
"""Time from the first to the last moment of a second and of a day."""
MILLISECONDS = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1_000}


def now() -> datetime:
    """Return the present time in UTC, in whole milliseconds."""
    return truncated(datetime.now(UTC))


def read(value: object) -> datetime | None:
    """Read an ISO 8601 time, in whole milliseconds. A time without a zone is in UTC."""
    time = read_precise(value)
    return None if time is None else truncated(time)


def read_precise(value: object) -> datetime | None:
    """Read an ISO 8601 time as `read` does, in whole microseconds."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_span(text: str) -> tuple[datetime, datetime] | None:
    """Read a time that a person wrote, and return the first and the last moment that it names.

    A number is read by its digits: 9 or 10 are Unix seconds (until the year 2286), 11 are Gregorian
    seconds, 13 are Unix milliseconds. Every other text must be ISO 8601, even one of 8 digits
    (`20260617`). A date names its whole day in UTC; any other time names its second. Returns None
    for a text that could be read in two ways, for a week (`2026-W25`), and for every other text.
    """
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) in {9, 10, 11, 13}:
        number = int(text[:10]) if len(text) != len("63871667900") else int(text) - GREGORIAN_EPOCH
        first = datetime.fromtimestamp(0, UTC) + timedelta(seconds=number)
        return first, first + SECOND
    time = read(text)
    if time is None or WEEK.fullmatch(text):
        return None
    if _is_date(text):
        return time, time + DAY
    first = time.replace(microsecond=0)
    return first, first + SECOND


def read_any(value: object) -> datetime | None:
    """Read a time in ISO 8601 or RFC 2822 (`Fri, 20 Nov 2026 09:30:00 +0000`)."""
    time = read(value)
    if time is not None or not isinstance(value, str):
        return time
    try:
        return read(parsedate_to_datetime(value).isoformat())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_unix(value: object) -> datetime | None:
    """Read a number of Unix seconds, in whole microseconds.

    For present times, a JSON number is exact to a quarter of a microsecond (IEEE 754, binary64).
    """
    if read_seconds(value) is None or not isinstance(value, int | float):
        return None
    return after(datetime.fromtimestamp(0, UTC), timedelta(microseconds=round(value * 1_000_000)))


def read_seconds(value: object) -> int | None:
    """Read a number of seconds, as a time or as a duration, in whole milliseconds.

    None for a negative number, and for one of Unix seconds beyond the year 9999.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_SECONDS:
        return None
    return math.floor(value * 1000)


def after(time: datetime, span: timedelta | int) -> datetime | None:
    """Return the sum of a time and a span, or None if it is beyond the year 9999.

    A span that is a number is in milliseconds.
    """
    try:
        return time + (span if isinstance(span, timedelta) else timedelta(milliseconds=span))
    except OverflowError:
        return None


def write(time: datetime) -> str:
    """Write a time in the module's one form: ISO 8601, in UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def truncated(time: datetime) -> datetime:
    """Cut a time to whole milliseconds."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def is_finer(time: datetime | None) -> bool:
    """Return whether a time has a fraction of a millisecond."""
    return time is not None and time.microsecond % 1000 != 0


def write_as_given(time: datetime, given: datetime | None) -> str:
    """Write a time, with microseconds if a provider gave the same time with them."""
    if given is None or not is_finer(given) or truncated(given) != truncated(time):
        return write(time)
    return given.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_duration(value: object) -> int | None:
    """Read an ISO 8601 duration (`PT1M30.5S`) as milliseconds."""
    match = ISO_DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        return None
    return round(sum(float(amount) * MILLISECONDS[unit] for unit, amount in match.groupdict().items() if amount))


def write_duration(milliseconds: int) -> str:
    """Write milliseconds as an ISO 8601 duration in seconds (`PT90.5S`)."""
    return f"PT{milliseconds / 1000:.3f}".rstrip("0").rstrip(".") + "S"


def _is_date(text: str) -> bool:
    """Say whether an ISO 8601 text is a date without a time of day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
