"""Pages of the origins that the stack lists may read every response, and no others."""

import re

import pytest

from callvault import dialects, settings
from callvault.web import Request, Response
from tests import worlds

PAGE, OTHER = "https://app.example.com", "https://evil.example"
NAMES = {"account_id": "a1", "user_id": "u1", "recording_id": "r1", "call_id": "c1", "conference_id": "f1"}
PATTERNS = [pattern for dialect in dialects.DIALECTS.values() for pattern in dialect.ROUTES]
LISTS = {
    "kazoo": "/v2/accounts/a1/recordings",
    "bandwidth": "/api/v2/accounts/a1/recordings",
    "twilio": "/2010-04-01/Accounts/a1/Recordings.json",
    "signalwire": "/api/laml/2010-04-01/Accounts/a1/Recordings.json",
    "relay": "/api/relay/rest/recordings",
}
CONTROLS = ["/v2/accounts/a1/calls/c1/recordings", "/api/v2/accounts/a1/calls/c1/recording"]


def configure(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    monkeypatch.setenv("CORS_ORIGINS", origins)
    settings.get.cache_clear()


def ask(path: str, method: str = "GET", origin: str | None = PAGE, **headers: str) -> Response:
    sent = {"authorization": worlds.basic_header("a1", "secret")["authorization"], **headers}
    if origin is not None:
        sent["origin"] = origin
    return dialects.answer(Request(method=method, path=path, headers=sent))


def allowed(response: Response) -> str | None:
    return response.headers.get("access-control-allow-origin")


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("a1", readers=[worlds.reader("ops", "secret")])


@pytest.mark.parametrize(("name", "expected"), [("kazoo", "*"), ("bandwidth", None), ("twilio", None), ("relay", None)])
def test_without_a_list_pages_may_read_kazoos_dialect_only(name: str, expected: str | None) -> None:
    response = ask(LISTS[name])
    assert (response.status, allowed(response)) == (200, expected)
    assert "origin" not in response.headers.get("vary", "")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", LISTS)
def test_a_listed_page_may_read_every_dialect(monkeypatch: pytest.MonkeyPatch, name: str, method: str) -> None:
    configure(monkeypatch, f"https://else.example, {PAGE}")
    response = ask(LISTS[name], method)
    assert (response.status, allowed(response)) == (200, PAGE)
    assert response.headers["vary"].split(", ")[-1] == "origin"
    assert "location" in response.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", [*LISTS.values(), "/openapi.yaml"])
@pytest.mark.parametrize("origin", [OTHER, "null", f"{PAGE}.evil.example", None])
def test_another_page_may_read_nothing(monkeypatch: pytest.MonkeyPatch, path: str, origin: str | None) -> None:
    configure(monkeypatch, PAGE)
    response = ask(path, origin=origin)
    assert response.status == 200
    assert not any(name.startswith("access-control-") for name in response.headers)
    assert "origin" in response.headers["vary"]


@pytest.mark.parametrize("name", LISTS)
def test_a_listed_page_may_read_refusals(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    configure(monkeypatch, PAGE)
    response = ask(LISTS[name], authorization="Basic YTpi")
    assert (response.status, allowed(response)) == (401, PAGE)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_route_answers_the_preflight_of_a_listed_page(monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    configure(monkeypatch, PAGE)
    path = re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], pattern)
    response = ask(path, "OPTIONS")
    assert (response.status // 100, allowed(response)) == (2, PAGE)
    methods = set(response.headers["access-control-allow-methods"].split(", "))
    assert {method for dialect in dialects.DIALECTS.values() for method in dialect.ROUTES.get(pattern, {})} <= methods
    assert "authorization" in response.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", [*LISTS.values(), *CONTROLS])
def test_another_page_gets_no_preflight(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    configure(monkeypatch, PAGE)
    response = ask(path, "OPTIONS", origin=OTHER)
    assert not any(name.startswith("access-control-") for name in response.headers)


@pytest.mark.parametrize("name", ["bandwidth", "twilio"])
def test_without_a_list_there_is_no_preflight(name: str) -> None:
    assert ask(LISTS[name], "OPTIONS").status == 405


def test_an_asterisk_lists_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, "*")
    assert allowed(ask(LISTS["bandwidth"], origin=OTHER)) == "*"
    assert ask(LISTS["bandwidth"], "OPTIONS", origin=OTHER).status == 204


def test_a_vary_of_the_dialect_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, PAGE)
    worlds.put("r1", account_id="a1")
    assert ask(f"{LISTS['kazoo']}/r1").headers["vary"] == "accept, origin"


@pytest.mark.parametrize(
    ("origins", "valid"),
    [
        ("", True),
        ("*", True),
        (PAGE, True),
        (f"{PAGE},http://localhost:3000", True),
        (f"{PAGE}, {OTHER}", True),
        (f"{PAGE}/", False),
        ("app.example.com", False),
        (f"{PAGE};{OTHER} x", False),
    ],
)
def test_the_parameter_takes_origins_only(
    template: dict[str, dict[str, dict[str, str]]],
    origins: str,
    valid: bool,  # noqa: FBT001
) -> None:
    assert bool(re.fullmatch(template["Parameters"]["CorsOrigins"]["AllowedPattern"], origins)) is valid
