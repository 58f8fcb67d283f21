"""The events that the local HTTP API sends, and the responses that it accepts."""

import json
from typing import Any

import pytest

from tools.local.emulator import http_event
from tools.local.emulator.wire import Head


def event(headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
    head = Head(method="POST", target="/", version="HTTP/1.1", headers=tuple(headers.items()))
    return http_event.build(head, body, path="/", query="", route_key="POST /", variables={}, peer="10.0.0.9", port=80)


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a/b?x=1&y=%20+", "/a/b", "x=1&y=%20+"),
        ("/a%20b%2Fc", "/a b/c", ""),
        ("/a%3Fb?c", "/a", "c"),
        ("/a?b?c=d", "/a", "b?c=d"),
        ("/%FF", "/�", ""),
        ("/\xc3\xa9?\xc3\xa9", "/é", "%C3%A9"),
        ("//a//b", "//a//b", ""),
        ("http://example.com/a?b", "/a", "b"),
        ("/a#b?c", "/a", ""),
    ],
)
def test_a_path_is_decoded_and_a_query_is_not(target: str, path: str, query: str) -> None:
    assert http_event.split_target(target) == (path, query)


@pytest.mark.parametrize(
    ("content_type", "body", "sent", "encoded"),
    [
        ("application/json", b'{"a":1}', '{"a":1}', False),
        ("Application/JSON; charset=utf-8", "é".encode(), "é", False),
        ("text/xml", b"<a/>", "<a/>", False),
        ("text/plain", b"\xff", "/w==", True),
        ("application/x-www-form-urlencoded", b"a=b", "YT1i", True),
        ("audio/wav", b"RIFF", "UklGRg==", True),
        ("", b"abc", "YWJj", True),
    ],
)
def test_a_body_is_text_only_if_its_content_type_is_text(
    content_type: str,
    body: bytes,
    sent: str,
    encoded: bool,  # noqa: FBT001
) -> None:
    found = event({"content-type": content_type}, body)

    assert (found["body"], found["isBase64Encoded"]) == (sent, encoded)


def test_an_event_of_a_request_without_a_body_has_none() -> None:
    found = event({"host": "example.com:8080", "user-agent": "curl"})

    assert "body" not in found
    assert "cookies" not in found
    assert "pathParameters" not in found
    assert "queryStringParameters" not in found
    assert found["requestContext"]["domainName"] == "example.com:8080"
    assert found["requestContext"]["domainPrefix"] == "example"
    assert found["requestContext"]["http"]["userAgent"] == "curl"


def test_the_gateway_adds_itself_to_the_forwarded_headers() -> None:
    found = event({"x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "https", "connection": "close"})

    assert found["headers"]["x-forwarded-for"] == "1.2.3.4,10.0.0.9"
    assert found["headers"]["x-forwarded-proto"] == "http"
    assert "connection" not in found["headers"]


def test_an_answer_without_a_status_is_a_success() -> None:
    found = http_event.read_response(b'{"a": 1}')

    assert (found.status, found.headers, found.body) == (200, (("content-type", "application/json"),), b'{"a": 1}')
    assert http_event.read_response(b'"text"').body == b"text"


def test_a_response_has_the_functions_status_headers_and_cookies() -> None:
    answer = {"statusCode": 302, "headers": {"Location": "/x", "Content-Length": 9, "X-B": True}, "cookies": ["a=b"]}

    found = http_event.read_response(json.dumps(answer).encode())

    assert (found.status, found.body) == (302, b"")
    assert found.headers == (("location", "/x"), ("x-b", "true"), ("set-cookie", "a=b"))


def test_the_gateway_renames_the_challenge_of_a_401() -> None:
    answer = {"statusCode": 401, "headers": {"WWW-Authenticate": 'Basic realm="x"'}}

    found = http_event.read_response(json.dumps(answer).encode())

    assert found.headers == (("x-amzn-remapped-www-authenticate", 'Basic realm="x"'),)


@pytest.mark.parametrize(
    "answer",
    [
        "not json",
        '{"statusCode": "many"}',
        '{"statusCode": 99}',
        '{"statusCode": 200, "headers": "x"}',
        '{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}',
        '{"statusCode": 200, "body": {"a": 1}}',
        '{"statusCode": 200, "body": "?", "isBase64Encoded": true}',
    ],
)
def test_an_invalid_response_is_refused(answer: str) -> None:
    with pytest.raises(http_event.InvalidResponseError):
        http_event.read_response(answer.encode())
