"""Match a document against the filters of KAZOO 5 whose value is a JSON list.

`filter_any_`, `filter_none_` and `filter_array_intersect_…`. The semantics are those of KAZOO 5's
crossbar_filter.erl (`filter_names` has its address) and doc/filters.md. There, a value that is no
list makes `filter_any_` find nothing and `filter_none_` find everything, without an error. Here,
that and every value about which KAZOO's code and documentation differ is refused, so that no answer
is silently wrong.
"""

import json
from collections.abc import Callable
from typing import Any

from callvault.dialects.kazoo import filter_names, refusals, values
from callvault.dialects.kazoo.documents import Document

type Test = Callable[[Document], bool]


def test(kind: str, name: str, path: str, value: str) -> Test:
    """Return the test of a filter of one of these kinds; raises CrossbarError, which names it."""
    match kind:
        case filter_names.ANY | filter_names.NONE:
            texts = frozenset(_texts(name, value))
            wanted = kind == filter_names.ANY
            return lambda document: (values.text(values.at(document, path)) in texts) is wanted
        case filter_names.HAS_ALL:
            items = _items(name, value)
            return lambda document: all(_has(document, path, item) for item in items)
        case filter_names.HAS_ANY:
            items = _items(name, value)
            return lambda document: any(_has(document, path, item) for item in items)
        case filter_names.HAS_NONE:
            only = _only(name, value)
            return lambda document: not _has(document, path, only)
    kinds = ", ".join((filter_names.HAS_ALL, filter_names.HAS_ANY, filter_names.HAS_NONE))
    raise refusals.invalid(name, "forbidden", f"There is no such filter. The filters of lists are {kinds}")


def json_list(value: str) -> list[Any] | None:
    """Return the JSON list in a parameter, or None if there is none."""
    if not value.lstrip().startswith("["):
        return None
    content = json_value(value)
    return content if isinstance(content, list) else None


def json_value(value: str) -> object:
    """Return the JSON value in a parameter, or None if the parameter is not JSON."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _list(name: str, value: str) -> list[Any]:
    """Return the list in a filter's value; raises CrossbarError."""
    items = json_list(value)
    if items is None:
        raise refusals.invalid(name, "type", 'The value must be a JSON list, for example ["a","b"]')
    return items


def _texts(name: str, value: str) -> list[str]:
    """Return the texts in a filter's value; raises CrossbarError.

    KAZOO compares a field's text with the items, so an item that is no text would match nothing.
    """
    items = _list(name, value)
    if not all(isinstance(item, str) for item in items):
        raise refusals.invalid(name, "type", 'Each item must be a text, a number too: ["60","61"]')
    return items


def _items(name: str, value: str) -> list[Any]:
    """Return the items in a filter's value; raises CrossbarError if one is an object or a list."""
    items = _list(name, value)
    if any(isinstance(item, dict | list) for item in items):
        raise refusals.invalid(name, "type", "No item may be an object or a list")
    return items


def _only(name: str, value: str) -> object:
    """Return the only item in a filter's value; raises CrossbarError unless there is just one.

    By KAZOO's documentation, the field may have none of the items. By its code, the field may have
    some of them, but not all (array_compare/3 with lists:all/2). The two agree on one item.
    """
    items = _items(name, value)
    if len(items) != 1:
        advice = "The list must have one item, because KAZOO's documentation and code differ about more"
        raise refusals.invalid(name, "maxItems", advice)
    return items[0]


def _has(document: Document, path: str, wanted: object) -> bool:
    """Check whether the list at a path has an item: of the same type, as lists:member/2 compares.

    A value that is missing or no list has no items.
    """
    found = values.at(document, path)
    return isinstance(found, list) and any(type(item) is type(wanted) and item == wanted for item in found)
