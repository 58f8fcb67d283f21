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
    return joined({}, values, most)


def joined(known: Mapping[str, Any], update: Mapping[str, Any], most: int = MAX_EXTRA_BYTES) -> dict[str, Any]:
    """Return known values with those values of an update that fit into `most` bytes of JSON.

    A value of the update replaces a known one of the same name. No value of the update displaces a
    known one of another name.
    """
    kept, room = dict(known), most - sum(map(_size, known.items()))
    for name, value in update.items():
        freed = _size((name, kept[name])) if name in kept else 0
        if (size := _size((name, value))) <= room + freed:
            kept[name] = value
            room += freed - size
    return kept


def _size(item: tuple[str, Any]) -> int:
    """Return the size of a member as JSON, in bytes."""
    return len(json.dumps(dict([item]), ensure_ascii=False).encode(errors="replace"))
