"""Every dialect refuses unauthorized requests, in its own format."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from callvault import dialects, times
from callvault.completeness import Day
from callvault.dialects import dispatch
from callvault.errors import (
    CallvaultError,
    ConfigurationError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnprocessableError,
)
from callvault.models import State
from callvault.readers import access
from callvault.storage import listing, reports, table
from callvault.web import Request, Response
from tests import worlds

NAMES = {"account_id": "a1", "user_id": "u1", "recording_id": "rec-1", "call_id": "c1", "conference_id": "f1"}
SECRETS = {"a1": "of a1", "a2": "of a2", "u2": "of u2"}
ONES = [
    ("GET", "/v2/accounts/a1/recordings/r1"),
    ("GET", "/api/v2/accounts/a1/recordings/r1"),
    ("POST", "/api/v1/oauth2/token"),
    ("GET", "/2010-04-01/Accounts/a1/Recordings/r1.json"),
    ("GET", "/api/relay/rest/recordings/r1"),
]
"""A request to each way of refusing."""


def path_of(pattern: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], pattern)


ROUTES = [
    (name, method, pattern)
    for name, dialect in dialects.DIALECTS.items()
    for pattern, actions in dialect.ROUTES.items()
    for method in actions
]
NAMED = [route for route in ROUTES if "{account_id}" in route[2]]
"""Routes whose path names the account."""
GUARDED = [*NAMED, *(route for route in ROUTES if route[0] == "relay")]
"""Routes that need credentials."""
CONTROLS = [route for route in GUARDED if route[1] in {"POST", "PUT"} and "/calls/" in route[2].lower()]
"""Routes whose requests reach the provider: the tests of each dialect have the answers."""


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lists go back some days, not ten years: how far they go is for other tests."""
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=5))


@pytest.fixture(autouse=True)
def accounts() -> None:
    rights = {"can_delete": True, "is_admin": True}
    for account_id in ("a1", "a2"):
        known = [worlds.reader(account_id, SECRETS[account_id], **rights)]
        known.append(worlds.reader("u2", SECRETS["u2"], user_id="u2", **rights))
        worlds.put_account(account_id, readers=known)


def put(owner_id: str) -> None:
    """Archive the recording that every route leads to."""
    worlds.put(
        NAMES["recording_id"],
        account_id=NAMES["account_id"],
        call_id=NAMES["call_id"],
        conference_id=NAMES["conference_id"],
        state=State.VERIFIED,
        owner_id=owner_id,
        start_time=times.now() - timedelta(minutes=1),
        media=worlds.media(),
    )


def logged(caplog: pytest.LogCaptureFixture) -> tuple[str, str]:
    """Return the level and all the content of the one line that was logged."""
    (record,) = caplog.records
    return record.levelname, str(vars(record))


def ask(method: str, path: str, headers: Mapping[str, str] | None = None) -> Response:
    return dialects.answer(
        Request(method=method, path=path, headers=headers or {}, body=b'{"data":{},"action":"retry"}')
    )


def raising(monkeypatch: pytest.MonkeyPatch, error: Exception, one: tuple[str, str] = ONES[0]) -> Response:
    """Return the answer to a request that meets an error."""

    def fail(_: Request) -> access.Principal:
        raise error

    monkeypatch.setattr(access, "authenticate", fail)
    return ask(*one)


def test_the_dialects_have_routes() -> None:
    assert GUARDED
    assert CONTROLS


@pytest.mark.parametrize(("name", "method", "pattern"), GUARDED)
def test_every_route_refuses_a_request_without_credentials(name: str, method: str, pattern: str) -> None:
    assert ask(method, path_of(pattern)).status == 401


@pytest.mark.parametrize(("name", "method", "pattern"), GUARDED)
def test_every_route_refuses_a_wrong_secret(name: str, method: str, pattern: str) -> None:
    assert ask(method, path_of(pattern), {"x-auth-token": "a1.of a2"}).status == 401


@pytest.mark.parametrize(("name", "method", "pattern"), NAMED)
def test_every_route_refuses_a_reader_of_another_account(name: str, method: str, pattern: str) -> None:
    assert ask(method, path_of(pattern), {"x-auth-token": "a2.of a2"}).status == 403


@pytest.mark.parametrize(("name", "method", "pattern"), [route for route in GUARDED if route not in NAMED])
def test_a_route_without_an_account_serves_the_one_of_the_credentials_only(
    name: str, method: str, pattern: str
) -> None:
    put("u1")
    response = ask(method, path_of(pattern), {"x-auth-token": "a2.of a2"})
    assert response.status == (404 if "{recording_id}" in pattern else 200)
    assert "rec-1" not in response.body
    kept = table.get("a1", "rec-1")
    assert kept is not None
    assert (kept.state, kept.revision) == (State.VERIFIED, 1)


