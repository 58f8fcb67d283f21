"""Identify the AWS operation of a request from its head: `dynamodb.PutItem`, `s3.UploadPart`."""

from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from tools.local.emulator.wire import Head

TARGETS = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "AmazonSSM": "ssm", "AWSEvents": "events"}
"""The service by the first part of the header X-Amz-Target."""
BY_PARAMETER = {
    ("PUT", "partNumber"): "UploadPart",
    ("PUT", "tagging"): "PutObjectTagging",
    ("GET", "tagging"): "GetObjectTagging",
    ("GET", "uploads"): "ListMultipartUploads",
    ("GET", "uploadId"): "ListParts",
    ("GET", "versions"): "ListObjectVersions",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("POST", "delete"): "DeleteObjects",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
}
"""S3's operation by method and query parameter."""
BY_METHOD = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
"""S3's operation on an object by method, if the query has no parameter of BY_PARAMETER."""


def name(head: Head) -> str:
    """Return the service and the operation of a request, or `other`."""
    target = head.header("x-amz-target")
    if target is not None:
        service, _, operation = target.partition(".")
        return f"{TARGETS[service]}.{operation}" if service in TARGETS else "other"
    parts = urlsplit(head.target)
    parameters = parse_qs(parts.query, keep_blank_values=True)
    for (method, parameter), operation in BY_PARAMETER.items():
        if method == head.method and parameter in parameters:
            return f"s3.{operation}"
    if head.method in BY_METHOD and _names_object(head, parts.path):
        return f"s3.{BY_METHOD[head.method]}"
    return "s3.ListObjects" if head.method == "GET" else "other"


def place(head: Head) -> tuple[str, bytes]:
    """Return the bucket and the key of a request to S3; the key is empty if it names no object."""
    path = head.target.partition("?")[0].removeprefix("/")
    host = (head.header("host") or "").partition(":")[0]
    if _is_virtual(host):
        return host.partition(".")[0], unquote_to_bytes(path)
    bucket, _, key = path.partition("/")
    return bucket, unquote_to_bytes(key)


def _names_object(head: Head, path: str) -> bool:
    """Return whether a path names an object.

    The bucket is the first part of the path, or a part of the host.
    """
    virtual = _is_virtual((head.header("host") or "").partition(":")[0])
    return len(path.strip("/").split("/", 1)) > (0 if virtual else 1) and path != "/"


def _is_virtual(host: str) -> bool:
    """Return whether a host begins with the name of a bucket."""
    return ".s3." in host or host.endswith(".localhost")
