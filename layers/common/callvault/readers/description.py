"""Serve the OpenAPI description of the whole HTTP API, without credentials.

The description has no data of any account. `make openapi` writes `openapi.yaml` into the package,
so that it is deployed with the code.
"""

import hashlib
from functools import cache
from pathlib import Path

from callvault import web
from callvault.web import Request, Response

PATH = "/openapi.yaml"
CONTENT_TYPE = "application/yaml"
"""Media type of YAML (RFC 9512)."""
HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "etag",
    "cache-control": "public, max-age=300",
    "x-content-type-options": "nosniff",
}


def answer(request: Request) -> Response:
    """Return the description, or a 304 if If-None-Match names the current one (RFC 9110 13.1.2)."""
    text, etag = _read()
    headers = HEADERS | {"etag": etag}
    if web.is_not_modified(request, etag):
        return Response(status=304, headers=headers)
    return Response(status=200, headers={**headers, "content-type": CONTENT_TYPE}, body=text)


@cache
def _read() -> tuple[str, str]:
    """Return the description and its ETag."""
    content = (Path(__file__).parents[1] / "openapi.yaml").read_bytes()
    return content.decode(), f'"{hashlib.sha256(content).hexdigest()[:32]}"'
