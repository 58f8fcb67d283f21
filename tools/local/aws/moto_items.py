"""Make moto refuse items and keys that DynamoDB refuses: see `item_rules`.

`moto_stored_items` checks the results of updates.

`check_items` replaces parts of moto 5.2.5. Only the AWS process imports this module.
"""

# ruff: noqa: ANN401 - this module handles moto's own types

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.responses import DynamoHandler

from tools.local.aws import item_rules
from tools.local.aws.item_rules import KeyPart
from tools.local.aws.moto_fixes import replace

Keys = Callable[[str], list[KeyPart]]
"""Returns the parts of all keys of a table: its own first."""


def check_items() -> None:
    """Refuse the items and keys that DynamoDB refuses, in every operation on items."""
    for name, refusals in CHECKS.items():
        replace(DynamoHandler, **{name: _checked(getattr(DynamoHandler, name), refusals)})


def _checked(method: Any, refusals: Callable[[Any, Keys], Iterator[str | None]]) -> Any:
    def checked(handler: Any) -> Any:
        def keys(table: str) -> list[KeyPart]:
            return parts(handler.dynamodb_backend.get_table(table))

        for refusal in refusals(handler.body, keys):
            if refusal:
                raise MockValidationException(refusal)
        return method(handler)

    return checked


def parts(table: Any) -> list[KeyPart]:
    """Return the parts of the keys of a table and of its indexes."""
    found = [KeyPart(one["AttributeName"], one["KeyType"]) for one in table.schema]
    for index in [*table.global_indexes, *table.indexes]:
        found += [KeyPart(one["AttributeName"], one["KeyType"], index.name) for one in index.schema]
    return found


def _values(body: Mapping[str, Any], _: Keys) -> Iterator[str | None]:
    """Check the values that expressions of a request name."""
    yield item_rules.expression_values(body.get("ExpressionAttributeValues") or {})


def _put(body: Mapping[str, Any], keys: Keys) -> Iterator[str | None]:
    yield from _values(body, keys)
    yield item_rules.item(body["Item"], keys(body["TableName"]))


def _key(body: Mapping[str, Any], keys: Keys) -> Iterator[str | None]:
    yield from _values(body, keys)
    yield item_rules.key(body["Key"], keys(body["TableName"]))


def _query(body: Mapping[str, Any], keys: Keys) -> Iterator[str | None]:
    """Check the values of key conditions."""
    yield from _values(body, keys)
    index = body.get("IndexName")
    wanted = [part._replace(of_index=None) for part in keys(body["TableName"]) if part.of_index == index]
    names, values = body.get("ExpressionAttributeNames") or {}, body.get("ExpressionAttributeValues") or {}
    conditions = item_rules.named(body.get("KeyConditionExpression") or "", names, values)
    for name, legacy in (body.get("KeyConditions") or {}).items():
        conditions += [(name, value) for value in legacy.get("AttributeValueList", ())]
    for name, value in conditions:
        yield item_rules.key({name: value}, wanted)


def _batch_get(body: Mapping[str, Any], keys: Keys) -> Iterator[str | None]:
    for table, request in body["RequestItems"].items():
        for key in request["Keys"]:
            yield item_rules.key(key, keys(table))


def _batch_write(body: Mapping[str, Any], keys: Keys) -> Iterator[str | None]:
    requests = [(table, one) for table, some in body["RequestItems"].items() for one in some]
    if len(requests) > item_rules.MAX_BATCH_WRITES:
        yield item_rules.TOO_MANY
    for table, one in requests:
        if put := one.get("PutRequest"):
            yield item_rules.item(put["Item"], keys(table))
        else:
            yield item_rules.key(one["DeleteRequest"]["Key"], keys(table))


def _transact(body: Mapping[str, Any], keys: Keys) -> Iterator[str | None]:
    requests = [(kind, request) for one in body["TransactItems"] for kind, request in one.items() if request]
    yield item_rules.transaction(request.get("Item") or request["Key"] for _, request in requests)
    for kind, request in requests:
        yield from (_put if kind == "Put" else _key)(request, keys)


CHECKS: Mapping[str, Callable[[Any, Keys], Iterator[str | None]]] = {
    "put_item": _put,
    "get_item": _key,
    "delete_item": _key,
    "update_item": _key,
    "query": _query,
    "scan": _values,
    "batch_get_item": _batch_get,
    "batch_write_item": _batch_write,
    "transact_get_items": _transact,
    "transact_write_items": _transact,
}
"""The operations on items, each with what is checked of a request."""
