"""Know an AWS operation by its request's head: `dynamodb.PutItem`, `s3.UploadPart`."""

from urllib.parse import parse_qs, urlsplit

from tools.local.emulator.wire import Head

TARGETS = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "AmazonSSM": "ssm", "AWSEvents": "events"}
"""What stands before the operation in the header X-Amz-Target."""
OF_A_PARAMETER = {
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
OF_AN_OBJECT = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}


def name(head: Head) -> str:
    """Return the service and the operation of a request, or `other`."""
    target = head.header("x-amz-target")
    if target is not None:
        service, _, operation = target.partition(".")
        return f"{TARGETS[service]}.{operation}" if service in TARGETS else "other"
    parts = urlsplit(head.target)
    parameters = parse_qs(parts.query, keep_blank_values=True)
    for (method, parameter), operation in OF_A_PARAMETER.items():
        if method == head.method and parameter in parameters:
            return f"s3.{operation}"
    if head.method in OF_AN_OBJECT and _is_of_an_object(head, parts.path):
        return f"s3.{OF_AN_OBJECT[head.method]}"
    return "s3.ListObjects" if head.method == "GET" else "other"


def _is_of_an_object(head: Head, path: str) -> bool:
    """Say whether a path names an object: by itself, or behind its bucket where the host does not name that."""
    host = (head.header("host") or "").partition(":")[0]
    virtual = ".s3." in host or host.endswith(".localhost")
    return len(path.strip("/").split("/", 1)) > (0 if virtual else 1) and path != "/"
