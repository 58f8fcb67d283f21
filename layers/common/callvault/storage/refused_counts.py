"""Count the refused callbacks of each account, by the day (UTC), in rows of the table.

| attribute | content |
|---|---|
| `pk` | `#REFUSED#<account_id>` |
| `refused_day`, `refused_count` | the latest day with refused callbacks, and their number |
| `before_day`, `before_count` | the day that was counted before it, and the number |

An account has one row, so there are never more rows than accounts.
"""

from datetime import datetime, timedelta

from callvault import clients, settings, times
from callvault.storage import counts

INCREASE = {
    "UpdateExpression": "SET refused_count = refused_count + :number",
    "ConditionExpression": "refused_day >= :day",
}
"""Counts on the current day, or on the next one if another function's clock is ahead."""
BEGIN = {
    "UpdateExpression": "SET before_day = if_not_exists(refused_day, :day), "
    "before_count = if_not_exists(refused_count, :none), refused_day = :day, refused_count = :number",
    "ConditionExpression": "attribute_not_exists(pk) OR refused_day < :day",
}


def add(account_id: str, number: int) -> None:
    """Count refused callbacks of an account that exists; raises UnavailableError."""
    key, values = counts.key("REFUSED", account_id), {":day": _day(times.now()), ":number": number}
    # The second increase is for the case that another function begins the day at the same time.
    if not counts.update(key, INCREASE, values) and not counts.update(key, BEGIN, values | {":none": 0}):
        counts.update(key, INCREASE, values)


def recent(account_id: str) -> int:
    """Return the number of callbacks that were refused today or yesterday.

    Raises UnavailableError.
    """
    with clients.guard("table"):
        answer = clients.dynamodb().get_item(
            TableName=settings.get().table_name, Key=counts.key("REFUSED", account_id), ConsistentRead=True
        )
    row = clients.from_item(dict(answer.get("Item", {})))
    days = {row.get("refused_day"): row.get("refused_count", 0)}
    if row.get("before_day") not in days:
        days[row.get("before_day")] = row.get("before_count", 0)
    return sum(int(days.get(_day(time), 0)) for time in (times.now(), since()))


def since() -> datetime:
    """Return when the time began that `recent` counts: yesterday at midnight, UTC."""
    return times.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def _day(time: datetime) -> str:
    return times.write(time)[:10]
