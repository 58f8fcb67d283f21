"""Say when an account's recordings came, from the index `by_month` alone: no row is read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callvault import clients, settings, times


def newest(account_id: str, since: datetime, until: datetime) -> datetime | None:
    """Return the time of the newest recording between two times, None if there is none; raises UnavailableError."""
    for span in _spans(account_id, since, until):
        found = _query(span, Limit=1)["Items"]
        if found:
            return times.read(found[0]["listed_at"]["S"].partition("#")[0])
    return None


def count(account_id: str, since: datetime, until: datetime, most: int) -> int:
    """Return how many recordings there are between two times, counting no further than `most`."""
    found = 0
    for span in _spans(account_id, since, until):
        if found < most:
            found += _query(span, Limit=most - found, Select="COUNT")["Count"]
    return found


def _spans(account_id: str, since: datetime, until: datetime) -> Iterator[dict[str, str]]:
    """Yield the months between two times, the latest first, each as the values of a query."""
    first, last = (time.year * 12 + time.month - 1 for time in (since, until))
    for month in range(last, first - 1, -1):
        key = f"{account_id}#{month // 12}{month % 12 + 1:02}"
        yield {":key": key, ":low": times.write(since), ":high": f"{times.write(until)}$"}


def _query(span: dict[str, str], **options: Any) -> Any:  # noqa: ANN401 - any option and answer of Query
    """Return what one month's partition answers, the latest first."""
    with clients.guard("table"):
        return clients.dynamodb().query(
            TableName=settings.get().table_name,
            IndexName="by_month",
            KeyConditionExpression="account_month = :key AND listed_at BETWEEN :low AND :high",
            ExpressionAttributeValues=clients.to_item(span),
            ScanIndexForward=False,
            **options,
        )
