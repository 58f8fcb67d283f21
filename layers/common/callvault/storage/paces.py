"""Keep which origins recover from an outage, and hand out their slots.

| attribute | content |
|---|---|
| `pk` | `#PACE#<origin>`; no recording's key begins with `#` |
| `recovers_until` | the end of the recovery |
| `next_slot` | the first free slot, in milliseconds since 1970 |

`pace` decides what a slot is.
"""

import time
from datetime import datetime
from typing import Any

from callvault import clients, settings, times
from callvault.storage import counts, pace

CACHE_SECONDS = 5
"""Time for which a process remembers whether an origin recovers, in seconds."""
TAKE = {
    "UpdateExpression": "SET next_slot = next_slot + :interval",
    "ConditionExpression": "next_slot BETWEEN :now AND :latest",
    "ReturnValues": "UPDATED_OLD",
}
"""Takes the first free slot, if it is soon enough."""
BEGIN = {
    "UpdateExpression": "SET next_slot = :now + :interval",
    "ConditionExpression": "attribute_not_exists(next_slot) OR next_slot < :now",
}
"""Takes a slot at once, if the last one that was taken is over."""

_recent: dict[str, tuple[float, datetime | None]] = {}
"""Until when an origin recovers, and when that was read, by the monotonic clock."""


def recover(origin: str) -> None:
    """Begin or prolong the recovery of an origin; raises UnavailableError."""
    until = times.write(times.now() + pace.RECOVERY)
    update = {
        "UpdateExpression": "SET recovers_until = :until, next_slot = if_not_exists(next_slot, :zero)",
        "ConditionExpression": "attribute_not_exists(recovers_until) OR recovers_until < :until",
    }
    counts.update(_key(origin), update, {":until": until, ":zero": 0})
    _recent.pop(origin, None)


def recovers(origin: str) -> bool:
    """Return whether an origin recovers, as read in the last CACHE_SECONDS.

    Raises UnavailableError.
    """
    read_at, until = _recent.get(origin, (float("-inf"), None))
    if time.monotonic() - read_at >= CACHE_SECONDS:
        with clients.guard("table"):
            answer = clients.dynamodb().get_item(TableName=settings.get().table_name, Key=_key(origin))
        until = times.read(clients.from_item(dict(answer.get("Item", {}))).get("recovers_until"))
        _recent[origin] = time.monotonic(), until
    return until is not None and times.now() < until


def take(origin: str) -> float | None:
    """Take a slot of an origin that recovers, and return the seconds until it.

    None if no slot is free soon. Raises UnavailableError.
    """
    now = round(times.now().timestamp() * 1000)
    step = pace.interval(settings.get().recovery_per_second)
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            latest = {":now": now, ":latest": now + pace.MAX_WAIT, ":interval": step}
            answer = table.update_item(
                TableName=settings.get().table_name,
                Key=_key(origin),
                ExpressionAttributeValues=clients.to_item(latest),
                **TAKE,  # type: ignore[arg-type]
            )
            return max(int(clients.from_item(dict(answer["Attributes"]))["next_slot"]) - now, 0) / 1000
        except table.exceptions.ConditionalCheckFailedException:
            pass
    return 0.0 if counts.update(_key(origin), BEGIN, {":now": now, ":interval": step}) else None


def forget() -> None:
    """Empty the cache."""
    _recent.clear()


def _key(origin: str) -> dict[str, Any]:
    """Return the primary key of an origin's pace."""
    return counts.key("PACE", origin)
