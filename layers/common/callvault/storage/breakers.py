"""Keep the circuit breakers: which account's provider fails at which origin.

| attribute | content |
|---|---|
| `pk` | `#BREAKER#<account_id>#<origin>`; no recording's key begins with `#` |
| `revision` | counts the changes; every write is conditional on it |
| all others | the fields of `breaker.Breaker`: times as text, null left out |

A healthy provider has no item, so a fetch costs at most one small read, which is cached for
CACHE_SECONDS in the process. `breaker` decides what changes.
"""

import time
from typing import Any

from callvault import clients, settings, times
from callvault.storage import breaker, counts
from callvault.storage.breaker import Breaker

CACHE_SECONDS = 5
"""Time for which a process remembers what it read, in seconds."""
MAX_CACHED = 10_000
"""Maximum number of breakers that a process remembers; then it forgets all of them."""
MAX_CONFLICTS = 5
"""Maximum number of attempts to count a failure while other fetches count theirs.

Those that are not counted matter little, because the others are.
"""

_recent: dict[tuple[str, str], tuple[float, Breaker | None]] = {}
"""What the process read last, and when, by the monotonic clock."""


def of(account_id: str, origin: str, *, consistent: bool = False) -> Breaker | None:
    """Return the breaker of an account at an origin; None if the provider has not failed.

    Raises UnavailableError.
    """
    with clients.guard("table"):
        answer = clients.dynamodb().get_item(
            TableName=settings.get().table_name, Key=_key(account_id, origin), ConsistentRead=consistent
        )
    found = Breaker.model_validate(clients.from_item(dict(answer["Item"]))) if "Item" in answer else None
    return _remember(account_id, origin, found)


def recent(account_id: str, origin: str) -> Breaker | None:
    """Do what `of` does, at most CACHE_SECONDS late, without a read if the process knows it."""
    read_at, known = _recent.get((account_id, origin), (float("-inf"), None))
    return known if time.monotonic() - read_at < CACHE_SECONDS else of(account_id, origin)


def fail(account_id: str, origin: str, reason: str, retry_after: float | None = None) -> Breaker:
    """Count a failure that speaks of the provider, and return the breaker after it.

    Raises UnavailableError.
    """
    known = of(account_id, origin, consistent=True)
    for _ in range(MAX_CONFLICTS):
        after = breaker.failed(known, reason, times.now(), retry_after)
        written, known = _replace(account_id, origin, after)
        if written:
            break
    return after


def probe(account_id: str, origin: str, known: Breaker) -> Breaker | None:
    """Go first through an open breaker; return it, or None if another fetch goes first.

    Raises UnavailableError.
    """
    claimed = breaker.probed(known, times.now())
    return claimed if _replace(account_id, origin, claimed)[0] else None


def close(account_id: str, origin: str, known: Breaker) -> bool:
    """End the breaker as read after a success, and return whether that was done.

    It is not done if the breaker has changed since. Raises UnavailableError.
    """
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            table.delete_item(
                TableName=settings.get().table_name,
                Key=_key(account_id, origin),
                ConditionExpression="revision = :before",
                ExpressionAttributeValues=clients.to_item({":before": known.revision}),
            )
        except table.exceptions.ConditionalCheckFailedException:
            _recent.pop((account_id, origin), None)
            return False
    _remember(account_id, origin, None)
    return True


def release(account_id: str, origin: str) -> None:
    """Let the requests of an account go at once; raises UnavailableError.

    If the breaker changes at the same time, it stays as it is.
    """
    known = recent(account_id, origin)
    if known is not None and known.failures > 0:
        _replace(account_id, origin, breaker.released(known))


def forget() -> None:
    """Empty the cache."""
    _recent.clear()


def _key(account_id: str, origin: str) -> dict[str, Any]:
    """Return the primary key of a breaker."""
    return counts.key("BREAKER", f"{account_id}#{origin}")


def _remember(account_id: str, origin: str, known: Breaker | None) -> Breaker | None:
    """Remember what was read or written, and return it."""
    if len(_recent) >= MAX_CACHED:
        _recent.clear()
    _recent[account_id, origin] = time.monotonic(), known
    return known


def _replace(account_id: str, origin: str, changed: Breaker) -> tuple[bool, Breaker | None]:
    """Write a breaker if the table still has the revision before it.

    Return whether it was written, and the breaker that is in the table. Raises UnavailableError.
    """
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if changed.revision > 1:
        before = clients.to_item({":before": changed.revision - 1})
        condition = {"ConditionExpression": "revision = :before", "ExpressionAttributeValues": before}
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            item = clients.to_item(changed.model_dump(mode="json", exclude_none=True))
            table.put_item(
                TableName=settings.get().table_name,
                Item=item | _key(account_id, origin),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except table.exceptions.ConditionalCheckFailedException as error:
            found: Any = error.response.get("Item")
            known = Breaker.model_validate(clients.from_item(found)) if found else None
            return False, _remember(account_id, origin, known)
    return True, _remember(account_id, origin, changed)
