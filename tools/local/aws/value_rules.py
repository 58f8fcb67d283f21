"""Check and measure the values of DynamoDB's attributes.

Amazon DynamoDB Developer Guide, "Supported data types and naming rules in Amazon DynamoDB"
(docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html).
The messages are those that callers of DynamoDB quote.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

NUMBER_BYTES = 21
"""Maximum size of a number, in bytes: one for each two of its 38 digits, and two more."""
NUMBER = re.compile(r"[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?", re.ASCII)
"""Matches a number: the digits before and after the point, and the exponent."""
MAX_DIGITS = 38
"""Maximum number of significant digits of a number."""
MAGNITUDES = range(-130, 126)
"""The powers of ten that the first significant digit of a number may have."""
NOT_NUMERIC = "The parameter cannot be converted to a numeric value"
TOO_PRECISE = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
INVALID = "One or more parameter values were invalid: "
EMPTY_SETS = {
    "SS": "An string set  may not be empty",
    "NS": "An number set  may not be empty",
    "BS": "Binary sets should not be empty",
}
"""The texts about empty sets, by type; the article and the two spaces are DynamoDB's own."""

type Value = Mapping[str, Any]
"""A value as the API carries it: its type and its content. Binary content is Base64, or bytes."""


def refusal(value: Value) -> str | None:
    """Return the message with which DynamoDB refuses a value or one of its members, or None."""
    texts = (_refusal(kind, content) for one in _all(value) for kind, content in one.items())
    return next((text for text in texts if text), None)


def depth(value: Value) -> int:
    """Return the number of levels of a value: a scalar has one, each list or map adds one."""
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


def _refusal(kind: str, content: Any) -> str | None:  # noqa: ANN401 - the content of any value
    numbers = {"N": [content], "NS": content}.get(kind, ())
    refused = next((text for number in numbers if (text := _number(number))), None)
    return refused or (_set(kind, content) if kind in EMPTY_SETS else None)


def _set(kind: str, members: Sequence[Any]) -> str | None:
    """Return why DynamoDB refuses a set, or None: it is empty, or two of its members are equal."""
    if not members:
        return INVALID + EMPTY_SETS[kind]
    different = {Decimal(one) for one in members} if kind == "NS" else set(members)
    if len(different) == len(members):
        return None
    if kind == "NS":
        return "Input collection contains duplicates"
    listed = ", ".join(str(one) for one in members)
    return f"{INVALID}Input collection [{listed}]{'of type BS ' if kind == 'BS' else ' '}contains duplicates."


def _number(text: str) -> str | None:
    """Return why DynamoDB refuses a number, or None."""
    match = NUMBER.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return f"{NOT_NUMERIC}: {text}" if text else NOT_NUMERIC
    digits = match[1] + match[2]
    if not digits.strip("0"):
        return None
    if len(digits.strip("0")) > MAX_DIGITS:
        return TOO_PRECISE
    zeros = len(digits) - len(digits.lstrip("0"))
    magnitude = len(match[1]) - 1 - zeros + int(match[3] or 0)
    if magnitude in MAGNITUDES:
        return None
    return OVERFLOW if magnitude > 0 else UNDERFLOW


def _all(value: Value) -> Iterator[Value]:
    """Return a value and all values in it."""
    left = [value]
    while left:
        one = left.pop()
        yield one
        if "L" in one or "M" in one:
            left += _members(one)


def _members(value: Value) -> Iterable[Value]:
    members: Iterable[Value] = value["L"] if "L" in value else value["M"].values()
    return members
