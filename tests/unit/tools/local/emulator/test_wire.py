"""How the local stack reads and writes HTTP messages."""

import io

import pytest

from tools.local.emulator import wire


def head(text: str) -> wire.Head:
    found = wire.read_head(io.BytesIO(text.encode("latin-1")))
    assert found
    return found


def body(text: str, content: bytes, limit: int = 100) -> bytes:
    return wire.read_body(io.BytesIO(content), head(text), limit)


def test_a_request_head_is_read_unchanged() -> None:
    found = head("POST /a%20b?x=\xe9 HTTP/1.1\r\nX-One: 1\r\nx-one:  2 \r\n\r\n")

    assert (found.method, found.target) == ("POST", "/a%20b?x=\xe9")
    assert found.header("x-one") == "1,2"
    assert found.header("x-two") is None


def test_the_end_of_a_connection_is_not_a_request() -> None:
    assert wire.read_head(io.BytesIO(b"")) is None


@pytest.mark.parametrize(
    "text",
    [
        "nonsense\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n folded: line\r\n\r\n",
        "GET / HTTP/1.1\r\nbroken: off",
    ],
)
def test_an_invalid_request_is_refused(text: str) -> None:
    with pytest.raises(wire.MalformedError):
        head(text)


def test_a_head_over_the_limit_is_refused() -> None:
    with pytest.raises(wire.TooLargeError):
        head(f"GET /{'x' * wire.MAX_LINE_BYTES} HTTP/1.1\r\n\r\n")
    with pytest.raises(wire.TooLargeError):
        head("GET / HTTP/1.1\r\n" + "a: b\r\n" * (wire.MAX_HEADERS + 1) + "\r\n")


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("GET / HTTP/1.1\r\n\r\n", True),
        ("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", False),
        ("GET / HTTP/1.0\r\n\r\n", False),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_a_connection_is_kept_open_as_the_client_requests(text: str, alive: bool) -> None:  # noqa: FBT001
    assert head(text).keeps_alive is alive


CHUNKED = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_chunks_are_joined() -> None:
    assert body(CHUNKED, b"3;name=value\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n") == b"abc0123456789"


@pytest.mark.parametrize("content", [b"x\r\n", b"-1\r\n", b"3\r\nab", b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc\r\n"])
def test_malformed_chunks_are_refused(content: bytes) -> None:
    with pytest.raises(wire.MalformedError):
        body(CHUNKED, content)


def test_a_body_has_a_limit() -> None:
    with pytest.raises(wire.TooLargeError):
        body(CHUNKED, b"3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n", limit=5)
    with pytest.raises(wire.TooLargeError):
        body("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n", b"abcdef", limit=5)


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: -1",
        "Content-Length: ²",
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 4",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
    ],
)
def test_a_body_of_ambiguous_length_is_refused(headers: str) -> None:
    with pytest.raises(wire.MalformedError):
        body(f"POST / HTTP/1.1\r\n{headers}\r\n\r\n", b"abc")


def test_a_response_has_a_length_where_http_allows_one() -> None:
    assert wire.response(200, [("x-a", "b")], b"abc") == b"HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 3\r\n\r\nabc"
    assert wire.response(200, [], b"abc", with_body=False) == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"
    assert wire.response(204, [], b"") == b"HTTP/1.1 204 No Content\r\n\r\n"
    assert wire.response(599, [], b"").startswith(b"HTTP/1.1 599 \r\n")
