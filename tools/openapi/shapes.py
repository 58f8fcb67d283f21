"""Build JSON Schemas (2020-12) and the other small parts of OpenAPI 3.1."""

from collections.abc import Mapping
from typing import Any

type Shape = dict[str, Any]

JSON, XML, CSV, FORM = "application/json", "text/xml", "text/csv", "application/x-www-form-urlencoded"
JSONP, YAML = "application/javascript", "application/yaml"
AUDIO_TYPES = ("audio/x-wav", "audio/mpeg", "audio/mp4")
ENCRYPTED_TYPE = "application/octet-stream"


def text(description: str, *, null: bool = False, **more: object) -> Shape:
    """Return the schema of a text."""
    return _typed("string", description, null=null, **more)


def whole(description: str, *, null: bool = False, **more: object) -> Shape:
    """Return the schema of a whole number."""
    return _typed("integer", description, null=null, **more)


def flag(description: str) -> Shape:
    """Return the schema of a boolean."""
    return _typed("boolean", description, null=False)


def word(description: str, *words: str, null: bool = False) -> Shape:
    """Return the schema of a text that is one of these words."""
    return _typed("string", description, null=null, enum=[*words, None] if null else list(words))


def moment(description: str, *, null: bool = False) -> Shape:
    """Return the schema of an ISO 8601 time in UTC."""
    return text(description, null=null, format="date-time", examples=["2026-06-17T22:19:40.375Z"])


def listed(items: Shape, description: str = "") -> Shape:
    """Return the schema of a list."""
    return _described({"type": "array", "items": items}, description)


def record(properties: Mapping[str, Shape], description: str = "", *, optional: tuple[str, ...] = ()) -> Shape:
    """Return the schema of an object whose properties are required, except the optional ones."""
    required = [name for name in properties if name not in optional]
    shape: Shape = {"type": "object", "properties": dict(properties)}
    return _described(shape | ({"required": required} if required else {}), description)


def loose(properties: Mapping[str, Shape], description: str = "", *, required: tuple[str, ...] = ()) -> Shape:
    """Return the schema of an object whose properties are optional, except the required ones."""
    return record(properties, description, optional=tuple(name for name in properties if name not in required))


def anything(description: str) -> Shape:
    """Return the schema of any JSON value."""
    return {"description": description}


def schema(name: str) -> Shape:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str) -> Shape:
    """Return a reference to a parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def response(name: str) -> Shape:
    """Return a reference to a response."""
    return {"$ref": f"#/components/responses/{name}"}


def query(name: str, what: Shape, **more: object) -> Shape:
    """Return a parameter of the query, with the description of its schema."""
    return _parameter("query", name, what, **more)


def header(name: str, what: Shape) -> Shape:
    """Return a header of a request, with the description of its schema."""
    return _parameter("header", name, what)


def in_path(name: str, what: Shape) -> Shape:
    """Return a variable of a path, with the description of its schema."""
    return _parameter("path", name, what, required=True)


def answer(description: str, content: Mapping[str, Shape] | None = None, **headers: Shape) -> Shape:
    """Return a response.

    `content` has the schemas by media type. Underscores in the names of headers become hyphens.
    """
    shape: Shape = {"description": description}
    if headers:
        shape["headers"] = {_header_name(name): _header(what) for name, what in headers.items()}
    if content:
        shape["content"] = {kind: {"schema": what} for kind, what in content.items()}
    return shape


def body(content: Mapping[str, Shape], description: str = "", *, required: bool = True) -> Shape:
    """Return the body of a request; `content` has the schemas by media type."""
    return _described(
        {"required": required, "content": {kind: {"schema": what} for kind, what in content.items()}}, description
    )


def _typed(kind: str, description: str, *, null: bool, **more: object) -> Shape:
    return _described({"type": [kind, "null"] if null else kind, **more}, description)


def _described(shape: Shape, description: str) -> Shape:
    return {"description": description, **shape} if description else shape


def _parameter(place: str, name: str, what: Shape, **more: object) -> Shape:
    described = {name: value for name, value in what.items() if name != "description"}
    return {"name": name, "in": place, "description": what["description"], **more, "schema": described}


def _header_name(name: str) -> str:
    return name.replace("_", "-")


def _header(what: Shape) -> Shape:
    described = {name: value for name, value in what.items() if name not in {"description", "optional"}}
    return {"description": what["description"], "required": not what.get("optional"), "schema": described}
