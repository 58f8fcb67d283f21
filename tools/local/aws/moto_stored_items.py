"""Make moto measure stored items, and check updated ones, as DynamoDB does.

Each public function replaces parts of moto 5.2.5. Only the AWS process imports this module.
"""

# ruff: noqa: ANN401 - this module handles moto's own types

import base64
import copy
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.utilities import dynamo_to_dict

from tools.local.aws import item_rules
from tools.local.aws.moto_fixes import replace
from tools.local.aws.moto_items import parts


def measure_items() -> None:
    """Count the bytes of binary values, and leave the size of an item to `item_rules`.

    moto counts the characters of Base64, and refuses items over 405,000 bytes instead of 409,600.
    """
    size = DynamoType.size

    def size_in_bytes(value: Any) -> int:
        if value.is_binary() and isinstance(value.value, str):
            return len(base64.b64decode(value.value))
        return size(value)

    replace(DynamoType, size=size_in_bytes)
    replace(LimitedSizeDict, __setitem__=dict.__setitem__)


def check_updates() -> None:
    """Refuse an update whose item DynamoDB would not store, and leave the item as it was.

    Only the updated item shows what an expression such as `if_not_exists` wrote. It also shows
    whether a path named an attribute of a key, or a nested attribute of the same name.
    """
    update = DynamoDBBackend.update_item

    def update_item(backend: Any, table_name: str, key: Any, *arguments: Any, **named: Any) -> Any:
        table, before = backend.get_table(table_name), copy.deepcopy(backend.get_item(table_name, key))
        item: Any = update(backend, table_name, key, *arguments, **named)
        attributes = {name: dynamo_to_dict(value) for name, value in item.attrs.items()}
        if text := item_rules.item(attributes, parts(table), item_rules.UPDATED):
            if before is None:
                table.delete_item(item.hash_key, item.range_key)
            else:
                item.attrs = before.attrs
            raise MockValidationException(text)
        return item

    replace(DynamoDBBackend, update_item=update_item)
