"""Build the whole description from its parts."""

import tomllib
from collections.abc import Iterable
from typing import Any

from tools.openapi import (
    bandwidth,
    callback_routes,
    callback_schemas,
    entries,
    facts,
    kazoo,
    laml,
    path_parameters,
    relay,
    surface,
    uploads,
)
from tools.openapi.entries import DescribedRoute
from tools.openapi.shapes import Shape

DESCRIPTION = """\
Archives call recordings from Bandwidth, SignalWire, Twilio and KAZOO, and serves metadata and audio in the providers'
own APIs, which are called dialects here. A recording of any provider can be read in every dialect.

A stack may list the origins of pages that may read its responses (`CorsOrigins`). Each path of a dialect then answers
OPTIONS, and Access-Control-Allow-Origin is the page's own origin, or missing. Otherwise only KAZOO's dialect and this
description have these headers.

Every path of a dialect that has GET also answers HEAD: with the status and the headers of GET, and without the body.

Audio is a redirect to a presigned URL of S3, which is valid for GET only. Unknown parameters are ignored, as they are
by the providers.

A body may have at most 64 KB, that of a callback 256 KB, and that of an upload 4.5 MB; a larger one is refused (413).

The gateway of the API answers some requests itself, with JSON `{"message": "…"}`: if no route matches (404), if a body
is larger than 10 MB or an event is larger than 6 MB (413), if requests come too fast (429), if headers are larger than
10 KB (431), or if a response takes longer than 30 seconds (503)."""
TAGS = {
    "kazoo": "KAZOO's Crossbar API, version 2. `/v2/account/…` stands for the account of the token. A POST may name "
    "another method by `verb`, but not with Basic credentials. The JSON object in a body may have the token "
    "as `auth_token`.",
    "bandwidth": "Bandwidth's Voice API, version 2.",
    "twilio": "Twilio's API. The account's id takes the place of the AccountSid.",
    "signalwire": "SignalWire's Compatibility API. The account's id takes the place of the AccountSid.",
    "relay": "SignalWire's Recordings API of SWML and Relay. The account is that of the credentials.",
    "callbacks": "URLs to which providers announce recordings.",
    "uploads": "URLs to which KAZOO pushes audio.",
    "description": "This description.",
}
SCHEMAS = (facts, kazoo, bandwidth, laml, relay, callback_schemas, uploads)
RESPONSES = (kazoo, bandwidth, laml, relay, callback_routes)
PARAMETERS = (kazoo, bandwidth, laml, relay, callback_routes, uploads)


def build() -> dict[str, Any]:
    """Return the whole description; raises UndescribedError."""
    project = tomllib.loads((surface.ROOT / "pyproject.toml").read_text())["project"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callvault",
            "summary": project["description"],
            "description": entries.unwrap(DESCRIPTION),
            "version": project["version"],
            "license": {"name": project["license"], "identifier": project["license"]},
        },
        "servers": [{"url": "/", "description": "The origin that served this description."}],
        "security": [{name: []} for name in facts.SCHEMES],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths(surface.routes()),
        "components": {
            "securitySchemes": facts.SCHEMES,
            "parameters": path_parameters.COMPONENTS | _joined(module.PARAMETERS for module in PARAMETERS),
            "responses": {"Audio": facts.FOUND} | _joined(module.RESPONSES for module in RESPONSES),
            "schemas": _joined(module.SCHEMAS for module in SCHEMAS),
        },
    }


def paths(routes: Iterable[DescribedRoute]) -> dict[str, dict[str, Shape]]:
    """Return the operations by path and method."""
    found: dict[str, dict[str, Shape]] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method.lower()] = entries.operation(route)
    return found


def _joined(tables: Iterable[dict[str, Shape]]) -> dict[str, Shape]:
    return {name: shape for table in tables for name, shape in table.items()}
