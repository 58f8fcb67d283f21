"""API tokens are obtained for credentials and cached until shortly before they expire."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from callvault import providers
from callvault.account_parameter import Api
from callvault.errors import UnavailableError
from callvault.providers import api_tokens
from callvault.providers.api_tokens import ApiToken
from callvault.transport import connections
from tests import worlds


@dataclass
class Endpoint:
    """A token endpoint: its answer, and the requests that it got."""

    url: str
    status: int = 200
    body: bytes = b'{"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}'
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str | None, bytes]] = field(default_factory=list)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            served.asked.append((self.headers["authorization"], body))
            self.send_response(served.status)
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Endpoint(f"http://127.0.0.1:{server.server_port}/token")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join()
    connections.forget()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return a clock; a test sets its `now`."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(api_tokens, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def api(url: str | None = None, **credentials: str | None) -> Api:
    known: dict[str, str | None] = {"username": "client", "password": "secret"}
    return Api.model_validate({"origin": "https://voice.example.com", "token_url": url} | known | credentials)


class Office:
    """Issues numbered tokens."""

    def __init__(self, clock: SimpleNamespace, lifetime: float = 100) -> None:
        self.given = 0
        self.clock = clock
        self.lifetime = lifetime

    def obtain(self) -> ApiToken:
        """Return the next token."""
        self.given += 1
        return ApiToken(f"t{self.given}", self.clock.now + self.lifetime)


def test_a_token_is_cached_until_it_expires(clock: SimpleNamespace) -> None:
    office = Office(clock)
    assert api_tokens.cached(("a",), office.obtain, fresh=False) == "t1"
    clock.now += 99
    assert api_tokens.cached(("a",), office.obtain, fresh=False) == "t1"
    clock.now += 1
    assert api_tokens.cached(("a",), office.obtain, fresh=False) == "t2"
    assert api_tokens.cached(("a",), office.obtain, fresh=False) == "t2"


def test_a_fresh_token_replaces_the_cached_one(clock: SimpleNamespace) -> None:
    office = Office(clock)
    api_tokens.cached(("a",), office.obtain, fresh=False)
    assert api_tokens.cached(("a",), office.obtain, fresh=True) == "t2"
    assert api_tokens.cached(("a",), office.obtain, fresh=False) == "t2"


def test_each_key_has_its_own_token(clock: SimpleNamespace) -> None:
    office = Office(clock)
    keys = [("a", "u"), ("a", "v"), ("a", "u")]
    assert [api_tokens.cached(key, office.obtain, fresh=False) for key in keys] == ["t1", "t2", "t1"]


@pytest.mark.parametrize(
    "other",
    [
        {"password": "wrong"},
        {"password": None},
        {"username": "other"},
        {"token_url": "https://other.example.com/token"},
        {"origin": "https://other.example.com"},
    ],
)
def test_accounts_share_a_token_only_with_the_same_endpoint_credentials_and_origin(
    other: dict[str, str | None],
) -> None:
    own = api("https://auth.example.com/token")
    same = own.model_copy()
    assert api_tokens.key(same, same.password) == api_tokens.key(own, own.password)
    changed = Api.model_validate({**own.model_dump(), "password": "secret", **other})
    assert api_tokens.key(changed, changed.password) != api_tokens.key(own, own.password)
    assert "secret" not in api_tokens.key(own, own.password)


@pytest.mark.loopback
def test_an_account_with_a_wrong_secret_does_not_get_the_token_of_another_account(endpoint: Endpoint) -> None:
    def authorization(password: str) -> str:
        credentials = {"origin": "https://voice.example.com", "username": "client", "password": password}
        account = worlds.account(api={**credentials, "token_url": endpoint.url})
        return providers.of(account).source.authorization(False)

    assert authorization("secret") == "Bearer t1"
    endpoint.status = 401
    with pytest.raises(UnavailableError):
        authorization("guessed")
    assert authorization("secret") == "Bearer t1"


def test_a_failure_to_obtain_a_token_keeps_the_old_one(clock: SimpleNamespace) -> None:
    def fail() -> ApiToken:
        raise UnavailableError("no_token", "no")

    api_tokens.cached(("a",), Office(clock).obtain, fresh=False)
    with pytest.raises(UnavailableError):
        api_tokens.cached(("a",), fail, fresh=True)
    assert api_tokens.cached(("a",), fail, fresh=False) == "t1"


def test_an_empty_cache_obtains_a_new_token(clock: SimpleNamespace) -> None:
    office = Office(clock)
    api_tokens.cached(("a",), office.obtain, fresh=False)
    api_tokens.forget()
    assert api_tokens.cached(("a",), office.obtain, fresh=False) == "t2"


@pytest.mark.loopback
def test_client_credentials_are_sent_as_in_the_rfc(endpoint: Endpoint) -> None:
    assert api_tokens.client_credentials(api(endpoint.url)).value == "t1"
    assert endpoint.asked == [("Basic Y2xpZW50OnNlY3JldA==", b"grant_type=client_credentials")]


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("expires_in", "lifetime"), [(900, 840), ("900", 840), (None, 3540), (0, 3540), (30, -30), (899.5, 839.5)]
)
def test_a_token_is_replaced_a_minute_before_it_expires(
    endpoint: Endpoint, clock: SimpleNamespace, expires_in: object, lifetime: float
) -> None:
    endpoint.body = json.dumps({"access_token": "t1", "expires_in": expires_in}).encode()
    assert api_tokens.client_credentials(api(endpoint.url)) == ApiToken("t1", 1000 + lifetime)


@pytest.mark.loopback
def test_a_token_without_a_lifetime_is_kept_for_an_hour(endpoint: Endpoint, clock: SimpleNamespace) -> None:
    endpoint.body = b'{"access_token": "t1"}'
    assert api_tokens.client_credentials(api(endpoint.url)) == ApiToken("t1", 1000 + 3540)


@pytest.mark.loopback
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500, 503])
def test_a_failing_token_endpoint_is_unavailable(endpoint: Endpoint, status: int) -> None:
    endpoint.status, endpoint.headers = status, {"Retry-After": "7"}
    with pytest.raises(UnavailableError) as caught:
        api_tokens.client_credentials(api(endpoint.url))
    assert (caught.value.reason, caught.value.retry_after) == ("no_token", 7)
    assert "secret" not in str(caught.value)


@pytest.mark.loopback
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[]",
        b'"t1"',
        b"null",
        b'{"token": "t1"}',
        b'{"access_token": null}',
        b'{"access_token": ""}',
        b'{"access_token": "t1", "expires_in": "soon"}',
        b'{"access_token": "t1", "expires_in": [1]}',
        b'{"access_token": "t1", "expires_in": 1' + b"0" * 400 + b"}",
        b'{"access_token": "t1", "expires_in": NaN}',
        b'{"access_token": "t1", "expires_in": 1e999}',
        b'{"access_token": "t1", "expires_in": ' + b"9" * 5000 + b"}",
        b'{"access_token": "t1\\r\\nx-evil: 1"}',
        b'{"access_token": "t1\\u0000"}',
        b'{"access_token": "\\ud800"}',
        b'{"access_token": ' + b"[" * 100_000,
    ],
)
def test_an_answer_without_a_usable_token_is_unavailable(endpoint: Endpoint, body: bytes) -> None:
    endpoint.body = body
    with pytest.raises(UnavailableError) as caught:
        api_tokens.client_credentials(api(endpoint.url))
    assert caught.value.reason == "no_token"


@pytest.mark.loopback
def test_an_unreachable_endpoint_is_unavailable() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        url = f"http://127.0.0.1:{server.server_port}/token"
    with pytest.raises(UnavailableError) as caught:
        api_tokens.client_credentials(api(url))
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("username", "password", "header"),
    [
        ("user", "pass:word", "Basic dXNlcjpwYXNzOndvcmQ="),
        ("ü", "ß", "Basic w7w6w58="),
        ("user", None, "Basic dXNlcjo="),
    ],
)
def test_basic_is_utf8_in_base64(username: str | None, password: str | None, header: str) -> None:
    assert api_tokens.basic(api(username=username, password=password)) == header


def test_basic_without_a_user_has_an_empty_one() -> None:
    assert api_tokens.basic(api(username=None, password="secret")) == "Basic OnNlY3JldA=="
