"""Put the description together."""

import tomllib
from collections.abc import Iterable
from typing import Any

from tools.openapi import (
    bandwidth,
    callbacks,
    entries,
    facts,
    kazoo,
    laml,
    path_parameters,
    surface,
    uploads,
)
from tools.openapi.entries import Route
from tools.openapi.shapes import Shape

DESCRIPTION = """\
Takes call recordings from Bandwidth, SignalWire, Twilio and KAZOO, and gives metadata and audio back in the dialect
that a client already speaks. A recording of any provider can be read in every dialect.

Audio is a redirect to a presigned address in S3. Unknown parameters are ignored, as the providers do.

The API's gateway answers before a dialect does where no route matches (404), a body is over 10 MB or an event over 6 MB
(413), headers are over 10 KB (431), or nothing answered in 30 seconds (503): JSON, `{"message": "…"}`."""
TAGS = {
    "kazoo": "KAZOO's Crossbar API, version 2. `/v2/account/…` stands for the account of the token; a POST may name "
    "another method by `verb`, and any body bring its token as `auth_token` in the envelope.",
    "bandwidth": "Bandwidth's Voice API, version 2.",
    "twilio": "Twilio's API. The account's id takes the place of the AccountSid.",
    "signalwire": "SignalWire's Compatibility API. The account's id takes the place of the AccountSid.",
    "callbacks": "Where providers announce recordings.",
    "uploads": "Where KAZOO pushes audio.",
    "description": "This description.",
}
SCHEMAS = (facts, kazoo, bandwidth, laml, callbacks, uploads)
RESPONSES = (kazoo, bandwidth, laml, callbacks)
PARAMETERS = (kazoo, bandwidth, laml, callbacks, uploads)


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
        "servers": [{"url": "/", "description": "Where this description was served."}],
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


def paths(routes: Iterable[Route]) -> dict[str, dict[str, Shape]]:
    """Return operations by path and method."""
    found: dict[str, dict[str, Shape]] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method.lower()] = entries.operation(route)
    return found


def _joined(tables: Iterable[dict[str, Shape]]) -> dict[str, Shape]:
    return {name: shape for table in tables for name, shape in table.items()}
