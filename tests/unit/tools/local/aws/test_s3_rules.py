"""What the local S3 answers before moto, and which answers of moto it replaces."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tools.local.aws import s3_rules

S3 = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request"


class Bucket:
    """An application that has no object, and remembers the requests that it got."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer a request."""
        self.bodies.append(environ["wsgi.input"].read())
        status = {"DELETE": "204 NO CONTENT", "PUT": "200 OK"}.get(environ["REQUEST_METHOD"], "404 NOT FOUND")
        start_response(status, [])
        return [b""]


def environ(method: str, target: str, body: Any = b"", **headers: str) -> dict[str, Any]:
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    request = {"REQUEST_METHOD": method, "REQUEST_URI": target, "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": stream}
    signed = {"HTTP_AUTHORIZATION": S3, "HTTP_X_AMZ_CONTENT_SHA256": "UNSIGNED-PAYLOAD"}
    return request | {"CONTENT_LENGTH": "4"} | signed | named


def status(application: Any, request: dict[str, Any]) -> str:
    answers: list[str] = []
    b"".join(application(request, lambda answer, *_: answers.append(answer)))
    return answers[0].partition(" ")[0]


def test_a_request_is_forwarded_with_its_body() -> None:
    bucket = Bucket()

    assert status(s3_rules.refusing(bucket), environ("PUT", "/bucket/key", b"RIFF")) == "200"
    assert bucket.bodies == [b"RIFF"]


def test_a_refused_request_does_not_reach_the_bucket() -> None:
    bucket = Bucket()

    assert status(s3_rules.refusing(bucket), environ("PUT", "/bucket/" + "a" * 1025, b"RIFF")) == "400"
    assert bucket.bodies == []


def test_a_part_with_the_number_0_does_not_reach_the_bucket() -> None:
    application = s3_rules.refusing(Bucket())

    assert status(application, environ("PUT", "/bucket/key?partNumber=0&uploadId=u", b"RIFF")) == "400"
    assert status(application, environ("PUT", "/bucket/key?partNumber=1&uploadId=u", b"RIFF")) == "200"


def test_a_request_to_another_service_is_none_to_s3() -> None:
    request = environ("POST", "/", b"RIFF", content_md5="wrong", x_amz_target="AmazonSQS.SendMessage")
    signed = environ("POST", "/", b"RIFF", content_md5="wrong", authorization=S3.replace("/s3/", "/sts/"))

    assert status(s3_rules.refusing(Bucket()), request) == status(s3_rules.refusing(Bucket()), signed) == "404"


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"if_none_match": "*"}, "200"),
        ({"if_match": '"e"'}, "200"),
        ({"if_none_match": '"e"'}, "501"),
        ({"if_match": "*"}, "501"),
        ({"if_none_match": "*", "if_match": '"e"'}, "501"),
    ],
)
def test_a_write_has_one_condition_of_a_form_that_s3_knows(headers: dict[str, str], answer: str) -> None:
    assert status(s3_rules.refusing(Bucket()), environ("PUT", "/bucket/key", b"RIFF", **headers)) == answer


class SlowBody:
    """A body that is sent after another request was answered."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile

    def read(self, size: int) -> bytes:
        """Return the body after the other request was answered."""
        thread = threading.Thread(target=self._meanwhile)
        thread.start()
        thread.join()
        return b"RIFF"[:size]


@pytest.mark.parametrize(
    ("deleted", "condition", "answer"),
    [
        ("/bucket/key", {"if_none_match": "*"}, "409"),
        ("/bucket/key?versionId=v", {"if_none_match": "*"}, "409"),
        ("/bucket/other", {"if_none_match": "*"}, "200"),
        ("/bucket/key", {"if_match": '"e"'}, "200"),
        ("/bucket/key", {}, "200"),
    ],
)
def test_a_deletion_overtakes_a_write_that_needs_a_free_key(
    deleted: str, condition: dict[str, str], answer: str
) -> None:
    application = s3_rules.refusing(Bucket())
    body = SlowBody(lambda: status(application, environ("DELETE", deleted)))

    assert status(application, environ("PUT", "/bucket/key", body, **condition)) == answer
    assert status(application, environ("PUT", "/bucket/key", b"RIFF", **condition)) == "200"
