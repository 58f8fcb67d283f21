"""Measure the values of DynamoDB's attributes.

Amazon DynamoDB Developer Guide, "Supported data types and naming rules in Amazon DynamoDB"
(docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html).
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

NUMBER_BYTES = 21
"""Maximum size of a number: one byte for two of 38 digits, and one or two more."""

type Value = Mapping[str, Any]
"""A value as the API carries it: its type and its content. Binary content is Base64, or bytes."""


def depth(value: Value) -> int:
    """Return the number of levels of a value: of lists and maps in each other, and one below."""
    levels, members = 1, [value]
    while containers := [one for one in members if "L" in one or "M" in one]:
        levels += 1
        members = [member for one in containers for member in _members(one)]
    return levels


def size(value: Value) -> int:
    """Return the size of a value in bytes ("DynamoDB Item sizes and formats", Developer Guide).

    A binary value is Base64 on the wire, but its raw bytes count.
    """
    ((kind, content),) = value.items()
    if kind in {"SS", "NS", "BS"}:
        return sum(_size(kind[0], one) for one in content)
    if kind == "L":
        return 3 + sum(1 + size(one) for one in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size(one) for name, one in content.items())
    return _size(kind, content)


def _size(kind: str, content: Any) -> int:  # noqa: ANN401 - the content of any scalar value
    if kind == "S":
        return len(content.encode())
    if kind == "B":
        return len(base64.b64decode(content) if isinstance(content, str) else content)
    return min(len(content.strip("-0.")) // 2 + 2, NUMBER_BYTES) if kind == "N" else 1


def _members(value: Value) -> Iterable[Value]:
    members: Iterable[Value] = value["L"] if "L" in value else value["M"].values()
    return members
