"""Read a duration or a time from the command line: `2h`, `1d12h`, `2026-11-20T10:00Z`."""

import re
from datetime import date, datetime, timedelta

from callvault import times

DURATION = re.compile(r"(?:(\d{1,5})w)?(?:(\d{1,6})d)?(?:(\d{1,7})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s)?")

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def duration(text: str) -> timedelta:
    """Return a duration; raises ValueError."""
    found = DURATION.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is not a duration, such as 90s, 15m, 2h, 3d or 1d12h")
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def day(text: str) -> date:
    """Return a day; raises ValueError."""
    time = times.read(text)
    if not DAY.fullmatch(text) or time is None:
        raise ValueError(f"{text!r} is not a day, such as 2026-11-20")
    return time.date()


def end(text: str) -> datetime:
    """Return the last moment that a text names, such as that of a day; raises ValueError.

    The text is as for `moment`.
    """
    span = times.read_span(text)
    return moment(text) if span is None else span[1]


def moment(text: str) -> datetime:
    """Return a time; raises ValueError.

    The text is ISO 8601, in UTC unless it has an offset, or a duration before now.
    """
    time = times.read(text)
    if time is not None:
        return time
    try:
        return times.now() - duration(text)
    except (ValueError, OverflowError):
        message = (
            f"{text!r} is not a time, such as 2026-11-20 or 2026-11-20T10:00:00Z, "
            "nor a duration before now, such as 2h or 3d"
        )
        raise ValueError(message) from None
