"""Count callbacks of each account by the day (UTC), in rows of the table.

| attribute | content |
|---|---|
| `pk` | `#REFUSED#<account_id>`, `#IGNORED#<account_id>` or `#CHALLENGED#<account_id>` |
| `refused_day`, `refused_count` | the latest day with such callbacks, and their number |
| `before_day`, `before_count` | the day that was counted before it, and the number |

The second line has the name of the kind. An account has one row of each kind, so there are never
more rows than accounts.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from callvault import clients, settings, times
from callvault.storage import counts


class Kind(StrEnum):
    """A kind of callbacks that leave no recording behind."""

    REFUSED = "refused"
    IGNORED = "ignored"
    """Acknowledged and not kept, because they report no recording."""
    CHALLENGED = "challenged"
    """Refused because they have no credentials; the provider is to send them again with some."""

    @property
    def increase(self) -> dict[str, str]:
        """Return the update that counts on the current day.

        It counts on the next day if another function's clock is ahead.
        """
        return {
            "UpdateExpression": f"SET {self}_count = {self}_count + :number",
            "ConditionExpression": f"{self}_day >= :day",
        }

    @property
    def begin(self) -> dict[str, str]:
        """Return the update that begins a day."""
        return {
            "UpdateExpression": f"SET before_day = if_not_exists({self}_day, :day), "
            f"before_count = if_not_exists({self}_count, :none), {self}_day = :day, {self}_count = :number",
            "ConditionExpression": f"attribute_not_exists(pk) OR {self}_day < :day",
        }


def add(kind: Kind, account_id: str, number: int) -> None:
    """Count callbacks of an account that exists; raises UnavailableError."""
    key, values = counts.key(kind.name, account_id), {":day": _day(times.now()), ":number": number}
    # The second increase is for the case that another function begins the day at the same time.
    if not counts.update(key, kind.increase, values) and not counts.update(key, kind.begin, values | {":none": 0}):
        counts.update(key, kind.increase, values)


def recent(kind: Kind, account_id: str) -> int:
    """Return the number of such callbacks of today and yesterday; raises UnavailableError."""
    with clients.guard("table"):
        answer = clients.dynamodb().get_item(
            TableName=settings.get().table_name, Key=counts.key(kind.name, account_id), ConsistentRead=True
        )
    row = clients.from_item(dict(answer.get("Item", {})))
    days = {row.get(f"{kind}_day"): row.get(f"{kind}_count", 0)}
    if row.get("before_day") not in days:
        days[row.get("before_day")] = row.get("before_count", 0)
    return sum(int(days.get(_day(time), 0)) for time in (times.now(), since()))


def since() -> datetime:
    """Return when the time began that `recent` counts: yesterday at midnight, UTC."""
    return times.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def _day(time: datetime) -> str:
    return times.write(time)[:10]
