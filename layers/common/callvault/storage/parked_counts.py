"""Remember which accounts exist, and count the callbacks that were parked for each, by the hour.

| attribute | content |
|---|---|
| `pk` | `#PARKED#<account_id>`; no recording's key begins like this: no account id has a `#` |
| `parked_hour` | the hour that is counted, such as `2026-11-26T17` in UTC |
| `parked_count` | the number of callbacks that were parked in that hour |

An account has a row once its parameter was read or listed. The rows have no key of an index, so no
list and no sweep finds them.
"""

from enum import Enum
from typing import Any

from callvault import clients, settings, times

MAX_PER_HOUR = 10_000
"""Maximum number of callbacks that are parked for one account in an hour."""
KNOW = {
    "UpdateExpression": (
        "SET parked_hour = if_not_exists(parked_hour, :none), parked_count = if_not_exists(parked_count, :zero)"
    )
}
INCREASE = {
    "UpdateExpression": "SET parked_count = parked_count + :one",
    "ConditionExpression": "parked_hour >= :hour AND parked_count < :most",
}
"""Counts in the current hour, or in the next one if another function's clock is ahead."""
BEGIN = {
    "UpdateExpression": "SET parked_hour = :hour, parked_count = :one",
    "ConditionExpression": "attribute_exists(pk) AND parked_hour < :hour",
}


class Outcome(Enum):
    """What became of a count."""

    COUNTED = "counted"
    FULL = "full"
    """The account's hour is full, or DynamoDB throttles its counts."""
    UNKNOWN = "unknown"
    """The table does not know the account."""


def know(account_id: str) -> None:
    """Remember that an account exists; raises UnavailableError."""
    with clients.guard("table"):
        _update(account_id, KNOW, {":none": "", ":zero": 0})


def is_known(account_id: str) -> bool:
    """Return whether the table knows that an account exists; raises UnavailableError."""
    with clients.guard("table"):
        answer = clients.hasty_dynamodb().get_item(TableName=settings.get().table_name, Key=_key(account_id))
    return "Item" in answer


def add(account_id: str) -> Outcome:
    """Count a callback in its account's hour; raises UnavailableError."""
    hour = current_hour()
    increase, begin = {":hour": hour, ":one": 1, ":most": MAX_PER_HOUR}, {":hour": hour, ":one": 1}
    table = clients.hasty_dynamodb()
    with clients.guard("table"):
        try:
            before = _update(account_id, INCREASE, increase)
            if before and before["parked_hour"] < hour:
                # If this fails, another function began the hour at the same time.
                before = _update(account_id, BEGIN, begin) and _update(account_id, INCREASE, increase)
        except (table.exceptions.ProvisionedThroughputExceededException, table.exceptions.RequestLimitExceeded):
            return Outcome.FULL
    if before is None:
        return Outcome.COUNTED
    return Outcome.FULL if before else Outcome.UNKNOWN


def current_hour() -> str:
    """Return the current hour as the rows have it."""
    return times.write(times.now())[:13]


def delete(account_id: str) -> None:
    """Forget an account that does not exist; raises UnavailableError."""
    with clients.guard("table"):
        clients.dynamodb().delete_item(TableName=settings.get().table_name, Key=_key(account_id))


def _update(account_id: str, update: dict[str, Any], values: dict[str, Any]) -> dict[str, Any] | None:
    """Update a row. Return None, or if the condition was not met the row, which may be empty."""
    table = clients.hasty_dynamodb()
    try:
        table.update_item(
            TableName=settings.get().table_name,
            Key=_key(account_id),
            ExpressionAttributeValues=clients.to_item(values),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **update,
        )
    except table.exceptions.ConditionalCheckFailedException as error:
        item: Any = error.response.get("Item", {})
        return clients.from_item(item)
    return None


def _key(account_id: str) -> dict[str, Any]:
    """Return the primary key of an account's row."""
    return clients.to_item({"pk": f"#PARKED#{account_id}"})
