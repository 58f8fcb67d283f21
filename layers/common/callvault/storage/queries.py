"""Read the table's indexes page by page, and the items that their keys name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callvault import clients, settings
from callvault.errors import UnavailableError

MAX_KEYS = 100
"""Maximum number of keys in one BatchGetItem, and so in one page of an index."""
MAX_ATTEMPTS = 5
"""Maximum number of requests for one batch: DynamoDB may leave some of its keys unread."""

Item = dict[str, Any]
"""An item, or only its keys, as DynamoDB returns it."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Part of one partition of an index: the sort keys from `low` to `high`, both inclusive."""

    index: str
    partition: tuple[str, str]
    """Name and value of the partition key."""
    sort_key: str = "listed_at"
    low: str
    high: str


def pages(
    span: Span, *, ascending: bool = True, size: int | None = None, most: int | None = None
) -> Iterator[list[Item]]:
    """Yield the keys of a span in order, page by page; raises UnavailableError.

    The first page has up to `size` keys (by default `most`). Each later page may have twice as many
    as the page before, but at most `most` (by default MAX_KEYS). A page is read only when the
    caller asks for it.
    """
    most = most or MAX_KEYS
    size = min(size or most, most)
    position: Any = {}
    name, value = span.partition
    while True:
        with clients.guard("table"):
            answer = clients.dynamodb().query(
                TableName=settings.get().table_name,
                IndexName=span.index,
                KeyConditionExpression="#partition = :value AND #sort BETWEEN :low AND :high",
                ExpressionAttributeNames={"#partition": name, "#sort": span.sort_key},
                ExpressionAttributeValues=clients.to_item({":value": value, ":low": span.low, ":high": span.high}),
                ScanIndexForward=ascending,
                Limit=size,
                **position,
            )
        yield answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        size = min(2 * size, most)
        position = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def items(keys: list[Item]) -> list[Item]:
    """Return the items of at most MAX_KEYS keys, in the keys' order; raises UnavailableError.

    An item that was deleted is left out.
    """
    name = settings.get().table_name
    wanted: Any = [{"pk": key["pk"]} for key in keys]
    found: dict[str, Item] = {}
    for _ in range(MAX_ATTEMPTS):
        if wanted:
            with clients.guard("table"):
                answer: Any = clients.dynamodb().batch_get_item(RequestItems={name: {"Keys": wanted}})
            found |= {item["pk"]["S"]: item for item in answer["Responses"].get(name, [])}
            wanted = answer["UnprocessedKeys"].get(name, {}).get("Keys")
        if not wanted:
            return [found[key["pk"]["S"]] for key in keys if key["pk"]["S"] in found]
    raise UnavailableError("table_unavailable", "The table did not return every row of the page.")
