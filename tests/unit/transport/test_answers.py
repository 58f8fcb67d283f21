"""What becomes of a provider's odd responses and broken connections."""

import contextlib
import email.utils
import math
import socket
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callvault import transport
from callvault.errors import RejectedError, UnavailableError
from tests.unit.transport.servers import (
    AUDIO,
    SLOW,
    Answer,
    Received,
    Server,
    endless,
    fetch,
    raw,
    reset,
    serving,
    source,
    status,
    unhurried,
)

# ---- other answers -------------------------------------------------------------------------------


@pytest.mark.loopback
@pytest.mark.parametrize(
    "code", [202, 204, *range(300, 309), 403, 404, 408, 409, 421, 423, 424, 425, 429, 499, 500, 503, 599]
)
def test_a_temporary_status_is_unavailable(provider: Server, code: int) -> None:
    provider.answers["/"] = status(code, retry_after=7)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert (caught.value.reason, caught.value.retry_after) == (f"http_{code}", 7)


@pytest.mark.loopback
@pytest.mark.parametrize("code", [201, 203, 206, 400, 402, 405, 406, 410, 414, 415, 416, 422, 428, 451])
def test_a_permanent_status_is_rejected(provider: Server, code: int) -> None:
    provider.answers["/"] = status(code)
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == f"http_{code}"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), (" 120 ", 120), (None, None), ("", None), ("-5", None), ("soon", None), ("1.5", None)],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert transport.retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    in_an_hour = email.utils.format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert transport.retry_after(in_an_hour) == pytest.approx(3600, abs=5)


def test_retry_after_as_a_past_date_is_now() -> None:
    assert transport.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@unhurried
@given(
    st.text() | st.from_regex(r"\w{3}, \d{1,30} (Jan|Oct) \d{1,30} \d+:\d+:\d+ ([A-Z]{3}|[+-]\d{1,30})", fullmatch=True)
)
@example("9" * 400)
@example("Wed, 21 Oct 99999999999999999999 07:28:00 GMT")
@example("Wed, 21 Oct 2015 07:28:00 +99999999999999999999")
@example("Wed, 21 Oct 2015 07:28:00 -0000")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
def test_no_retry_after_makes_reading_it_fail(value: str) -> None:
    seconds = transport.retry_after(value)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


# ---- connections that break ----------------------------------------------------------------------


@pytest.mark.loopback
@pytest.mark.parametrize(
    "answer",
    [
        reset,
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + AUDIO),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nRIFF.\r\n"),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n500\r\nRIFF."),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nRIFF"),
        raw(b""),
        raw(b"HTTP/1.1 2"),
        raw(b"RIFF....WAVE\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n"),
    ],
    ids=[
        "reset", "short", "no last chunk", "short chunk", "no chunk", "nothing", "half a line", "not HTTP",
        "many headers", "long header",
    ],
)  # fmt: skip
def test_an_incomplete_or_malformed_response_is_unavailable(provider: Server, answer: Answer) -> None:
    provider.answers["/"] = answer
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"


@pytest.mark.loopback
def test_a_chunked_body_with_its_last_chunk_is_complete(provider: Server) -> None:
    provider.answers["/"] = raw(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nRIFF.\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    assert fetch(provider) == b"RIFF.abc"


@pytest.mark.loopback
def test_an_unreachable_provider_is_unavailable() -> None:
    with serving() as server:
        pass
    with pytest.raises(UnavailableError) as caught:
        fetch(server)
    assert caught.value.reason == "unreachable"
    with pytest.raises(UnavailableError):
        transport.call("POST", f"{server.origin}/", headers={})


@pytest.mark.loopback
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found", b"HTTP/1.1 302 Found\r\nlocation: /audio"]
)
def test_an_unread_body_closes_the_connection(provider: Server, head: bytes) -> None:
    provider.answers["/"] = endless(head)(provider)
    with (
        contextlib.suppress(UnavailableError),
        transport.download(source(provider), f"{provider.origin}/") as response,
    ):
        assert response.status == 200
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
def test_an_error_while_reading_closes_the_connection_and_is_raised(provider: Server) -> None:
    provider.answers["/"] = endless(b"HTTP/1.1 200 OK")(provider)
    with pytest.raises(KeyError), transport.download(source(provider), f"{provider.origin}/"):
        raise KeyError("ours")
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
def test_a_redirect_that_is_not_followed_closes_the_connection(provider: Server) -> None:
    provider.answers["/"] = endless(b"HTTP/1.1 302 Found\r\nlocation: http://[::1")(provider)
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"
    assert provider.abandoned.wait(SLOW)


@pytest.mark.loopback
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + AUDIO])
def test_a_provider_that_stops_sending_is_unavailable(provider: Server, beginning: bytes) -> None:
    def stop(connection: socket.socket, _: Received) -> None:
        connection.sendall(beginning)
        provider.over.wait(SLOW)

    provider.answers["/"] = stop
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"
