"""What the guard answers to the requests of a function."""

import json
from typing import Any

import pytest

from tests.unit.tools.local.iam.guards import MEDIA, guard, head
from tools.local.emulator.wire import Head
from tools.local.iam.errors import DeniedError


def test_an_allowed_request_passes_and_counts_as_used() -> None:
    one = guard({"Action": ["s3:GetObject", "s3:PutObject"], "Resource": MEDIA})
    assert one.check("Fetch", head(), b"") is None
    assert list(map(str, one.used)) == [f"Fetch s3:GetObject {MEDIA}"]
    assert len(one.permissions()) == 2
    one.end()


def test_s3_answers_a_denied_request_in_xml() -> None:
    one = guard({"Action": "s3:PutObject", "Resource": MEDIA})
    refusal = one.check("Fetch", head(), b"")
    assert refusal
    assert refusal.status == 403
    assert refusal.body.decode() == (
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>User: "
        "arn:aws:sts::1:assumed-role/FetchRole/Fetch is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::b/media/a" because no identity-based policy allows the s3:GetObject action</Message></Error>'
    )
    with pytest.raises(DeniedError, match="Fetch was denied s3:GetObject on arn:aws:s3:::b/media/a"):
        one.end()


def test_an_answer_to_head_has_no_body() -> None:
    refusal = guard().check("Fetch", head("HEAD"), b"")
    assert refusal
    assert refusal.wire(with_body=False).partition(b"\r\n\r\n")[2] == b""


@pytest.mark.parametrize(
    ("target", "body", "status", "name"),
    [
        ("DynamoDB_20120810.GetItem", {"TableName": "t", "Key": {}}, 400, None),
        ("AmazonSSM.GetParameter", {"Name": "/a"}, 400, None),
        ("AmazonSQS.SendMessage", {"QueueUrl": "http://x/1/q"}, 403, "AccessDenied;Sender"),
    ],
)
def test_the_other_services_answer_in_json(target: str, body: dict[str, Any], status: int, name: str | None) -> None:
    refusal = guard().check("Fetch", head("POST", "/", x_amz_target=target), json.dumps(body).encode())
    assert refusal
    assert (refusal.status, dict(refusal.headers).get("x-amzn-query-error")) == (status, name)
    assert json.loads(refusal.body)["__type"].endswith("#AccessDeniedException")


def test_a_request_that_is_not_known_is_refused_and_fails_the_run() -> None:
    one = guard({"Action": "*", "Resource": "*"})
    assert one.check("Fetch", head(target="/b/media/a?torrent"), b"")
    with pytest.raises(DeniedError, match="torrent"):
        one.end()


def test_a_browsers_question_needs_no_permission() -> None:
    assert guard().refusal(head("OPTIONS"), b"") is None


def test_requests_count_as_tls() -> None:
    tls_only = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}
    allowed = {"Action": "s3:*", "Resource": "*"}
    for wanted, refused in (("false", False), ("true", True)):
        condition = {"Bool": {"aws:SecureTransport": wanted}}
        one = guard(allowed, resource_policy=({**tls_only, "Condition": condition},))
        assert bool(one.check("Fetch", head(), b"")) is refused


def test_a_missing_object_is_hidden_from_a_function_that_may_not_list() -> None:
    reading = {"Action": "s3:GetObject", "Resource": MEDIA}
    refusal = guard(reading).missing("Fetch", head())
    assert refusal
    assert refusal.status == 403
    listing = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}
    assert guard(reading, listing).missing("Fetch", head()) is None


def test_so_is_it_from_a_write_that_names_its_etag() -> None:
    assert guard().missing("Fetch", head("PUT", if_match='"e"'))
    assert guard().missing("Fetch", head("POST", "/b/media/a?uploadId=u", if_match='"e"'))


@pytest.mark.parametrize(
    "request_",
    [
        head("PUT"),
        head("POST", "/b/media/a?uploadId=u"),
        head(target="/b/media/a?uploadId=u"),
        head(target="/b/media/a?tagging"),
        head("DELETE"),
        head("POST", "/", x_amz_target="AmazonSSM.GetParameter"),
    ],
)
def test_other_404s_stay(request_: Head) -> None:
    assert guard().missing("Fetch", request_) is None


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (head("PUT", "/b/k", content_type="application/x-www-form-urlencoded"), b"hello"),
        (head("POST", "/", x_amz_target="DynamoDB_20120810.GetItem"), b"not json"),
        (head("POST", "/", x_amz_target="AmazonSQS.SendMessage"), b"{}"),
    ],
)
def test_a_malformed_request_is_a_fault(asked: Head, body: bytes) -> None:
    made = guard({"Action": "*", "Resource": "*"})
    assert made.check("Fetch", asked, body) is not None
    with pytest.raises(DeniedError):
        made.end()
