"""Make the time of the queues pass faster than the clock, without a change to the functions.

Retries are spread over hours and end after a day. A function learns from SQS and from the table how
much time has passed: by how long a message stays hidden, by the time of its first receipt, and by
the times of attempts in a row. All are changed on the way: the proxy in front of AWS shortens how
long a message is hidden and how long a row or a breaker waits, and the poller moves the time of the
first receipt back. The clock of the functions does not change.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Item = dict[str, Any]
"""An item as DynamoDB gets it."""


@dataclass
class Pace:
    """The speed of the queues' time; it may be changed while the stack runs."""

    speed: float = 1
    """Number of seconds that pass in one second of the clock."""
    max_seconds: int = 43200
    """Maximum number of seconds, by the clock, for which a message stays hidden."""

    def hidden(self, seconds: int) -> int:
        """Return the number of clock seconds for which to hide a message.

        It is from 1 to `max_seconds`, or 0 if `seconds` is 0.
        """
        return min(max(round(seconds / self.speed), min(seconds, 1)), self.max_seconds)

    def sooner(self, item: Item) -> Item:
        """Return an item that a function writes, with the next attempts sooner.

        The first attempt is moved back by the time that this skips, so that a day passes as fast.
        """
        if self.speed == 1:
            return item
        if item.get("pk", {}).get("S", "").startswith("#BREAKER#"):
            return self._attempt(item)
        changed = dict(item)
        if "attempt" in item:
            changed["attempt"] = {"M": self._attempt(item["attempt"]["M"])}
        if "attempt" in (text := item.get("transcript", {}).get("M", {})):
            changed["transcript"] = {"M": text | {"attempt": {"M": self._attempt(text["attempt"]["M"])}}}
        if _planned(item) == item.get("due_time"):
            changed |= {"due_time": found} if (found := _planned(changed)) else {}
        return changed

    def _attempt(self, attempt: Item) -> Item:
        """Return an attempt, or a breaker, with a sooner `next_time`."""
        now, planned = datetime.now(UTC), _read(attempt, "next_time")
        if planned is None or planned <= now:
            return attempt
        left = (planned - now).total_seconds()
        skipped = timedelta(seconds=left - min(left, max(left / self.speed, 1), self.max_seconds))
        changed = attempt | {"next_time": _write(planned - skipped)}
        if (first := _read(attempt, "first_time")) is not None:
            changed["first_time"] = _write(first - skipped)
        return changed

    def first_received(self, milliseconds: int) -> int:
        """Return the time of a first receipt, as if `speed` times as much time had passed since.

        The argument and the result are milliseconds since 1970.
        """
        if self.speed == 1:
            return milliseconds
        now = time.time() * 1000
        return round(now - (now - milliseconds) * self.speed)


def _read(item: Item, name: str) -> datetime | None:
    """Return the time in an attribute, or None if there is none."""
    return datetime.fromisoformat(item[name]["S"]) if name in item else None


def _write(time: datetime) -> Item:
    """Return a time as the functions write it into the table."""
    return {"S": time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _planned(item: Item) -> Item | None:
    """Return the earliest time of the attempts that a row waits for, as DynamoDB writes it."""
    rows = [item, item.get("transcript", {}).get("M", {})]
    attempts = [row["attempt"]["M"] for row in rows if "attempt" in row]
    found = [one["next_time"]["S"] for one in attempts if one.get("in_table", {}).get("BOOL") and "next_time" in one]
    return {"S": min(found)} if found else None
