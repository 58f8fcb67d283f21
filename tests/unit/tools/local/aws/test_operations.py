"""How the AWS operation of a request is identified."""

import pytest

from tools.local.aws import operations
from tools.local.emulator.wire import Head


def head(method: str, target: str, **headers: str) -> Head:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Head(method=method, target=target, version="HTTP/1.1", headers=given)


@pytest.mark.parametrize(
    ("target", "operation"),
    [
        ("DynamoDB_20120810.PutItem", "dynamodb.PutItem"),
        ("AmazonSQS.SendMessage", "sqs.SendMessage"),
        ("AmazonSSM.GetParameter", "ssm.GetParameter"),
        ("AWSEvents.PutEvents", "events.PutEvents"),
        ("Other.Thing", "other"),
    ],
)
def test_a_json_protocol_names_the_operation_in_a_header(target: str, operation: str) -> None:
    assert operations.name(head("POST", "/", x_amz_target=target)) == operation


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("PUT", "/bucket/media/a/key.wav", "s3.PutObject"),
        ("PUT", "/bucket/key?partNumber=1&uploadId=u", "s3.UploadPart"),
        ("PUT", "/bucket/key?tagging&versionId=v", "s3.PutObjectTagging"),
        ("GET", "/bucket/key?tagging", "s3.GetObjectTagging"),
        ("GET", "/bucket/key?versionId=v", "s3.GetObject"),
        ("HEAD", "/bucket/key", "s3.HeadObject"),
        ("DELETE", "/bucket/key", "s3.DeleteObject"),
        ("DELETE", "/bucket/key?uploadId=u", "s3.AbortMultipartUpload"),
        ("POST", "/bucket/key?uploads", "s3.CreateMultipartUpload"),
        ("POST", "/bucket/key?uploadId=u", "s3.CompleteMultipartUpload"),
        ("GET", "/bucket?uploads&prefix=key", "s3.ListMultipartUploads"),
        ("GET", "/bucket?list-type=2", "s3.ListObjects"),
        ("POST", "/", "other"),
    ],
)
def test_s3_names_the_operation_by_method_path_and_query(method: str, target: str, operation: str) -> None:
    assert operations.name(head(method, target, host="127.0.0.1:5000")) == operation


def test_the_host_may_name_the_bucket() -> None:
    assert operations.name(head("GET", "/key", host="bucket.s3.amazonaws.com")) == "s3.GetObject"
    assert operations.name(head("GET", "/", host="bucket.localhost:5000")) == "s3.ListObjects"


@pytest.mark.parametrize(
    ("target", "host", "place"),
    [
        ("/bucket/a/b%2Bc?versionId=v", "127.0.0.1:5000", ("bucket", b"a/b+c")),
        ("/bucket//a", "127.0.0.1:5000", ("bucket", b"/a")),
        ("/bucket?uploads", "127.0.0.1:5000", ("bucket", b"")),
        ("/a/b", "bucket.localhost:5000", ("bucket", b"a/b")),
        ("/a", "bucket.s3.us-east-1.amazonaws.com", ("bucket", b"a")),
    ],
)
def test_a_request_to_s3_has_a_bucket_and_a_key(target: str, host: str, place: tuple[str, bytes]) -> None:
    assert operations.place(head("GET", target, host=host)) == place
