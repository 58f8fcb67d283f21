"""Read a request to S3: its bucket and key, its query, and its options."""

import contextlib
import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

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
    """Return the bucket and the key of a request; raises UnknownError.

    User guide, "Virtual hosting of general purpose buckets"
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html): the bucket is the
    first part of the path, or of the host. In any other host, moto regards the first part as a
    bucket, so UnknownError is raised for it.
    """
    host, path = _host(call), unquote(call.head.target.partition("?")[0]).removeprefix("/")
    for mark in (".s3.", ".localhost"):
        bucket, found, _ = host.partition(mark)
        if found:
            return Place(bucket=bucket, key=path)
    if not _names_no_bucket(host):
        raise UnknownError(f"S3: the bucket of the host {host} is not known.")
    bucket, _, key = path.partition("/")
    if not bucket:
        raise UnknownError("S3: the permission for a request without a bucket is not known.")
    return Place(bucket=bucket, key=key)


def _host(call: Call) -> str:
    host = call.head.header("host") or ""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _names_no_bucket(host: str) -> bool:
    """Return whether a host is S3's own, one without a dot, or an IP address."""
    if ("." not in host and ":" not in host) or host.startswith(("s3.", "s3-")):
        return True
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host.strip("[]")))
    return False


def parameters(call: Call) -> dict[str, str]:
    """Return the query parameters; of several with one name, the last."""
    return dict(parse_qsl(call.head.target.partition("?")[2], keep_blank_values=True))


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
