"""Find the filters of a list whose field no document has, so that no search is silently wrong.

Without that, a misspelt `filter_…` finds nothing, and a misspelt `filter_not_…` finds everything. A
recording from KAZOO may have any field. So a field is unknown only if it is none of the schema
`call_recordings` (KAZOO 4.3), and none of the documents that the list read has it.
"""

from collections.abc import Mapping

from callvault.dialects import shared_fields
from callvault.dialects.kazoo import filter_names, values
from callvault.dialects.kazoo.documents import Document

FIELDS = frozenset({
    "call_id", "callee_id_name", "callee_id_number", "caller_id_name", "caller_id_number", "cdr_id", "conference_id",
    "content_type", "custom_channel_vars", "description", "direction", "duration", "duration_ms", "from", "id",
    "interaction_id", "label", "media_source", "media_type", "name", "origin", "owner_id", "pvt_created",
    "pvt_modified", "request", "source_type", "start", "to", "url", "user_metadata",
})  # fmt: skip
OPEN = frozenset({"custom_channel_vars", "user_metadata"})
"""Fields that are objects with members of any name."""
NAMING = frozenset({"has_key", "key_missing", "has_value", "value_missing"})
"""Filters whose value is the path of a field."""


class Watch:
    """Watches whether the documents of a list have the fields of its filters."""

    def __init__(self, query: Mapping[str, str]) -> None:
        paths = {name: _path(name, value) for name, value in query.items()}
        self.unknown = {name: path for name, path in paths.items() if path is not None and not is_known(path)}
        """The paths of the filters whose field is unknown, by the filters' names."""

    def see(self, document: Document) -> None:
        """Take note of a document that the list read."""
        for name, path in list(self.unknown.items()):
            if values.has(document, path):
                del self.unknown[name]


def is_known(path: str) -> bool:
    """Say whether the archive's documents, or those of KAZOO's schema, have a field."""
    first, dot, rest = path.partition(".")
    if first == "archive":
        return not dot or rest in shared_fields.ARCHIVE_FIELDS
    return first in FIELDS and (not dot or first in OPEN)


def _path(name: str, value: str) -> str | None:
    """Return the path of the field that a parameter filters by; None if it is not a filter."""
    if name in NAMING:
        return value
    filtered = filter_names.split(name)
    return None if filtered is None else filtered[1]