@pytest.mark.parametrize(("name", "method", "pattern"), GUARDED)
def test_every_route_keeps_other_users_recordings_from_a_limited_reader(name: str, method: str, pattern: str) -> None:
    put("u1")
    reports.write("a1", Day(date=times.now().date(), failed_by={"rec-1": 1}, checked_at=times.now()))
    response = ask(method, path_of(pattern), {"x-auth-token": "a1.of u2"})
    if response.status in {200, 202}:
        assert "rec-1" not in response.body
    else:
        assert response.status in {403, 404}
    kept = table.get("a1", "rec-1")
    assert kept is not None
    assert (kept.state, kept.revision) == (State.VERIFIED, 1)


@pytest.mark.parametrize(("name", "method", "pattern"), CONTROLS)
def test_every_route_that_controls_refuses_a_reader_without_the_right(name: str, method: str, pattern: str) -> None:
    assert ask(method, path_of(pattern), {"x-auth-token": "a1.of a1"}).status == 403


@pytest.mark.parametrize(("name", "method", "pattern"), [route for route in GUARDED if route not in CONTROLS])
def test_every_route_serves_a_reader_of_its_account(name: str, method: str, pattern: str) -> None:
    put("u1")
    reports.write("a1", Day(date=times.now().date(), failed_by={"rec-1": 1}, checked_at=times.now()))
    response = ask(method, path_of(pattern), {"x-auth-token": "a1.of a1"})
    if pattern.endswith(("{recording_id}.mp3", "/transcription")):
        assert response.status == 404
    else:
        assert response.status in {200, 202, 204, 302}
        assert response.status != 200 or "rec-1" in response.body


@pytest.mark.parametrize(("name", "method", "pattern"), ROUTES)
def test_every_path_belongs_to_its_dialect_and_to_one_route(name: str, method: str, pattern: str) -> None:
    dialect, path = dialects.DIALECTS[name], path_of(pattern)
    assert [known for known, other in dialects.DIALECTS.items() if path.startswith(other.PREFIXES)] == [name]
    assert dispatch.match(dialect.ROUTES, path)[0] is dialect.ROUTES[pattern]


@pytest.mark.parametrize(("name", "method", "pattern"), ROUTES)
def test_every_route_refuses_methods_that_it_does_not_know(name: str, method: str, pattern: str) -> None:
    response = ask("TRACE", path_of(pattern))
    assert response.status == 405
    assert method in response.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/v1/accounts/a1/recordings", "/v22/accounts"])
def test_a_path_of_no_dialect_is_not_found(path: str) -> None:
    response = ask("GET", path)
    assert response.status == 404
    assert json.loads(response.body)["error"] == "not_found"


@pytest.mark.parametrize(
    ("error", "status", "level"),
    [
        (InvalidRequestError("page", "wrong"), 400, "INFO"),
        (UnauthenticatedError("who?"), 401, "INFO"),
        (ForbiddenError("no"), 403, "INFO"),
        (NotFoundError("where?"), 404, "INFO"),
        (TooLargeError("big"), 413, "INFO"),
        (UnprocessableError("not here", 21220), 422, "INFO"),
        (ConfigurationError("a1", ["provider (missing)"]), 500, "ERROR"),
        (UnavailableError("table_unavailable", "down"), 503, "ERROR"),
        (RejectedError("gone", "never expected here"), 500, "ERROR"),
        (CallvaultError("never expected at all"), 500, "ERROR"),
    ],
)
@pytest.mark.parametrize("one", ONES)
def test_every_error_of_the_archive_has_its_status(  # noqa: PLR0917 - pytest names its arguments
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    one: tuple[str, str],
    error: CallvaultError,
    status: int,
    level: str,
) -> None:
    assert raising(monkeypatch, error, one).status == status
    assert logged(caplog)[0] == level


@pytest.mark.parametrize("one", ONES)
def test_the_response_says_that_an_account_is_invalid_and_only_the_log_names_the_field(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, one: tuple[str, str]
) -> None:
    response = raising(monkeypatch, ConfigurationError("a1", ["provider (missing)"]), one)
    assert "provider (missing)" in logged(caplog)[1]
    assert "configur" in response.body
    assert "provider" not in response.body


@pytest.mark.parametrize("one", ONES)
def test_an_unexpected_error_is_a_500_without_details(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, one: tuple[str, str]
) -> None:
    response = raising(monkeypatch, KeyError("a1.s3cret"), one)
    assert response.status == 500
    assert "s3cret" not in response.body
    _, text = logged(caplog)
    assert "KeyError" in text
    assert "in fail" in text
    assert "s3cret" not in text
