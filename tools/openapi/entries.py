"""Define the entry of an action, and turn a route with its entry into an OpenAPI operation.

An entry has the facts that the code of an action does not have.
"""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.openapi.shapes import Shape

NAME = re.compile(r"\{(\w+)\}")
RAISED = re.compile(r"; raises [^.]*")
PUBLIC: tuple[Shape, ...] = ()
"""Security of operations that need no credentials."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The description of one action, for all of its paths."""

    answers: Mapping[int, Shape]
    """Responses by status."""
    parameters: tuple[Shape, ...] = ()
    """Parameters of the query and the headers."""
    body: Shape | None = None
    security: tuple[Shape, ...] | None = None
    """Security requirements; None means those of the whole document."""
    name: str = ""
    """Name that replaces the function's name, if that is unclear outside of its module."""
    words: str = ""
    """Text that replaces the docstring, if that is missing or not meant for readers of an API."""
    elsewhere: Mapping[str, Mapping[int, Shape]] = field(default_factory=dict)
    """Responses that differ on some paths, by a part of these paths."""

    def at(self, path: str) -> Mapping[int, Shape]:
        """Return the responses of a path, by status."""
        differing = (answers for part, answers in self.elsewhere.items() if part in path)
        return dict(sorted({**self.answers, **next(differing, {})}.items()))


@dataclass(frozen=True, kw_only=True)
class DescribedRoute:
    """A method and a path of the HTTP surface, with its entry."""

    tag: str
    method: str
    path: str
    name: str
    """Name of the action, in snake case."""
    entry: Entry
    words: str
    """Summary, and after a blank line the description."""


def operation(route: DescribedRoute) -> Shape:
    """Return the OpenAPI operation of a route."""
    summary, _, description = route.words.partition("\n\n")
    entry = route.entry
    made: dict[str, Any] = {
        "operationId": identify(route),
        "tags": [route.tag],
        "summary": RAISED.sub("", " ".join(summary.split())).removesuffix("."),
    }
    if description:
        made["description"] = unwrap(description)
    if entry.security is not None:
        made["security"] = [dict(scheme) for scheme in entry.security]
    names = ({"$ref": f"#/components/parameters/{name}"} for name in NAME.findall(route.path))
    if parameters := [*names, *entry.parameters]:
        made["parameters"] = parameters
    if entry.body is not None:
        made["requestBody"] = entry.body
    made["responses"] = {str(status): answer for status, answer in entry.at(route.path).items()}
    return made


def identify(route: DescribedRoute) -> str:
    """Return a unique operation id: the tag, the action, and the parts of the path that differ."""
    named = {"account", "recording", *route.name.split("_")}
    parents = [name for name in re.findall(r"\{(\w+)_id\}/", route.path) if name not in named]
    parts = [route.tag, *route.name.split("_"), *(part for name in parents for part in ("of", name))]
    parts += ["below", "token"] if "{token}" in route.path else []
    parts += ["path"] if "{path}" in route.path else []
    parts += ["json"] if route.path.endswith(".json") and route.name != "get_json" else []
    first, *rest = (part.lower() for part in parts)
    return first + "".join(part.capitalize() for part in rest)


def docstring(action: object) -> str:
    """Return an action's docstring."""
    return inspect.getdoc(action) or ""


def unwrap(written: str) -> str:
    """Return a text with each paragraph and each list item on one line.

    Programs that show the description wrap the lines themselves.
    """
    return re.sub(r"(?<=\S)\n(?=[^\n\-|*])", " ", inspect.cleandoc(written))
