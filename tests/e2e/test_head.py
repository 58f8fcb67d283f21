"""HEAD through the gateway has the status and the headers of GET in every dialect, and no body."""

import http.client
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from callvault import times
from callvault.models import State
from tests import worlds
from tests.e2e import archive
from tools.local.stack import Stack

ACCOUNT, RECORDING, CALL = "head-1", "r-1", "c-1"
BANDWIDTH = f"/api/v2/accounts/{ACCOUNT}"
KAZOO = f"/v2/accounts/{ACCOUNT}"
TWILIO, SIGNALWIRE = (f"{root}/2010-04-01/Accounts/{ACCOUNT}" for root in ("", "/api/laml"))
RELAY = "/api/relay/rest/recordings"
DOCUMENTS = [
    f"{BANDWIDTH}/recordings/{RECORDING}",
    f"{BANDWIDTH}/calls/{CALL}/recordings/{RECORDING}",
    f"{KAZOO}/recordings/{RECORDING}",
    f"{TWILIO}/Recordings/{RECORDING}.json",
    f"{SIGNALWIRE}/Recordings/{RECORDING}.json",
    f"{RELAY}/{RECORDING}",
]
MEDIA = [
    f"{BANDWIDTH}/recordings/{RECORDING}/media",
    f"{KAZOO}/recordings/{RECORDING}?accept=audio/mpeg",
    f"{KAZOO}/recordings/{RECORDING}/attachment",
    f"{TWILIO}/Recordings/{RECORDING}",
    f"{SIGNALWIRE}/Calls/{CALL}/Recordings/{RECORDING}.wav",
    f"{RELAY}/{RECORDING}/download",
]
LISTS = [
    f"{BANDWIDTH}/calls/{CALL}/recordings",
    f"{KAZOO}/recordings?filter_call_id={CALL}",
    f"{TWILIO}/Recordings.json?CallSid={CALL}",
    f"{SIGNALWIRE}/Recordings.json?CallSid={CALL}",
]
CHANGING = {"apigw-requestid", "date", "x-request-id"}
"""Headers that differ from request to request."""


@pytest.fixture(scope="module", autouse=True)
def archived(stack: Stack) -> None:
    stack.put_account(ACCOUNT, worlds.parameter("bandwidth", readers=[archive.READER]))
    start = times.now() - timedelta(minutes=1)
    row = worlds.recording(
        RECORDING,
        account_id=ACCOUNT,
        call_id=CALL,
        state=State.VERIFIED,
        start_time=start,
        listed_at=f"{times.write(start)}#{RECORDING}",
        media=worlds.media(),
        revision=1,
    )
    archive.put_row(stack, row)


@pytest.fixture
def connection(stack: Stack) -> Iterator[http.client.HTTPConnection]:
    """Give one connection to the gateway.

    A body after an answer to HEAD would be read as the next answer.
    """
    opened = http.client.HTTPConnection(urlsplit(stack.url).netloc, timeout=60)
    yield opened
    opened.close()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, secret: str = archive.SECRET
) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, headers=worlds.basic_header(ACCOUNT, secret))
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in CHANGING}
    return answer.status, headers, answer.read()


@pytest.mark.parametrize("path", [*DOCUMENTS, *LISTS])
def test_head_of_a_document_or_a_list_is_get_without_the_body(
    connection: http.client.HTTPConnection, path: str
) -> None:
    status, headers, body = ask(connection, "HEAD", path)
    assert body == b""
    assert (status, headers) == ask(connection, "GET", path)[:2]
    assert (status, headers["content-type"]) == (200, "application/json")
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize("path", MEDIA)
def test_head_of_media_redirects_as_get_does(connection: http.client.HTTPConnection, path: str) -> None:
    status, headers, body = ask(connection, "HEAD", path)
    again, others, _ = ask(connection, "GET", path)
    assert (status, again, body) == (302, 302, b"")
    assert headers.keys() == others.keys()
    assert headers["location"].partition("X-Amz-")[0] == others["location"].partition("X-Amz-")[0]


@pytest.mark.parametrize("path", [*DOCUMENTS, *MEDIA, *LISTS])
def test_head_with_a_wrong_secret_is_refused_as_get_is(connection: http.client.HTTPConnection, path: str) -> None:
    status, headers, body = ask(connection, "HEAD", path, "wrong")
    assert (status, body) == (401, b"")
    assert (status, headers) == ask(connection, "GET", path, "wrong")[:2]


def test_a_document_that_did_not_change_is_a_304(connection: http.client.HTTPConnection) -> None:
    path = f"{KAZOO}/recordings/{RECORDING}"
    etag = ask(connection, "HEAD", path)[1]["etag"]
    known = worlds.basic_header(ACCOUNT, archive.SECRET) | {"if-none-match": etag}
    connection.request("HEAD", path, headers=known)
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("etag"), answer.read()) == (304, etag, b"")
