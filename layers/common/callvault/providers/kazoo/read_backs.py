"""Identify the probe or recording that KAZOO reads back with a GET.

A probe is the short text that KAZOO uploads to test a storage plan. Sources: kz_att_http.erl, and
captures of the requests.

KAZOO reads an upload back from the URL that it stored, and changes that URL in two ways. It appends
the upload's path again: after the stored path, or directly after the last value of the query. Then
it appends the fields of the document, one of which is `id=<document>`. KAZOO 4.2 and older versions
request the stored URL unchanged.

Basic credentials in the stored URL do not survive this: "user:secret" becomes "usersecret:". Only a
token in the path authenticates a read-back.
"""

from callvault.providers.kazoo import documents, uploads
from callvault.web import Request


def probe(request: Request, path: str) -> str | None:
    """Return the name of the requested probe, or None; `path` is below the account's upload URL."""
    found = uploads.PROBE.findall(f"{path} {request.raw_query}")
    return str(found[-1]) if found else None


def document_id(request: Request, path: str) -> str | None:
    """Return the id of the requested recording's document, or None.

    It is the parameter `id`, or an id in the path, or the start of the parameter `recording_id`.
    """
    values = uploads.parameters(request)
    given = values.get("id", "")
    if documents.ID.fullmatch(given):
        return given
    found = documents.GENERATED_ID.findall(path) or documents.GENERATED_ID.match(values.get("recording_id", ""))
    return str(found[0]) if found else None


def call_id(request: Request, path: str) -> str | None:
    """Return the requested recording's call id, or None. Old versions of KAZOO send no other id."""
    values = uploads.parameters(request)
    files = [uploads.FILE.fullmatch(value) for value in (*values.values(), path.rpartition("/")[2])]
    return values.get("call_id") or next((file["call_id"] for file in files if file), None)
