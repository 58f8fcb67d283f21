"""HTTP requests to the local stack, and what a function gets and answers."""

import http.client
import json
import socket

from tests.e2e.local.small_stack import awkward, call, raw
from tools.local.stack import Stack


def test_a_request_becomes_an_event(local: Stack) -> None:
    status, body, headers = call(f"{local.url}/echo/a%20b/two?x=1&x=%2F&y", Cookie="a=1; b=2", X_Test="yes")

    event = json.loads(body)["event"]
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert event["routeKey"] == "GET /echo/{one}/two"
    assert event["pathParameters"] == {"one": "a b"}
    assert event["rawPath"] == "/echo/a b/two"
    assert event["rawQueryString"] == "x=1&x=%2F&y"
    assert event["queryStringParameters"] == {"x": "1,/", "y": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-test"] == "yes"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_a_form_is_sent_in_base64_and_json_as_text(local: Stack) -> None:
    _, form, _ = call(f"{local.url}/echo/x", "POST", b"a=b", Content_Type="application/x-www-form-urlencoded")
    _, text, _ = call(f"{local.url}/echo/x", "POST", b'{"a":1}', Content_Type="application/json; charset=utf-8")

    assert (json.loads(form)["event"]["body"], json.loads(form)["event"]["isBase64Encoded"]) == ("YT1i", True)
    assert (json.loads(text)["event"]["body"], json.loads(text)["event"]["isBase64Encoded"]) == ('{"a":1}', False)


def test_a_chunked_body_arrives_whole(local: Stack) -> None:
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/echo/x", iter([b"ab", b"cd"]), {"Content-Type": "text/plain"}, encode_chunked=True)
    event = json.loads(connection.getresponse().read())["event"]
    connection.close()

    assert event["body"] == "abcd"


def test_a_connection_carries_many_requests(local: Stack) -> None:
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=10)
    for number in range(3):
        connection.request("GET", f"/echo/{number}")
        assert json.loads(connection.getresponse().read())["event"]["rawPath"] == f"/echo/{number}"
    connection.close()


def test_a_response_has_the_functions_status_headers_and_cookies(local: Stack) -> None:
    status, body, headers = awkward(local, "shaped")

    assert (status, body, headers["x-number"]) == (201, b"\x00\xff", "5")
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert awkward(local, "empty")[:2] == (204, b"")


def test_head_gets_no_body(local: Stack) -> None:
    status, body, headers = call(f"{local.url}/echo/x", "HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_a_path_without_a_route_is_not_found(local: Stack) -> None:
    assert call(f"{local.url}/nothing")[:2] == (404, b'{"message":"Not Found"}')
    assert call(f"{local.url}/awkward/x")[0] == 404


def test_a_request_over_the_size_limit_is_refused(local: Stack) -> None:
    assert awkward(local, "fine", b"x" * (5 * 1024 * 1024))[0] == 413
    assert awkward(local, "fine", b"x" * (4 * 1024 * 1024))[0] == 200
    assert awkward(local, "fine", b"x" * (11 * 1024 * 1024))[:2] == (413, b'{"message":"Request Entity Too Large"}')


def test_bytes_that_are_not_http_are_a_bad_request(local: Stack) -> None:
    assert raw(local, b"\x00\x01\x02 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(local, b"GET /echo/x HTTP/1.1\r\nContent-Length: many\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(local, b"GET /echo/x HTTP/1.1\r\nno colon\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(local, b"").startswith(b"")


def test_bytes_that_are_not_utf8_reach_the_function_percent_encoded_in_the_query(local: Stack) -> None:
    answer = raw(local, b"GET /echo/\xff?q=\xe9&r=%E9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    event = json.loads(answer.partition(b"\r\n\r\n")[2])["event"]
    assert event["rawQueryString"] == "q=%E9&r=%E9"
    assert event["rawPath"] == "/echo/�"


def test_a_slow_client_does_not_stop_the_others(local: Stack) -> None:
    port = int(local.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST /echo/x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")

        assert call(f"{local.url}/echo/x")[0] == 200
