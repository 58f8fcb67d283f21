"""Find the action of a request in a dialect's table of routes, by path and method."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from callvault.dialects import cors
from callvault.errors import NotFoundError, RequestError
from callvault.web import Request, Response

type Names = Mapping[str, str]
"""Values of the names in a path pattern, such as `{call_id}`, by name."""

type Action = Callable[[Request, Names], Response]
"""Answers the requests of one route and method."""

_controls: set[Action] = set()
"""The actions that control live calls."""

type Routes = Mapping[str, Mapping[str, Action]]
"""Actions by path pattern and method."""


class MethodNotAllowedError(RequestError):
    """Refuse a method that a path does not have; `allowed` are the methods that the path has."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__("The method is not allowed for this path.")
        self.allowed = allowed


def answer(routes: Routes, request: Request) -> Response:
    """Answer a request by the action of its path and method.

    A slash at the end of the path is ignored. OPTIONS is a preflight if the page's origin is
    allowed. Raises NotFoundError for an unknown path, MethodNotAllowedError for a method that the
    path does not have, and the errors of the action.
    """
    actions, names = match(routes, request.path.rstrip("/"))
    if request.method == "OPTIONS" and cors.allows(request):
        return cors.preflight(actions)
    return choose(actions, request.method, request)(request, names)


def match(routes: Routes, path: str) -> tuple[Mapping[str, Action], dict[str, str]]:
    """Return the actions of the first route that matches a path, and the values of its names.

    Raises NotFoundError.
    """
    for pattern, actions in routes.items():
        if found := _expression(pattern).fullmatch(path):
            return actions, found.groupdict()
    raise NotFoundError("There is no such path.")


def choose(actions: Mapping[str, Action], method: str, request: Request) -> Action:
    """Return the action of a method; raises MethodNotAllowedError.

    Raises NotFoundError for a control of a call that came by the route of queries: API Gateway
    matches the path exactly, so one slash more would evade the throttle of controls.
    """
    if method not in actions:
        raise MethodNotAllowedError(tuple(actions))
    action = actions[method]
    if action in _controls and not request.may_control:
        raise NotFoundError("There is no such path for a control of a call; a slash at its end is one too many.")
    return action


def control(action: Action) -> Action:
    """Mark an action as one that controls live calls."""
    _controls.add(action)
    return action


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """Return a path pattern as a regular expression; a name matches one segment."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))
