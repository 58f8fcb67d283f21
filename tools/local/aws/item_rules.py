"""Check items and keys against the limits of DynamoDB that moto does not enforce everywhere.

Amazon DynamoDB Developer Guide, "Constraints in Amazon DynamoDB"
(docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html). The messages are those
that callers of DynamoDB quote; the missing space after `of` is DynamoDB's own.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tools.local.aws import value_rules
from tools.local.aws.value_rules import Value

MAX_BYTES = {"HASH": 2048, "RANGE": 1024}
"""Maximum length of a partition key and of a sort key, in bytes; of indexes too."""
MAX_LEVELS = 32
"""Maximum depth of a value, with the text or number that is innermost."""
MAX_ITEM_BYTES = 400 * 1024
"""Maximum size of an item, with the names of its attributes."""
MAX_BATCH_WRITES = 25
"""Maximum number of requests of one BatchWriteItem (API Reference)."""
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
"""Maximum size of all items of one TransactWriteItems, together (API Reference)."""
TOO_LONG = {
    "HASH": "One or more parameter values were invalid: "
    "Size of hashkey has exceeded the maximum size limit of2048 bytes",
    "RANGE": "One or more parameter values were invalid: "
    "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
}
EMPTY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
    "empty {kind} value. Key: {name}"
)
EMPTY_IN_INDEX = (
    "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
    "The AttributeValue for a key attribute cannot contain an empty {kind} value. IndexName: {index}, IndexKey: {name}"
)
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
TOO_LARGE = "Item size has exceeded the maximum allowed size"
EMPTY_IN_INDEX_BY_UPDATE = (
    "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a "
    "value that is not supported. The AttributeValue for a key attribute cannot contain an empty {kind} value."
)
TOO_LARGE_BY_UPDATE = "Item size to update has exceeded the maximum allowed size"
TRANSACTION_TOO_LARGE = "The aggregate size of the items in the transaction exceeds 4 MB"
"""The words of the API Reference; AWS does not document the message."""
TOO_MANY = "Too many items requested for the BatchWriteItem call"
EQUAL = re.compile(r"(#?\w+)\s*=\s*(:\w+)")
"""Matches an attribute and the value that a key condition demands of it."""
COMPARED = re.compile(r"(#?\w+)\s*(?:<=|>=|<|>|BETWEEN)\s*(:\w+)(?:\s+AND\s+(:\w+))?", re.IGNORECASE)
BEGINS = re.compile(r"begins_with\s*\(\s*(#?\w+)\s*,\s*(:\w+)\s*\)")
KINDS = {"S": "string", "B": "binary"}


class KeyPart(NamedTuple):
    """An attribute that is part of a key: its name, HASH or RANGE, and its index or None."""

    name: str
    role: str
    of_index: str | None = None


class Texts(NamedTuple):
    """The messages about an empty key of an index, and about an item that is too large."""

    empty_in_index: str
    too_large: str


PUT = Texts(EMPTY_IN_INDEX, TOO_LARGE)
UPDATED = Texts(EMPTY_IN_INDEX_BY_UPDATE, TOO_LARGE_BY_UPDATE)


def item(values: Mapping[str, Value], keys: Iterable[KeyPart], texts: Texts = PUT) -> str | None:
    """Return the message with which DynamoDB refuses an item, or None.

    `texts` is UPDATED if the item is the result of an update.
    """
    refusal = key(values, keys, texts)
    if refusal is None and any(value_rules.depth(value) > MAX_LEVELS for value in values.values()):
        return TOO_DEEP
    return texts.too_large if refusal is None and size(values) > MAX_ITEM_BYTES else refusal


def transaction(items: Iterable[Mapping[str, Value]]) -> str | None:
    """Return the message with which DynamoDB refuses the items or keys of a transaction, or None.

    The result of an update is not known yet, so only the update's key counts here.
    """
    return TRANSACTION_TOO_LARGE if sum(size(values) for values in items) > MAX_TRANSACTION_BYTES else None


def size(values: Mapping[str, Value]) -> int:
    """Return the size of an item in bytes, with the names of its attributes."""
    return sum(len(name.encode()) + value_rules.size(value) for name, value in values.items())


def expression_values(values: Mapping[str, Value]) -> str | None:
    """Return the message with which DynamoDB refuses ExpressionAttributeValues, or None."""
    for name, value in values.items():
        if text := value_rules.refusal(value):
            return f"ExpressionAttributeValues contains invalid value: {text} for key {name}"
    return None


def key(values: Mapping[str, Value], keys: Iterable[KeyPart], texts: Texts = PUT) -> str | None:
    """Return the message with which DynamoDB refuses attributes, or None.

    Their values must be valid; those of keys have a maximum length and are not empty.
    """
    for attribute in values.values():
        if text := value_rules.refusal(attribute):
            return text
    for part in keys:
        kind, value = next(iter(values.get(part.name, {}).items()), ("", None))
        if kind not in KINDS or value is None:
            continue
        if not value:
            message = texts.empty_in_index if part.of_index else EMPTY
            return message.format(kind=KINDS[kind], name=part.name, index=part.of_index)
        if value_rules.size({kind: value}) > MAX_BYTES[part.role]:
            return TOO_LONG[part.role]
    return None


def named(expression: str, names: Mapping[str, str], values: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """Return the attributes of a key condition, each with a value that it is compared with."""
    pairs = [(name, value) for pattern in (EQUAL, BEGINS) for name, value in pattern.findall(expression)]
    for name, first, second in COMPARED.findall(expression):
        pairs += [(name, value) for value in (first, second) if value]
    return [(names.get(name, name), values[value]) for name, value in pairs if value in values]
