"""Match a document against a filter of a Crossbar list.

The semantics are those of KAZOO 4.3's crossbar_filter.erl. The module `filters` has the address of
the documentation.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from callvault import times
from callvault.dialects.kazoo import documents, refusals
from callvault.dialects.kazoo.documents import Document

EMPTY: tuple[object, ...] = (None, False, 0, "", "0", "false", "NULL", "undefined", [], {})
"""Values that kz_term:is_empty/1 counts as empty."""
MISSING = object()

type Test = Callable[[Document], bool]


def test(name: str, value: str) -> Test | None:  # noqa: PLR0911 - a table of prefixes, read from top to bottom
    """Return the test of a query parameter, or None if the parameter is not a filter."""
    if name.startswith("filter_not_"):
        return lambda document: not _equals(document, name.removeprefix("filter_not_"), value)
    if name.startswith("filter_"):
        return lambda document: _equals(document, name.removeprefix("filter_"), value)
    match name:
        case "has_key":
            return lambda document: _at(document, value) is not MISSING
        case "key_missing":
            return lambda document: _at(document, value) is MISSING
        case "has_value":
            return lambda document: _has_value(document, value)
        case "value_missing":
            return lambda document: not _has_value(document, value)
        case "modified_from" | "modified_to":
            return _bound(name, value)
    return None


def span(name: str, value: str) -> tuple[datetime, datetime]:
    """Return the first and the last moment that a parameter's time names.

    Crossbar reads Gregorian seconds only, and ignores everything else; then the answer is a list of
    another time. Here every form of `times.read_span` is understood, and any other text is refused.
    Raises CrossbarError, which names the parameter.
    """
    found = times.read_span(value)
    if found is None:
        message = f"{name} is not a time: write Gregorian seconds, Unix seconds or ISO 8601"
        raise refusals.invalid(name, "type", message)
    return found


def _bound(name: str, value: str) -> Test | None:
    """Return the test that compares a bound with the time when a document last changed.

    A blank bound is none. Raises CrossbarError for a bound that is not a time.
    """
    if not value:
        return None
    first, last = map(documents.gregorian, span(name, value))
    if name == "modified_from":
        return lambda document: document.get("pvt_modified", 0) >= first
    return lambda document: document.get("pvt_modified", 0) <= last


def _equals(document: Document, path: str, wanted: str) -> bool:
    """Check whether the value at a path is the wanted value.

    If `wanted` is a JSON list, the value may also be one of its items. Values are compared as text.
    A missing value, an object and a list compare as "".
    """
    text = _text(_at(document, path))
    # Crossbar compares only with the strings in the list, so a list of numbers matches nothing
    # there. Here its numbers are compared as text too.
    return text == wanted or text in {_text(item) for item in json_list(wanted) or []}


def _has_value(document: Document, path: str) -> bool:
    """Check whether the value at a path is not empty."""
    value = _at(document, path)
    return value is not MISSING and value not in EMPTY


def _at(document: Document, path: str) -> object:
    """Return the value at a dotted path in a document, or MISSING."""
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


def _text(value: object) -> str:
    """Return a JSON value as kz_term:to_binary/1 writes it."""
    if isinstance(value, str):
        return value
    if value is MISSING or isinstance(value, dict | list):
        return ""
    return json.dumps(value)


def has(document: Document, path: str) -> bool:
    """Check whether a document has a value at a dotted path."""
    return _at(document, path) is not MISSING


def json_list(value: str) -> list[Any] | None:
    """Return the JSON list in a parameter, or None if there is none."""
    if not value.lstrip().startswith("["):
        return None
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, list) else None


def integer(text: str) -> int | None:
    """Return the integer in a text of digits, or None."""
    digits = text.removeprefix("-")
    try:
        return int(text) if digits.isascii() and digits.isdigit() else None
    except ValueError:  # more digits than Python converts
        return None
