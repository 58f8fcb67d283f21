"""Say which permissions a request to DynamoDB needs.

Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html), and
"Using IAM policy conditions for fine-grained access control" of the developer guide.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.conditions import Context
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Need

ITEM_OPERATIONS = {"GetItem": "Key", "PutItem": "Item", "UpdateItem": "Key", "DeleteItem": "Key"}
"""The operations on one item, and the member that contains its key."""
TRANSACTION_ACTIONS = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
"""The action of each member of a transaction; a transaction has no action of its own."""
EQUALITY = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def needs(operation: str, call: Call, around: Surroundings) -> Iterator[Need]:
    """Yield the permissions that a request needs; raises UnknownError.

    For a table with a customer managed key, DynamoDB decrypts the table's key for each caller
    (developer guide, "DynamoDB encryption at rest: how it works", "Table key caching"). So every
    caller needs kms:Decrypt.
    """
    found = list(_needs(operation, json.loads(call.body or b"{}"), around))
    yield from found
    tables = {need.resource.partition("/index/")[0] for need in found}
    for key in sorted({around.kms_keys[table] for table in tables if table in around.kms_keys}):
        yield Need(action="kms:Decrypt", resource=key)


def _needs(operation: str, request: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    if operation in ITEM_OPERATIONS:
        yield _of_items(operation, request, [request[ITEM_OPERATIONS[operation]]], around)
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        for table, content in request["RequestItems"].items():
            yield _of_items(operation, {"TableName": table}, list(_of_batch(content)), around)
    elif operation in {"TransactGetItems", "TransactWriteItems"}:
        for kind, one in (pair for step in request["TransactItems"] for pair in step.items()):
            yield _of_items(TRANSACTION_ACTIONS[kind], one, [one.get("Key") or one["Item"]], around)
    elif operation in {"Query", "Scan"}:
        arn = table_arn(request, around)
        if index := request.get("IndexName"):
            arn = f"{arn}/index/{index}"
        context = _of_query(request, arn, around) if operation == "Query" else {}  # a scan reads every partition
        yield Need(action=f"dynamodb:{operation}", resource=arn, context=context)
    else:
        raise UnknownError(f"DynamoDB: the permission for {operation} is not known.")


def _of_batch(content: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON value
    """Yield the keys or items of one table in a batch."""
    if isinstance(content, dict):
        yield from content["Keys"]
    else:
        yield from (one.get("Key") or one["Item"] for write in content for one in write.values())


def table_arn(request: Mapping[str, Any], around: Surroundings) -> str:
    """Return the ARN of the table that a request names."""
    name = str(request["TableName"])
    return name if name.startswith("arn:") else around.arn("dynamodb", f"table/{name}")


def _of_items(
    action: str, request: Mapping[str, Any], items: Iterable[Mapping[str, Any]], around: Surroundings
) -> Need:
    arn = table_arn(request, around)
    key = around.partition_keys.get(arn)
    values = [_text(item[key]) for item in items] if key else []
    return Need(action=f"dynamodb:{action}", resource=arn, context=_leading(values))


def _of_query(request: Mapping[str, Any], arn: str, around: Surroundings) -> Context:
    """Return the partition that a query reads.

    Raises UnknownError if it is not found: a condition on it would hold without it.
    """
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    for name, value in EQUALITY.findall(request.get("KeyConditionExpression", "")):
        if names.get(name, name) == around.partition_keys.get(arn):
            return _leading([_text(values[value])])
    raise UnknownError("DynamoDB: the partition of a query is not known.")


def _leading(values: Iterable[str]) -> Context:
    known = tuple(values)
    return {"dynamodb:LeadingKeys": known} if known else {}


def _text(value: Mapping[str, Any]) -> str:
    return str(next(iter(value.values())))
