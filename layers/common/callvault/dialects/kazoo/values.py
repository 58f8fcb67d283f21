"""Read a value of a document at a dotted path, as KAZOO's kz_json.erl and kz_term.erl do.

Both files are the same in KAZOO 4.3 and in the last public source of KAZOO 5
(github.com/2600hz/kazoo, core/kazoo_stdlib).
"""

import json
from typing import Any

from callvault.dialects.kazoo.documents import Document

MISSING = object()
EMPTY_TEXTS = frozenset({"", "0", "NULL", "undefined"})
"""Texts that kz_term:is_empty/1 counts as empty."""
MAX_BYTE = 255
MAX_DIGITS = 9
"""Maximum number of digits of a number in a path that names an item of a list."""


def at(document: Document, path: str) -> object:
    """Return the value at a dotted path in a document, or MISSING.

    A number in the path names an item of a list; the first is 1, as in kz_json:get_value/2.
    """
    value: Any = document
    for name in path.split("."):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) <= MAX_DIGITS:
            place = int(name)
            value = value[place - 1] if 1 <= place <= len(value) else MISSING
        else:
            return MISSING
    return value


def has(document: Document, path: str) -> bool:
    """Check whether a document has a value at a dotted path."""
    return at(document, path) is not MISSING


def text(value: object) -> str:
    """Return a value as kz_term:to_binary/1 writes it.

    A missing value is "". The texts in a list are joined, without a separator. A list is "" if it
    has anything but texts, bytes and lists of these (kz_json:get_binary_value/3). An object is its
    JSON.
    """
    if isinstance(value, str):
        return value
    if value is MISSING:
        return ""
    if isinstance(value, list):
        return _joined(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_empty(value: object) -> bool:
    """Check whether a value counts as empty, as kz_term:is_empty/1 does; False does not."""
    if value is MISSING or value is None:
        return True
    if isinstance(value, str):
        return value in EMPTY_TEXTS
    if isinstance(value, bool):
        return False
    return not value


def _joined(items: list[Any]) -> str:
    """Return the text of a list, as Erlang's iolist_to_binary/1 makes it; "" where that fails."""
    found = b""
    rest = items[::-1]
    while rest:
        item = rest.pop()
        if isinstance(item, list):
            rest += item[::-1]
        elif isinstance(item, str):
            found += item.encode(errors="replace")
        elif isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= MAX_BYTE:
            found += bytes([item])
        else:
            return ""
    return found.decode(errors="replace")
