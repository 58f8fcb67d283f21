"""Make moto measure items as DynamoDB does.

The public function replaces parts of moto 5.2.5. Only the AWS process imports this module.
"""

# ruff: noqa: ANN401 - this module handles moto's own types

import base64
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict

from tools.local.aws.moto_fixes import replace


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
