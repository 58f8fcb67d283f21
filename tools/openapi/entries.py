"""Say what a table's entry is: what a route's code does not say of itself."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.openapi.shapes import Shape

NAME = re.compile(r"\{(\w+)\}")
RAISED = re.compile(r"; raises [^.]*")
PUBLIC: tuple[Shape, ...] = ()
"""The security of what asks for no credentials."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one action takes and answers, whichever of its paths it is asked at."""

    answers: Mapping[int, Shape]
    """By status."""
    parameters: tuple[Shape, ...] = ()
    """Beside those of the path."""
    body: Shape | None = None
    security: tuple[Shape, ...] | None = None
    """None: any of the document's."""
    name: str = ""
    """Stands for the action's where that says too little outside of its module."""
    words: str = ""
    """Stands for the docstring where there is none, or none for readers of an API."""
    elsewhere: Mapping[str, Mapping[int, Shape]] = field(default_factory=dict)
    """Answers that differ below a path with this in it."""

    def at(self, path: str) -> Mapping[int, Shape]:
        """Return the answers of a path."""
        differing = (answers for part, answers in self.elsewhere.items() if part in path)
        return dict(sorted({**self.answers, **next(differing, {})}.items()))


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method and a path of the surface, with its entry."""

    tag: str
    method: str
    path: str
    name: str
    """Of the action, in snake case."""
    entry: Entry
    words: str
    """Summary, and after a blank line what else there is to say."""


def operation(route: Route) -> Shape:
    """Return an OpenAPI operation."""
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


def identify(route: Route) -> str:
    """Return an id that tells operations apart: dialect, action, and of whom or in which form."""
    named = {"account", "recording", *route.name.split("_")}
    parents = [name for name in re.findall(r"\{(\w+)_id\}/", route.path) if name not in named]
    parts = [route.tag, *route.name.split("_"), *(part for name in parents for part in ("of", name))]
    parts += ["below", "token"] if "{token}" in route.path else []
    parts += ["path"] if "{path}" in route.path else []
    parts += ["json"] if route.path.endswith(".json") and route.name != "get_json" else []
    first, *rest = (part.lower() for part in parts)
    return first + "".join(part.capitalize() for part in rest)


def spoken(action: object) -> str:
    """Return an action's docstring."""
    return inspect.getdoc(action) or ""


def unwrap(written: str) -> str:
    """Return paragraphs and list items each as one line: readers of the description wrap for themselves."""
    return re.sub(r"(?<=\S)\n(?=[^\n\-|*])", " ", inspect.cleandoc(written))
