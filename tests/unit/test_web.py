"""What the HTTP API hands on becomes a request, and a response what it wants back."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import times, urls, web
from callvault.errors import (
    ConfigurationError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RequestError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.web import Request, Response

unhurried = settings(deadline=None)
"""The machine may be busy with other things."""
texts = st.dictionaries(st.text(), st.text())


def event(**fields: Any) -> dict[str, Any]:
    """Return the smallest event that the HTTP API sends, with some fields more."""
    context = {"http": {"method": "POST"}} | fields.pop("context", {})
    return {"rawPath": "/", "requestContext": context} | fields


def read(sent: dict[str, Any], max_bytes: int = 1000) -> Request:
    return web.read(sent, max_bytes)


def test_a_request_has_the_time_when_it_arrived() -> None:
    arrived = read(event(context={"timeEpoch": 1_764_176_400_123})).arrived
    assert times.write(arrived) == "2025-11-26T17:00:00.123Z"
    assert abs((read(event()).arrived - times.now()).total_seconds()) < 5


def test_the_bytes_of_a_body_are_preserved() -> None:
    assert read(event(body="naïve")).body == "naïve".encode()
    content = bytes(range(256))
    assert read(event(body=base64.b64encode(content).decode(), isBase64Encoded=True)).body == content


@pytest.mark.parametrize("size", [998, 999, 1000, 1001, 1002, 1003])
def test_a_body_over_the_limit_is_not_decoded(size: int) -> None:
    content = b"x" * size
    for sent in (
        event(body=content.decode()),
        event(body=base64.b64encode(content).decode(), isBase64Encoded=True),
        event(body="ü" * (size // 2) + "x" * (size % 2)),
    ):
        request = read(sent)
        assert (len(request.body), request.excess_bytes) == ((size, 0) if size <= 1000 else (0, size))
        if size > 1000:
            with pytest.raises(TooLargeError, match=f"{size} bytes"):
                web.check_size(request)
        else:
            web.check_size(request)


def test_the_json_of_a_body_is_read_once_and_only_if_it_is_an_object() -> None:
    request = Request(method="POST", path="/", body=b'{"a": [1]}')
    assert request.json_object == {"a": [1]}
    assert request.json_object is request.json_object
    assert request.query is request.query
    for body in (b"", b"[1]", b"{", b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 100_000):
        assert Request(method="POST", path="/", body=body).json_object == {}


def test_missing_members_of_an_event_are_empty() -> None:
    request = read(event())
    assert (request.body, request.raw_query, request.parameters, request.headers) == (b"", "", {}, {})


@pytest.mark.parametrize("name", ["body", "pathParameters"])
def test_null_counts_as_missing(name: str) -> None:
    assert read(event(**{name: None})) == read(event())


def test_the_names_of_headers_are_in_lower_case() -> None:
    assert read(event(headers={"X-Auth-Token": "A.b"})).headers == {"x-auth-token": "A.b"}


def test_the_raw_query_is_unchanged() -> None:
    assert read(event(rawQueryString="b=%2F&a=+&b=2")).raw_query == "b=%2F&a=+&b=2"


@pytest.mark.parametrize(
    ("stage", "path", "origin"),
    [
        ("$default", "/prod/x", "https://api.example.org"),
        ("prod", "/x", "https://api.example.org/prod"),
    ],
)
def test_a_stage_is_part_of_the_origin_and_not_of_the_path(stage: str, path: str, origin: str) -> None:
    request = read(event(rawPath="/prod/x", context={"stage": stage, "domainName": "api.example.org"}))
    assert (request.path, request.origin) == (path, origin)


def test_the_origin_has_the_scheme_that_the_caller_used() -> None:
    context = {"domainName": "127.0.0.1:8080"}
    assert read(event(context=context, headers={"X-Forwarded-Proto": "http"})).origin == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "scheme", ["https", "ftp", "HTTP", "", "https,http", "javascript", "http://evil.example.com/?"]
)
def test_a_scheme_that_is_not_http_counts_as_https(scheme: str) -> None:
    request = read(event(context={"domainName": "api.example.org"}, headers={"x-forwarded-proto": scheme}))
    assert request.origin == "https://api.example.org"


@unhurried
@given(texts, st.text(), st.text(), st.text(), texts)
def test_no_text_makes_reading_a_request_fail(
    headers: dict[str, str], path: str, query: str, body: str, parameters: dict[str, str]
) -> None:
    request = read(event(headers=headers, rawPath=path, rawQueryString=query, body=body, pathParameters=parameters))
    assert request.body.decode() == body
    assert all(isinstance(value, str) for value in request.query.values())
    assert request.basic() is None or request.headers["authorization"]


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("a=1&a=2", {"a": "1"}),
        ("a=&b", {"a": "", "b": ""}),
        ("from=%2B1555&name=a+b", {"from": "+1555", "name": "a b"}),
        ("a=%FF", {"a": "\N{REPLACEMENT CHARACTER}"}),
        ("", {}),
    ],
)
def test_the_query_is_decoded_and_the_first_of_a_repeated_parameter_counts(raw: str, query: dict[str, str]) -> None:
    assert Request(method="GET", path="/", raw_query=raw).query == query


def authorized(header: str) -> Request:
    return Request(method="GET", path="/", headers={"authorization": header})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("scheme", ["Basic ", "basic ", "BASIC   "])
def test_basic_is_read_in_any_case_and_a_password_may_have_colons(scheme: str) -> None:
    assert authorized(scheme + encoded("user:pass:ü")).basic() == ("user", "pass:ü")


def test_user_and_password_may_be_empty() -> None:
    assert authorized("Basic " + encoded(":")).basic() == ("", "")


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ", "Basic !!!!", "Basic YTpi=", "Basic ünicode", "Bearer " + encoded("a:b"),
     "Basic " + encoded("no colon"), "Basic " + base64.b64encode(b"\xff:\xff").decode()],
)  # fmt: skip
def test_any_authorization_but_valid_basic_is_none(header: str) -> None:
    assert authorized(header).basic() is None


def test_a_request_without_the_header_has_no_credentials() -> None:
    assert Request(method="GET", path="/").basic() is None


def test_a_response_is_written_for_the_http_api() -> None:
    response = Response(status=200, headers={"content-type": "text/xml"}, body="<Response/>")
    assert web.write(response) == {"statusCode": 200, "headers": {"content-type": "text/xml"}, "body": "<Response/>"}


def test_bytes_are_written_as_they_are() -> None:
    content = bytes(range(256))
    written = web.write(Response(status=200, content=content))
    assert written["isBase64Encoded"] is True
    assert base64.b64decode(written["body"]) == content


def test_json_is_compact_unicode_with_its_type() -> None:
    response = web.json_response(201, {"name": "ü", "list": [1]}, {"x-page": "2"})
    assert response == Response(
        status=201, headers={"content-type": "application/json", "x-page": "2"}, body='{"name":"ü","list":[1]}'
    )


@pytest.mark.parametrize(
    ("error", "status", "content"),
    [
        (InvalidRequestError("from", "wrong"), 400, {"error": "invalid_request", "message": "wrong", "field": "from"}),
        (UnauthenticatedError("who?"), 401, {"error": "unauthenticated", "message": "who?"}),
        (ForbiddenError("no"), 403, {"error": "forbidden", "message": "no"}),
        (NotFoundError("none"), 404, {"error": "not_found", "message": "none"}),
        (TooLargeError("long"), 413, {"error": "too_large", "message": "long"}),
    ],
)
def test_a_refusal_describes_the_senders_error(error: RequestError, status: int, content: dict[str, str]) -> None:
    response = web.refusal(error)
    assert (response.status, json.loads(response.body)) == (status, content)
    assert "www-authenticate" not in response.headers


def test_a_challenge_is_a_header_of_the_response() -> None:
    assert web.refusal(UnauthenticatedError("who?", "Basic")).headers["www-authenticate"] == "Basic"


def test_a_wrong_configuration_is_not_the_callers_fault() -> None:
    assert not isinstance(ConfigurationError("a1", ["api"]), RequestError)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTPS://Voice.Example.COM/a?b#c", "https://voice.example.com"),
        ("https://voice.example.com:443", "https://voice.example.com"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://voice.example.com:80", "https://voice.example.com:80"),
        ("https://voice.example.com:8443/x", "https://voice.example.com:8443"),
        ("https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443"),
        ("https://user:pass@voice.example.com/", "https://voice.example.com"),
    ],
)
def test_an_origin_is_normalized(url: str, origin: str) -> None:
    assert urls.origin_of(url) == origin
    assert urls.origin_of(origin) == origin


@pytest.mark.parametrize(
    "url",
    ["", "voice.example.com", "/path", "https://", "https://:443", "https://[::1", "https://a:b", "https://a:99999"],
)
def test_a_url_without_an_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        urls.origin_of(url)


def test_a_lone_surrogate_is_replaced() -> None:
    odd = {
        "rawPath": "/\ud800",
        "rawQueryString": "a=\udfff",
        "headers": {"X-A\ud800": "\ud800"},
        "pathParameters": {"name": "\ud800"},
        "body": "\ud800",
        "requestContext": {"http": {"method": "GET"}},
    }
    request = read(odd)
    assert (request.path, request.raw_query, request.body) == ("/?", "a=?", b"?")
    assert (dict(request.headers), dict(request.parameters)) == ({"x-a?": "?"}, {"name": "?"})


@pytest.mark.parametrize(("seconds", "header"), [(None, "5"), (0, "0"), (2.1, "3"), (60, "60")])
def test_retry_after_is_in_whole_seconds_or_the_default(seconds: float | None, header: str) -> None:
    assert web.retry_after(UnavailableError("busy", "Try again later.", seconds)) == {"retry-after": header}


@pytest.mark.parametrize(
    ("sent", "same"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("a", False), ("", False)],
)
def test_if_none_match_compares_etags_weakly(sent: str, *, same: bool) -> None:
    request = Request(method="GET", path="/", headers={"if-none-match": sent})
    assert web.is_not_modified(request, '"a"') is same


def test_without_if_none_match_a_representation_counts_as_modified() -> None:
    assert not web.is_not_modified(Request(method="GET", path="/"), '"a"')
