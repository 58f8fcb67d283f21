"""Keep how far the reconciliation of each account has come, in one row of the table.

The row's key is `#RECONCILE#<account_id>`, and its other attributes are the fields of `Cursor`. No
index has the row. Every write names the revision that it read, so that of two writers only one
succeeds (DynamoDB developer guide, "Condition expressions").
"""

from datetime import date
from typing import Any

from callvault import clients, settings, times
from callvault.storage import counts
from callvault.values import Frozen, Timestamp


class Cursor(Frozen):
    """How far the reconciliation of an account has come."""

    account_id: str
    first_seen: Timestamp
    """When the archive first knew of the account."""
    reached: Timestamp | None = None
    """The time up to which all runs together have covered the provider's lists."""
    last_success: Timestamp | None = None
    """When a run last covered everything that it had to."""
    failed_reason: str | None = None
    """Why the latest run failed; None if it succeeded."""

    began: Timestamp | None = None
    """When the latest run began."""
    until: Timestamp | None = None
    """The time up to which the present run covers the lists; None if no run is unfinished."""
    days: tuple[date, ...] = ()
    """The days that the present run has yet to cover, in order."""
    again: tuple[date, ...] = ()
    """The days that had a recording which was stored and not verified yet."""
    skipped: tuple[date, ...] = ()
    """The days of the present run whose list could not be read, although that of others could."""
    failures: int = 0
    """Number of failures of the present run since it last read a page of a list."""
    not_before: Timestamp | None = None
    """The time before which the provider must not be asked again."""

    holder: str | None = None
    """The id of the message that the present run works for."""
    lease_until: Timestamp | None = None
    """The time at which another message may go on with the run, unless the lease is renewed."""
    revision: int = 0
    """Number of changes of the row."""


def of(account_id: str) -> Cursor | None:
    """Return the cursor of an account, or None if it has none yet; raises UnavailableError."""
    with clients.guard("table"):
        answer = clients.dynamodb().get_item(
            TableName=settings.get().table_name, Key=counts.key("RECONCILE", account_id), ConsistentRead=True
        )
    if "Item" not in answer:
        return None
    return Cursor.model_validate(clients.from_item(dict(answer["Item"])) | {"account_id": account_id})


def of_known(account_id: str) -> Cursor:
    """Return the cursor of an account, which is made if it has none; raises UnavailableError."""
    found = of(account_id)
    if found is not None:
        return found
    made = change(Cursor(account_id=account_id, first_seen=times.now()))
    return made or of(account_id) or Cursor(account_id=account_id, first_seen=times.now())


def change(known: Cursor, **changes: Any) -> Cursor | None:  # noqa: ANN401 - any field of Cursor
    """Change fields of a cursor as read and return it; None if another writer has changed it.

    Raises UnavailableError.
    """
    changed = known.model_copy(update={**changes, "revision": known.revision + 1})
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if known.revision > 0:
        condition = {
            "ConditionExpression": "revision = :before",
            "ExpressionAttributeValues": clients.to_item({":before": known.revision}),
        }
    values = changed.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"account_id"})
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            table.put_item(
                TableName=settings.get().table_name,
                Item=counts.key("RECONCILE", known.account_id) | clients.to_item(values),
                **condition,
            )
        except table.exceptions.ConditionalCheckFailedException:
            return None
    return changed
