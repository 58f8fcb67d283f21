"""Update rows of the table that count something of an account, and are no recordings.

No recording's key begins with `#`, because no account id has a `#`. The rows have no key of an
index, so no list and no sweep finds them.
"""

from typing import Any

from callvault import clients, settings


def key(kind: str, account_id: str) -> dict[str, Any]:
    """Return the primary key of an account's count of a kind, such as `PARKED`."""
    return clients.to_item({"pk": f"#{kind}#{account_id}"})


def update(key: dict[str, Any], update: dict[str, Any], values: dict[str, Any]) -> bool:
    """Update a count, and return whether its condition was met; raises UnavailableError."""
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            table.update_item(
                TableName=settings.get().table_name,
                Key=key,
                ExpressionAttributeValues=clients.to_item(values),
                **update,
            )
        except table.exceptions.ConditionalCheckFailedException:
            return False
    return True
