"""Choose the route of a request as an HTTP API does.

API Gateway developer guide, "Create routes for HTTP APIs": a full match comes first, then a match
with path variables, then a greedy one, then `$default`; a named method comes before ANY.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ANY_METHOD = "x-amazon-apigateway-any-method"
DEFAULT = "$default"


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method and a path of an HTTP API."""

    method: str
    """In upper case, or ANY."""
    path: str
    """The path as in the template, or `$default`."""
    function: str
    """The logical id of the function."""

    @classmethod
    def of(cls, method: str, path: str, function: str) -> "Route":
        """Return the route of an OpenAPI operation."""
        return cls(method="ANY" if method == ANY_METHOD else method.upper(), path=path, function=function)

    @property
    def key(self) -> str:
        """Return the route key, as in the event."""
        return DEFAULT if self.path in {DEFAULT, f"/{DEFAULT}"} else f"{self.method} {self.path}"

    @property
    def rank(self) -> tuple[object, ...]:
        """Return a key that sorts the more specific route first."""
        kinds = tuple(2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in self.path.split("/"))
        return (self.key == DEFAULT, max(kinds), kinds, -len(kinds), self.method == "ANY")

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the values of the path variables, or None if the route does not match."""
        if self.key == DEFAULT:
            return {}
        if self.method not in {"ANY", method}:
            return None
        wanted, given = self.path.split("/"), path.split("/")
        if wanted[-1].endswith("+}"):
            rest = len(wanted) - 1
            given = [*given[:rest], "/".join(given[rest:])]
        if len(wanted) != len(given):
            return None
        variables: dict[str, str] = {}
        for part, text in zip(wanted, given, strict=True):
            # A variable has at least one character.
            if part.startswith("{") and text:
                variables[part.strip("{+}")] = text
            elif part != text:
                return None
        return variables


class Router:
    """All routes, the most specific one first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: route.rank)

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """Return the route of a request and the values of its path variables, or None."""
        for route in self._routes:
            if (variables := route.match(method, path)) is not None:
                return route, variables
        return None
