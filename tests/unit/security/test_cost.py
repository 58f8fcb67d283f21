"""Before a sender is authenticated, its request costs little time and memory, whatever it sends."""

import base64
import itertools
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from callvault import dialects
from callvault.dialects.bandwidth import oauth
from callvault.ingest import callbacks, kazoo_uploads
from callvault.web import Request
from functions.control_recording import app as control_recording
from functions.ingest_callback import app as ingest_callback
from functions.query_recordings import app as query_recordings
from functions.receive_upload import app as receive_upload
from tests import worlds
from tests.integration import events

MIB = 1024 * 1024
LARGEST = 6 * MIB
"""Lambda limits an event to 6 MB."""
QUERIES: list[tuple[Any, str, str]] = [
    (query_recordings, "POST", oauth.PATH),
    (query_recordings, "PATCH", "/v2/accounts/acme/recordings/r1"),
    (query_recordings, "POST", "/v2/accounts/acme/recordings"),
    (query_recordings, "PUT", "/v2/api_auth"),
    (query_recordings, "GET", "/api/v2/accounts/acme/recordings"),
    (control_recording, "PUT", "/api/v2/accounts/acme/calls/c1/recording"),
    (control_recording, "POST", "/2010-04-01/Accounts/acme/Calls/c1/Recordings.json"),
]
RECEIVERS: list[tuple[Any, str, str]] = [
    *((ingest_callback, "POST", f"/callbacks/{provider}/acme") for provider in ("bandwidth", "kazoo", "twilio")),
    (receive_upload, "PUT", "/uploads/kazoo/k1/x"),
]


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account(readers=[worlds.reader("ops")], callback={"token": "t"})
    worlds.put_account("k1", "kazoo", callback={"token": "t", "username": "u", "password": "p"})


def event(method: str, path: str, body: str, *, encoded: bool, **headers: str) -> dict[str, Any]:
    parameters = dict(zip(("", "kind", "provider", "account_id", "token"), path.split("/"), strict=False))
    made = events.http(method, path, headers=headers, parameters=parameters)
    text = base64.b64encode(body.encode()).decode() if encoded else body
    return made | {"body": text[: LARGEST // 4 * 4], "isBase64Encoded": encoded}


def cost(handler: Callable[..., Any], sent: dict[str, Any]) -> tuple[dict[str, Any], float, int]:
    """Return an answer, the CPU time that it took, in seconds, and the most memory, in bytes."""

    def run() -> dict[str, Any]:
        return dict(handler(sent, events.context()))

    run()  # what is read or imported once, such as the account, does not count
    began = time.process_time()
    answer = run()
    seconds = time.process_time() - began
    tracemalloc.start()
    run()
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return answer, seconds, memory


@pytest.mark.parametrize(("function", "method", "path"), [*QUERIES, *RECEIVERS])
@pytest.mark.parametrize("encoded", [True, False])
def test_a_body_of_six_megabytes_is_refused_unread(function: Any, method: str, path: str, encoded: bool) -> None:  # noqa: FBT001
    for unit in ("a&", '{"a":', "["):
        sent = event(method, path, unit * (LARGEST // len(unit)), encoded=encoded)
        answer, seconds, memory = cost(function.handler, sent)
        assert answer["statusCode"] in ({403} if function is receive_upload else {413})
        assert memory < MIB
        assert seconds < 0.2


@pytest.mark.parametrize(("function", "method", "path"), QUERIES)
def test_the_largest_body_of_a_query_costs_little(function: Any, method: str, path: str) -> None:
    for unit in ("a&", '{"a":', "[", '{"a":1,"a":1},'):
        body = (unit * dialects.MAX_BODY_BYTES)[: dialects.MAX_BODY_BYTES]
        sent = event(method, path, body, encoded=True)
        answer, seconds, memory = cost(function.handler, sent)
        assert 400 <= answer["statusCode"] < 500
        assert answer["statusCode"] != 413
        assert memory < 4 * MIB
        assert seconds < 0.2


@pytest.mark.parametrize("provider", ["bandwidth", "kazoo"])
def test_the_largest_callback_costs_little(provider: str) -> None:
    secrets = {"kazoo": {"hmac_key": "key"}, "bandwidth": {"token": "t"}}[provider]
    worlds.put_account(provider=provider, callback=secrets)
    for unit in ("a&", '{"a":', "[", '{"data":{"a":1,"a":1},'):
        body = (unit * callbacks.MAX_BODY_BYTES)[: callbacks.MAX_BODY_BYTES]
        sent = event("POST", f"/callbacks/{provider}/acme", body, encoded=True)
        answer, seconds, memory = cost(ingest_callback.handler, sent)
        assert 400 <= answer["statusCode"] < 500
        assert memory < 4 * MIB
        assert seconds < 0.3


def test_credentials_in_a_header_are_checked_before_the_body_is_read() -> None:
    form = "a&" * (oauth.MAX_FIELDS + 1)
    statuses = []
    for secret in ("wrong", "ops"):
        headers = worlds.basic_header("acme", secret)
        request = Request(method="POST", path=oauth.PATH, headers=headers, body=form.encode())
        statuses.append(dialects.answer(request).status)
    assert statuses == [401, 400]


def test_an_upload_over_the_limit_is_measured_only_for_an_authenticated_sender() -> None:
    body = "x" * (kazoo_uploads.MAX_BODY_BYTES + 1)
    statuses = []
    for token, password in itertools.product(("t", "wrong"), ("p", "wrong")):
        sent = event("PUT", f"/uploads/kazoo/k1/{token}", body, encoded=True, **worlds.basic_header("u", password))
        statuses.append(receive_upload.handler(sent, events.context())["statusCode"])
    assert statuses == [413, 401, 403, 403]
