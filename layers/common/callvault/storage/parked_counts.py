"""Count the callbacks that were parked for each account, by the hour, in rows of the table.

| attribute | content |
|---|---|
| `pk` | `#PARKED#<account_id>`; no recording's key begins like this: no account id has a `#` |
| `parked_hour` | the hour that is counted, such as `2026-11-26T17` in UTC |
| `parked_count` | the number of callbacks that were parked in that hour |

The rows have no key of an index, so no list and no sweep finds them.
"""

from typing import Any

from callvault import clients, settings, times

MAX_PER_HOUR = 10_000
"""Maximum number of callbacks that are parked for one account in an hour."""
INCREASE = {
    "UpdateExpression": "SET parked_count = parked_count + :one",
    "ConditionExpression": "parked_hour >= :hour AND parked_count < :most",
}
"""Counts in the current hour, or in the next one if another function's clock is ahead."""
BEGIN = {
    "UpdateExpression": "SET parked_hour = :hour, parked_count = :one",
    "ConditionExpression": "attribute_not_exists(pk) OR parked_hour < :hour",
}


def add(account_id: str) -> bool:
    """Count a callback, or return false if its account's hour is full; raises UnavailableError."""
    hour = times.write(times.now())[:13]
    values = {":hour": hour, ":one": 1}
    # The second increase is for the case that another function begins the hour at the same time.
    return (
        _update(account_id, INCREASE, values | {":most": MAX_PER_HOUR})
        or _update(account_id, BEGIN, values)
        or _update(account_id, INCREASE, values | {":most": MAX_PER_HOUR})
    )


def delete(account_id: str) -> None:
    """Delete the count of an account that does not exist; raises UnavailableError."""
    with clients.guard("table"):
        clients.dynamodb().delete_item(TableName=settings.get().table_name, Key=_key(account_id))


def _update(account_id: str, update: dict[str, Any], values: dict[str, Any]) -> bool:
    """Update a count, and return whether its condition was met; raises UnavailableError."""
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            table.update_item(
                TableName=settings.get().table_name,
                Key=_key(account_id),
                ExpressionAttributeValues=clients.to_item(values),
                **update,
            )
        except table.exceptions.ConditionalCheckFailedException:
            return False
    return True


def _key(account_id: str) -> dict[str, Any]:
    """Return the primary key of an account's count."""
    return clients.to_item({"pk": f"#PARKED#{account_id}"})
