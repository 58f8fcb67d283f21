"""Read a request to S3: its bucket and key, its query, and its options."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from tools.local.iam.calls import Call
from tools.local.iam.errors import UnknownError


@dataclass(frozen=True, kw_only=True)
class Place:
    """The bucket and the key of a request; the key of a request for the bucket itself is empty."""

    bucket: str
    key: str

    @property
    def bucket_arn(self) -> str:
        """Return the ARN of the bucket."""
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def arn(self) -> str:
        """Return the ARN of the object, or of the bucket."""
        return f"{self.bucket_arn}/{self.key}" if self.key else self.bucket_arn


def where(call: Call) -> Place:
    """Return the bucket and the key; the bucket is the first part of the path, or of the host."""
    host, path = (call.head.header("host") or "").partition(":")[0], unquote(urlsplit(call.head.target).path)
    bucket, dot, _ = host.partition(".s3.")
    if dot:
        return Place(bucket=bucket, key=path.removeprefix("/"))
    bucket, _, key = path.removeprefix("/").partition("/")
    if not bucket:
        raise UnknownError("S3: the permission for a request without a bucket is not known.")
    return Place(bucket=bucket, key=key)


def parameters(call: Call) -> dict[str, str]:
    """Return the query parameters; of several with one name, the last."""
    return dict(parse_qsl(urlsplit(call.head.target).query, keep_blank_values=True))


def option(call: Call, name: str) -> str | None:
    """Return an option of a request: a header, or the query parameter of that name.

    A presigned URL may have the headers x-amz-* as parameters, which count as headers do. The SDKs
    put them there ("hoist" them); the S3 API reference, "Authenticating Requests: Using Query
    Parameters (AWS Signature Version 4)"
    (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html), signs every
    parameter.
    """
    header = call.head.header(name)
    if header is not None:
        return header
    return next((value for key, value in parameters(call).items() if key.lower() == name), None)
