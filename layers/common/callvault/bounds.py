"""Keep values within what DynamoDB and SQS accept."""

import json
from collections.abc import Mapping
from typing import Any

MAX_KEY_BYTES = 2048
"""Maximum length of a partition key, in bytes of UTF-8: DynamoDB refuses a longer one."""
MAX_SORT_KEY_BYTES = 1024
"""Maximum length of a sort key, in bytes of UTF-8: DynamoDB refuses a longer one."""
MAX_EXTRA_BYTES = 256 * 1024
"""Maximum size of `extra` as JSON: a row of DynamoDB has 400 KB, a message of SQS 1 MiB."""


def bounded(values: Mapping[str, Any], most: int = MAX_EXTRA_BYTES) -> dict[str, Any]:
    """Return the values that fit into `most` bytes of JSON, in their order.

    A value that does not fit is left out, and shorter ones after it may still fit.
    """
    kept, room = {}, most
    for name, value in values.items():
        room -= (size := len(json.dumps({name: value}, ensure_ascii=False).encode(errors="replace")))
        if room < 0:
            room += size
        else:
            kept[name] = value
    return kept
