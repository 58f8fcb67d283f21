"""Requests that AWS refuses because of their signature."""

import re

import pytest

from tools.local.emulator.wire import Head
from tools.local.iam import authentication, signatures
from tools.local.iam.refusals import Refusal
from tools.local.iam.signatures import Signature

GOOD = "good/20261126/us-east-1"


def head(authorization: str | None = None, query: str = "") -> Head:
    named = (("authorization", authorization),) if authorization else ()
    return Head(method="GET", target=f"/b/k{query}", version="HTTP/1.1", headers=named)


def v4(scope: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={scope}/aws4_request, SignedHeaders=host, Signature=x"


def refusal(asked: Head, service: str) -> Refusal | None:
    return authentication.refusal(signatures.of(asked), {"good"}, service, "us-east-1")


def answered(asked: Head, service: str) -> tuple[int, str, str]:
    """Return the status, the code as botocore reads it, and the message."""
    found = refusal(asked, service)
    assert found
    text = found.body.decode().replace("&quot;", '"')
    code = re.search(r"<Code>(\w+)|#(\w+)", text)
    message = re.search(r"<Message>(.*)</Message>|\"message\": \"(.*)\"}", text)
    assert code
    assert message
    older = dict(found.headers).get("x-amzn-query-error", "").partition(";")[0]
    return found.status, older or code[1] or code[2], message[1] or message[2]


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("s3", 403, "AccessDenied"),
        ("sqs", 403, "MissingAuthenticationToken"),
        ("dynamodb", 400, "MissingAuthenticationTokenException"),
        ("ssm", 400, "MissingAuthenticationTokenException"),
        ("events", 400, "MissingAuthenticationTokenException"),
    ],
)
def test_a_request_without_a_signature_is_refused(service: str, status: int, code: str) -> None:
    for asked in (head(), head("Basic YTpi"), head(query="?X-Amz-Signature=x")):
        assert answered(asked, service)[:2] == (status, code)


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("s3", 403, "InvalidAccessKeyId"),
        ("sqs", 403, "InvalidClientTokenId"),
        ("dynamodb", 400, "UnrecognizedClientException"),
        ("ssm", 400, "UnrecognizedClientException"),
        ("events", 400, "UnrecognizedClientException"),
    ],
)
def test_a_key_that_does_not_exist_is_refused(service: str, status: int, code: str) -> None:
    assert answered(head(v4(f"other/20261126/us-east-1/{service}")), service)[:2] == (status, code)


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("sqs", 403, "SignatureDoesNotMatch"),
        ("dynamodb", 400, "InvalidSignatureException"),
        ("ssm", 400, "InvalidSignatureException"),
    ],
)
def test_a_scope_of_another_service_or_region_is_refused(service: str, status: int, code: str) -> None:
    message = f"Credential should be scoped to correct service: '{service}'."
    assert answered(head(v4(f"{GOOD}/s3")), service) == (status, code, message)
    message = "Credential should be scoped to a valid Region, not 'eu-west-1'."
    assert answered(head(v4(f"good/20261126/eu-west-1/{service}")), service) == (status, code, message)


@pytest.mark.parametrize(
    ("scope", "wrong"),
    [
        (f"{GOOD}/sqs", 'incorrect service "sqs". This endpoint belongs to "s3".'),
        ("good/20261126/eu-west-1/s3", "the region 'eu-west-1' is wrong; expecting 'us-east-1'"),
        ("good/us-east-1/s3", "the Credential is mal-formed"),
    ],
)
def test_s3_refuses_a_scope_in_its_own_words(scope: str, wrong: str) -> None:
    header = (400, "AuthorizationHeaderMalformed", f"The authorization header is malformed; {wrong}")
    assert answered(head(v4(scope)), "s3") == header
    url = (400, "AuthorizationQueryParametersError", f"Error parsing the X-Amz-Credential parameter; {wrong}")
    assert answered(head(query=f"?X-Amz-Credential={scope}/aws4_request"), "s3") == url


@pytest.mark.parametrize(("service", "code"), [("sqs", "IncompleteSignature"), ("ssm", "IncompleteSignatureException")])
@pytest.mark.parametrize(
    "asked",
    [
        head("AWS good:x"),
        head(query="?AWSAccessKeyId=good&Signature=x"),
        head(query=f"?X-Amz-Credential={GOOD}/sqs/aws4_request"),
        head("AWS4-HMAC-SHA256 SignedHeaders=host, Credential=good/20261126/us-east-1/sqs/aws4_request"),
    ],
)
def test_other_services_than_s3_want_version_4_in_the_header(asked: Head, service: str, code: str) -> None:
    assert answered(asked, service)[:2] == (400, code)


@pytest.mark.parametrize(
    ("asked", "service"),
    [
        (head(v4(f"{GOOD}/s3")), "s3"),
        (head(v4(f"{GOOD}/sqs")), "sqs"),
        (head("AWS good:signature"), "s3"),
        (head(query=f"?X-Amz-Credential={GOOD}/s3/aws4_request"), "s3"),
        (head(query="?AWSAccessKeyId=good&Signature=x"), "s3"),
    ],
)
def test_a_signature_of_a_known_key_for_its_service_is_in_order(asked: Head, service: str) -> None:
    assert refusal(asked, service) is None


def test_the_header_tells_whose_a_request_is_before_the_url_does() -> None:
    asked = head(v4(f"{GOOD}/s3"), "?X-Amz-Credential=other/20261126/us-east-1/s3/aws4_request")
    assert signatures.of(asked) == Signature(key="good", region="us-east-1", service="s3")
