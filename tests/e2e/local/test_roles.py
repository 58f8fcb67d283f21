"""The roles of functions are enforced, in requests and in presigned URLs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.local.small_stack import call
from tools.local.iam.errors import DeniedError
from tools.local.stack import Stack
from tools.local.start import running

BUCKET = "dummy-objects"


@pytest.fixture(autouse=True)
def expected(local: Stack) -> Iterator[None]:
    """Forget what was denied: here it is intended, and it would fail the run."""
    yield
    local.guard.faults.clear()


def reach(stack: Stack, service: str, operation: str, **arguments: Any) -> Any:
    """Let the function call AWS; return None or status and code of the error."""
    return stack.invoke("Reach", {"service": service, "operation": operation, "arguments": arguments})


def test_a_function_may_do_what_its_role_allows(local: Stack) -> None:
    assert reach(local, "s3", "put_object", Bucket=BUCKET, Key="reach/a", Body="RIFF") is None
    assert reach(local, "s3", "get_object", Bucket=BUCKET, Key="reach/a") is None
    assert reach(local, "dynamodb", "get_item", TableName=local.outputs["TableName"], Key={"id": {"S": "a"}}) is None
    local.guard.end()


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "error"),
    [
        ("s3", "get_object", {"Bucket": BUCKET, "Key": "elsewhere/a"}, [403, "AccessDenied"]),
        ("s3", "delete_object", {"Bucket": BUCKET, "Key": "reach/a"}, [403, "AccessDenied"]),
        ("s3", "head_object", {"Bucket": BUCKET, "Key": "elsewhere/a"}, [403, "403"]),
        ("s3", "list_objects_v2", {"Bucket": BUCKET}, [403, "AccessDenied"]),
        ("dynamodb", "scan", {"TableName": "other"}, [400, "AccessDeniedException"]),
        ("sqs", "send_message", {"QueueUrl": "http://sqs/1/q", "MessageBody": "x"}, [403, "AccessDenied"]),
        ("ssm", "get_parameter", {"Name": "/a"}, [400, "AccessDeniedException"]),
        ("events", "put_events", {"Entries": [{"Source": "a"}]}, [400, "AccessDeniedException"]),
    ],
)
def test_everything_else_is_denied_in_the_form_of_the_service(
    local: Stack, service: str, operation: str, arguments: dict[str, Any], error: list[Any]
) -> None:
    assert reach(local, service, operation, **arguments) == error
    with pytest.raises(DeniedError, match="Reach was denied"):
        local.guard.end()


def test_a_presigned_url_allows_what_the_role_of_its_signer_allows(local: Stack) -> None:
    for key in ("reach/signed", "elsewhere/signed"):
        local.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"RIFF")
    allowed, denied = (
        reach(local, "s3", "presign", Bucket=BUCKET, Key=f"{folder}/signed") for folder in ("reach", "elsewhere")
    )
    assert call(allowed)[:2] == (200, b"RIFF")
    status, body, _ = call(denied)
    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body
    assert call(allowed, "OPTIONS", Origin="https://app.example.com")[0] != 403


def test_a_request_that_nobody_signed_is_refused_and_a_key_that_does_not_exist(local: Stack) -> None:
    aws = local.environment("Reach")["AWS_ENDPOINT_URL"]
    status, body, _ = call(f"{aws}/{BUCKET}/reach/a")
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)
    status, body, _ = call(f"{aws}/{BUCKET}/reach/a?AWSAccessKeyId=AKIAUNKNOWN&Signature=x&Expires=1")
    assert (status, b"<Code>InvalidAccessKeyId</Code>" in body) == (403, True)
    status, body, _ = call(aws, "POST", b"{}", X_Amz_Target="AmazonSSM.GetParameter")
    assert (status, b"MissingAuthenticationTokenException" in body) == (400, True)


def test_the_operators_keys_may_do_everything(local: Stack) -> None:
    session = boto3.session.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=local.environment("Reach")["AWS_ENDPOINT_URL"])
    s3.put_object(Bucket=BUCKET, Key="elsewhere/operator", Body=b"RIFF")
    assert s3.get_object(Bucket=BUCKET, Key="elsewhere/operator")["Body"].read() == b"RIFF"


def test_a_missing_object_is_hidden_from_who_may_not_list(local: Stack) -> None:
    """S3 API, GetObject and HeadObject: 404 with s3:ListBucket, 403 without."""
    assert reach(local, "s3", "get_object", Bucket=BUCKET, Key="reach/none") == [403, "AccessDenied"]
    assert reach(local, "s3", "head_object", Bucket=BUCKET, Key="reach/none") == [403, "403"]
    s3 = local.client("s3")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=BUCKET, Key="reach/none")


def test_messages_are_polled_under_the_role_of_their_function(local: Stack) -> None:
    local.client("sqs").send_message(QueueUrl=local.outputs["QueueUrl"], MessageBody="role")
    local.drain()
    used = set(map(str, local.guard.used))
    assert {f"Consume sqs:{name} *" for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")} <= used


def test_a_denied_request_fails_the_run_when_it_ends(small_template: Path) -> None:
    with pytest.raises(DeniedError, match="Reach was denied ssm:GetParameter"), running(small_template) as stack:
        assert reach(stack, "ssm", "get_parameter", Name="/a") == [400, "AccessDeniedException"]


def test_what_was_denied_is_reported_also_if_the_stack_is_interrupted(small_template: Path) -> None:
    def interrupt() -> None:
        with running(small_template) as stack:
            reach(stack, "ssm", "get_parameter", Name="/a")
            raise KeyboardInterrupt

    with pytest.raises((DeniedError, KeyboardInterrupt)) as caught:
        interrupt()
    assert isinstance(caught.value, DeniedError)
    assert "Reach was denied ssm:GetParameter" in str(caught.value)
