"""Limit the items of a list to the fields that `fields` names, as KAZOO 5 does.

KAZOO 5: kazoo-crossbar/doc/filters.md, "Fetching Sparse Fieldsets", and get_fields/2 in
crossbar_view.erl (github.com/openkazoo/kazoo5-dev). The value is a JSON list of dotted paths, or a
JSON string with commas between them. `id` is always in the answer. Private fields are left out. If
`fields` names no other field, the items are whole. The code that picks the fields is not public
(kz_view), so it is unconfirmed that a dotted path keeps its objects, as here: `{"a": {"b": 1}}` for
`a.b`.
"""

from typing import Any

from callvault.dialects.kazoo import list_filters, refusals
from callvault.dialects.kazoo.documents import Document

READ_ONLY = "_read_only"
"""The only field that begins with `_` and may be named; `_id` is another name of `id`."""
PRIVATE = ("_", "pvt_")

type Path = tuple[str, ...]


def read(value: str) -> tuple[Path, ...]:
    """Return the paths in the parameter `fields`; if there are none, items have all fields.

    Raises CrossbarError for anything but texts. KAZOO 5 understands an object too, whose members
    say which fields to include and to leave out; its meaning is not documented.
    """
    if not value:
        return ()
    content = list_filters.json_value(value)
    if isinstance(content, dict):
        raise refusals.invalid("fields", "type", "Value did not match type(s): array")
    names = content.split(",") if isinstance(content, str) else content
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refusals.CrossbarError(404, "faulty_request", {"message": "invalid fields query string"})
    paths = (tuple(("id" if name == "_id" else name).split(".")) for name in names)
    return tuple(path for path in paths if _is_public(path))


def pick(document: Document, paths: tuple[Path, ...]) -> Document:
    """Return a document with its id and the fields at the paths; without paths, the whole one."""
    if not paths:
        return document
    picked: Document = {"id": document["id"]}
    for path in paths:
        value: Any = document
        for name in path:
            if not isinstance(value, dict) or name not in value:
                break
            value = value[name]
        else:
            _put(picked, path, value)
    return picked


def _put(document: Document, path: Path, value: object) -> None:
    """Put a value into a document at a path."""
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _is_public(path: Path) -> bool:
    """Check whether a path may be named."""
    return all(path) and (path[0] == READ_ONLY or not path[0].startswith(PRIVATE))
