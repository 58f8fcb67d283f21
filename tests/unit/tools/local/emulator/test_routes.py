"""How the local HTTP API chooses a route."""

import pytest

from tools.local.emulator.routes import ANY_METHOD, Route, Router

PATHS = {
    "/pets": ["get", ANY_METHOD],
    "/pets/dog": ["get"],
    "/pets/{id}": ["get", "post"],
    "/pets/{id}/toys": ["get"],
    "/pets/{rest+}": [ANY_METHOD],
    "/{a}/{b}/{c}": ["get"],
}
ROUTES = [Route.of(method, path, "F") for path, methods in PATHS.items() for method in methods]


@pytest.mark.parametrize(
    ("method", "path", "key", "variables"),
    [
        ("GET", "/pets", "GET /pets", {}),
        ("PUT", "/pets", "ANY /pets", {}),
        ("GET", "/pets/dog", "GET /pets/dog", {}),
        ("POST", "/pets/dog", "POST /pets/{id}", {"id": "dog"}),
        ("GET", "/pets/7", "GET /pets/{id}", {"id": "7"}),
        ("DELETE", "/pets/7", "ANY /pets/{rest+}", {"rest": "7"}),
        ("GET", "/pets/7/toys", "GET /pets/{id}/toys", {"id": "7"}),
        ("POST", "/pets/7/toys", "ANY /pets/{rest+}", {"rest": "7/toys"}),
        ("GET", "/pets/7/toys/1", "ANY /pets/{rest+}", {"rest": "7/toys/1"}),
        ("HEAD", "/pets/7", "ANY /pets/{rest+}", {"rest": "7"}),
        ("GET", "/x/y/z", "GET /{a}/{b}/{c}", {"a": "x", "b": "y", "c": "z"}),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, key: str, variables: dict[str, str]) -> None:
    found = Router(ROUTES).find(method, path)

    assert found
    assert (found[0].key, found[1]) == (key, variables)


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/x/y/z"), ("GET", "/x//z"), ("GET", "/pets/")])
def test_a_path_without_a_route_matches_none(method: str, path: str) -> None:
    assert Router(ROUTES).find(method, path) is None


def test_the_default_route_answers_all_other_requests() -> None:
    found = Router([*ROUTES, Route.of(ANY_METHOD, "/$default", "F")]).find("GET", "/")

    assert found
    assert (found[0].key, found[1]) == ("$default", {})
