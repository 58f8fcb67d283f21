"""List recordings in the order of their time, reading no more of the table than the page needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callvault import clients, settings, times
from callvault.errors import UnavailableError
from callvault.models import MAX_KEY_BYTES, Recording
from callvault.storage import rows

MOST_KEYS = 100
"""Of one BatchGetItem."""
ATTEMPTS = 5
"""How often DynamoDB may leave keys of a batch unread before we give up."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""An account's list goes back no further, whatever is asked: each of its months costs a query, empty or not."""
LOOK_BACK = timedelta(days=3653)
"""Where an account's list begins, before its end, unless a beginning is asked for: ten years are 121 queries."""
AHEAD = timedelta(days=1)
"""How far into the future an account's list goes: what clocks disagree by. A later recording is listed in its time."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """Which recordings of one account to list; all that is given must fit."""

    account_id: str
    since: datetime
    until: datetime
    """Both inclusive, compared to `listed_time`."""
    owner_id: str | None = None
    call_id: str | None = None
    conference_id: str | None = None
    caller: str | None = None
    callee: str | None = None
    ascending: bool = False
    start: str | None = None
    """The `listed_at` to begin with, inclusive; begins with its time, written as `times.write` does."""

    def fits(self, recording: Recording) -> bool:
        """Say whether a recording is asked for by every field but the times."""
        return all(getattr(self, name) in {None, getattr(recording, name)} for name in ("owner_id", *rows.KEYED))


def within(
    account_id: str,
    since: datetime | None,
    until: datetime | None,
    *,
    ascending: bool = False,
    call_id: str | None = None,
    conference_id: str | None = None,
    caller: str | None = None,
    callee: str | None = None,
) -> Query:
    """Return the query of a list whose times may be open at either end.

    With a field that an index serves, open means open. Without, the months are walked one by one, so their number is
    bounded: see EARLIEST, LOOK_BACK and AHEAD.
    """
    if all(value is None for value in (call_id, conference_id, caller, callee)):
        latest = times.now() + AHEAD
        until = min(until or latest, latest)
        since = max(since or until - min(LOOK_BACK, until - EARLIEST), EARLIEST)
    return Query(
        account_id=account_id,
        since=since or datetime.min.replace(tzinfo=UTC),
        until=until or datetime.max.replace(tzinfo=UTC),
        call_id=call_id,
        conference_id=conference_id,
        caller=caller,
        callee=callee,
        ascending=ascending,
    )


def bounds(query: Query) -> tuple[str, str]:
    """Return the least and the greatest `listed_at` that a query asks for; a start outside its times moves neither."""
    low, high = times.write(query.since), f"{times.write(query.until)}$"  # "$" follows "#": all of that millisecond
    if query.start is None:
        return low, high
    return (max(low, query.start), high) if query.ascending else (low, min(high, query.start))


def scan(query: Query, chunk: int) -> Iterator[Recording]:
    """Yield what the smallest partitions hold between a query's bounds, in order: tombstones and what does not fit too.

    Whether a recording fits is left to the caller, who may have had enough before the next one does. Reads `chunk` rows
    (1 to 100) first and then twice as many each time, up to 100: who goes on is reading past what nobody asked for.
    """
    low, high = bounds(query)
    if low > high:
        return
    for index, attribute, value in _partitions(query, low, high):
        if len(value.encode()) > MAX_KEY_BYTES:
            return
        for keys in _index_keys(index, attribute, value, low, high, ascending=query.ascending, chunk=chunk):
            yield from _read_rows(keys)


def _partitions(query: Query, low: str, high: str) -> Iterator[tuple[str, str, str]]:
    """Yield index, key attribute and key of the smallest partitions that hold all that is asked for, in order."""
    account = query.account_id
    for name, attribute in rows.KEYED.items():
        if (value := getattr(query, name)) is not None:
            yield f"by_{name.removesuffix('_id')}", attribute, f"{account}#{value}"
            return
    for month in _months(low, high, ascending=query.ascending):
        if query.owner_id is not None:
            yield "by_owner", "owner_month", f"{account}#{query.owner_id}#{month}"
        else:
            yield "by_month", "account_month", f"{account}#{month}"


def _months(low: str, high: str, *, ascending: bool) -> list[str]:
    """Return the months between two places in a list, both inclusive, as the rows have them: YYYYMM."""
    first, last = (int(place[:4]) * 12 + int(place[5:7]) - 1 for place in (low, high))
    months = [f"{number // 12}{number % 12 + 1:02}" for number in range(first, last + 1)]
    return months if ascending else months[::-1]


def _index_keys(
    index: str, attribute: str, value: str, low: str, high: str, *, ascending: bool, chunk: int
) -> Iterator[list[dict[str, Any]]]:
    """Yield the primary keys of one index partition between two `listed_at`, both inclusive, a chunk at a time."""
    position: dict[str, Any] = {}
    while True:
        with clients.guard("table"):
            answer = clients.dynamodb().query(
                TableName=settings.get().table_name,
                IndexName=index,
                KeyConditionExpression="#key = :value AND listed_at BETWEEN :low AND :high",
                ExpressionAttributeNames={"#key": attribute},
                ExpressionAttributeValues=clients.to_item({":value": value, ":low": low, ":high": high}),
                ScanIndexForward=ascending,
                Limit=chunk,
                **position,
            )
        yield [{"pk": item["pk"]} for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return
        chunk = min(2 * chunk, MOST_KEYS)
        position = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _read_rows(keys: list[dict[str, Any]]) -> list[Recording]:
    """Return the rows of at most 100 primary keys in their order; rows that are gone are left out."""
    return [rows.read(item) for item in items(keys)]


def items(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items of at most 100 primary keys in their order, as DynamoDB has them; raises UnavailableError."""
    name = settings.get().table_name
    found: dict[str, dict[str, Any]] = {}
    wanted: Any = keys
    for _ in range(ATTEMPTS):
        if not wanted:
            return [found[key["pk"]["S"]] for key in keys if key["pk"]["S"] in found]
        with clients.guard("table"):
            answer: Any = clients.dynamodb().batch_get_item(RequestItems={name: {"Keys": wanted}})
        found |= {item["pk"]["S"]: item for item in answer["Responses"].get(name, [])}
        wanted = answer["UnprocessedKeys"].get(name, {}).get("Keys")
    raise UnavailableError("table_unavailable", "The table did not return every row of the page.")
