"""Calls of an API, and requests to URLs that a user chose."""

import gzip

import pytest

from callvault import transport
from callvault.errors import RejectedError, UnavailableError
from callvault.transport import connections
from tests.unit.transport.servers import AUDIO, SLOW, Public, Server, endless, fetch, raw, redirect, reset, status

# ---- calls of an API -----------------------------------------------------------------------------


@pytest.mark.loopback
def test_a_call_sends_its_request_and_returns_the_response(provider: Server) -> None:
    provider.answers["/token"] = status(201, b'{"a": 1}', x_request="r1")
    answer = transport.call("POST", f"{provider.origin}/token", headers={"authorization": "Basic x"}, body=b"a=b")
    assert (answer.status, answer.body, answer.headers["x-request"]) == (201, b'{"a": 1}', "r1")
    (received,) = provider.received
    assert (received.authorization, received.body) == ("Basic x", b"a=b")


@pytest.mark.loopback
def test_a_call_does_not_follow_redirects(provider: Server, other: Server) -> None:
    provider.answers["/token"] = redirect(f"{other.origin}/audio")
    answer = transport.call("POST", f"{provider.origin}/token", headers={"authorization": "Basic x"})
    assert (answer.status, other.received) == (302, [])


@pytest.mark.loopback
@pytest.mark.parametrize("code", [401, 429, 503])
def test_a_call_returns_a_response_of_any_status(provider: Server, code: int) -> None:
    provider.answers["/token"] = status(code, b"no")
    answer = transport.call("GET", f"{provider.origin}/token", headers={})
    assert (answer.status, answer.body) == (code, b"no")
    assert len(provider.received) == 1


@pytest.mark.loopback
def test_a_call_with_an_incomplete_response_is_unavailable(provider: Server) -> None:
    provider.answers["/token"] = reset
    with pytest.raises(UnavailableError) as caught:
        transport.call("GET", f"{provider.origin}/token", headers={})
    assert caught.value.reason == "unreachable"


@pytest.mark.loopback
def test_a_call_does_not_read_an_endless_response(provider: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_BODY_BYTES", 100_000)
    provider.answers["/token"] = endless(b"HTTP/1.1 200 OK")(provider)
    assert len(transport.call("GET", f"{provider.origin}/token", headers={}).body) == 100_000
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
def test_a_call_with_a_response_that_is_too_slow_is_unavailable(
    provider: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_BODY_SECONDS", 0.0)
    provider.answers["/token"] = endless(b"HTTP/1.1 200 OK")(provider)
    with pytest.raises(UnavailableError) as caught:
        transport.call("GET", f"{provider.origin}/token", headers={})
    assert caught.value.reason == "too_slow"
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 1000,
        b"HTTP/1.1 200 OK\r\nx-a: " + b"b" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK" + b"!" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"f" * 100_000,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnothing\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 many OK\r\n\r\n",
    ],
    ids=[
        "headers",
        "header",
        "status line",
        "chunk line",
        "no chunk",
        "negative chunk",
        "version",
        "status",
    ],
)
def test_a_malformed_response_head_is_unavailable(provider: Server, head: bytes) -> None:
    provider.answers["/audio"] = raw(head)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider, "/audio")
    assert caught.value.reason == "unreachable"
    with pytest.raises(UnavailableError):
        transport.call("GET", f"{provider.origin}/audio", headers={})


@pytest.mark.loopback
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_body_that_is_compressed_unasked_is_not_decompressed(provider: Server, coding: str) -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    provider.answers["/audio"] = status(200, bomb, content_encoding=coding)
    assert fetch(provider, "/audio") == bomb
    assert transport.call("GET", f"{provider.origin}/audio", headers={}).body == bomb


def test_a_call_to_an_invalid_url_is_unavailable() -> None:
    with pytest.raises(UnavailableError) as caught:
        transport.call("POST", "https://", headers={})
    assert caught.value.reason == "unreachable"


# ---- addresses that a user named -----------------------------------------------------------------


def send(url: str, *trusted: str, headers: dict[str, str] | None = None) -> int:
    return transport.send("POST", url, headers or {}, b"a=b", trusted=trusted).status


@pytest.mark.loopback
def test_a_request_goes_to_the_public_address_that_was_checked(public: Public) -> None:
    public.server.answers["/hook?a=%20"] = status(204)
    assert send(public.url(path="/hook?a=%20"), headers={"x-signature": "s"}) == 204
    (received,) = public.server.received
    assert received.body == b"a=b"
    assert received.headers["host"] == f"media.example:{public.server.port}"
    assert received.headers["x-signature"] == "s"
    assert received.authorization is None
    assert public.asked_for == ["media.example"]


@pytest.mark.loopback
def test_a_request_to_a_trusted_origin_is_not_checked(other: Server) -> None:
    other.answers["/hook"] = status(200, AUDIO)
    assert send(f"{other.origin}/hook", other.origin) == 200
    assert other.received[0].body == b"a=b"


@pytest.mark.loopback
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://127.0.0.1/", "https://10.0.0.1/", "https://", "x", "https://[::1"]
)
def test_a_request_to_any_other_address_is_rejected(url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        send(url, "http://127.0.0.1:9")
    assert caught.value.reason == "forbidden_address"


@pytest.mark.loopback
def test_a_redirect_of_a_users_server_is_not_followed(public: Public, other: Server) -> None:
    public.server.answers["/hook"] = redirect(f"{other.origin}/audio", 307)
    assert send(public.url(path="/hook"), other.origin) == 307
    assert other.received == []


@pytest.mark.loopback
def test_an_unreachable_users_server_is_unavailable(other: Server) -> None:
    other.answers["/hook"] = raw(b"")
    with pytest.raises(UnavailableError) as caught:
        send(f"{other.origin}/hook", other.origin)
    assert caught.value.reason == "unreachable"


@pytest.mark.loopback
def test_the_response_body_of_a_users_server_is_not_read(other: Server) -> None:
    other.answers["/hook"] = endless(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999")(other)
    assert send(f"{other.origin}/hook", other.origin) == 200
    assert other.abandoned.wait(SLOW)
