"""Answer with documents as a CSV file, as Crossbar does on request."""

from callvault.dialects import ignored, shared_fields
from callvault.dialects.kazoo import documents, envelopes, refusals, requests
from callvault.dialects.kazoo.documents import Document
from callvault.readers import pages
from callvault.web import Request, Response

TYPES = requests.JSON_TYPES | dict.fromkeys(
    ("text/csv", "text/comma-separated-values", "application/octet-stream", "csv"), "csv"
)
"""Kinds of content of a list, by media type."""


def is_preferred(request: Request) -> bool:
    """Say whether a caller prefers CSV to JSON."""
    return requests.preferred(request, TYPES) == "csv"


def answer(request: Request, items: list[Document], columns: list[str], passed_over: list[str], name: str) -> Response:
    """Return documents as a file, by default of this name; `passed_over` are ignored parameters.

    `columns` has the dotted path of each column. Raises CrossbarError for a file that would be too
    large.
    """
    if len(columns) * len(items) > pages.MAX_PAGE_BYTES:
        raise refusals.list_too_large()
    given = request.headers.get("x-file-name") or request.query.get("file_name") or name
    headers = {"content-type": "text/csv", "content-disposition": shared_fields.disposition(given)}
    return envelopes.plain(request, 200, headers | ignored.headers(passed_over), documents.write_csv(items, columns))
