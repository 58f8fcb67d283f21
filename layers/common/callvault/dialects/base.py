"""Say what every dialect can do: the protocol that a dialect's module fulfils, and the table of its routes."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol

from callvault.errors import CallvaultError, NotFoundError, RequestError
from callvault.web import Request, Response

type Action = Callable[[Request, Mapping[str, str]], Response]
"""What a route does for one method, given the request and what the route's `{names}` matched."""

type Routes = Mapping[str, Mapping[str, Action]]
"""Path pattern to method to action."""


class Dialect(Protocol):
    """One provider's way of asking for recordings and of being answered; a module can be one."""

    PREFIXES: tuple[str, ...]
    """Which paths are in this dialect."""
    ROUTES: Routes
    """All that it answers: the documentation of the API is checked against this, and refusals are tested by it."""

    def answer(self, request: Request) -> Response:
        """Answer a request; raises what `errors.py` has for requests that are refused."""

    def refuse(self, error: CallvaultError, request: Request) -> Response:
        """Say what went wrong in the dialect's own shape.

        A RequestError by its status, ConfigurationError as 500, UnavailableError as 503 with Retry-After. A bare
        CallvaultError stands for what nobody expected: 500, and nothing is told of it.
        """


class MethodNotAllowedError(RequestError):
    """Refuse a method that a path does not know; `allowed` are those that it does."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__("The method is not allowed here.")
        self.allowed = allowed


def match(routes: Routes, path: str) -> tuple[Mapping[str, Action], dict[str, str]]:
    """Return the actions of the route that a path takes, and what its `{names}` matched; raises NotFoundError."""
    for pattern, actions in routes.items():
        if found := _expression(pattern).fullmatch(path):
            return actions, found.groupdict()
    raise NotFoundError("There is no such path.")


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """Return a path pattern as a regular expression; a name matches one segment."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))
