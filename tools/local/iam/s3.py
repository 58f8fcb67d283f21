"""Say which permissions a request to S3 needs.

Amazon S3 user guide, "Required permissions for Amazon S3 API operations"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Need

PLAIN_PARAMETERS = {
    "AWSAccessKeyId", "Expires", "Signature", "continuation-token", "delimiter", "encoding-type", "fetch-owner",
    "key-marker", "list-type", "marker", "max-keys", "max-parts", "max-uploads", "part-number-marker", "prefix",
    "start-after", "upload-id-marker", "version-id-marker", "x-id",
}  # fmt: skip
"""Query parameters that do not change the permission; so do those of PLAIN_PREFIXES."""
PLAIN_PREFIXES = ("x-amz-", "response-")
OBJECT_ACTIONS = {
    ("GET", ""): "GetObject",
    ("GET", "versionId"): "GetObjectVersion",
    ("GET", "partNumber"): "GetObject",
    ("HEAD", ""): "GetObject",
    ("HEAD", "versionId"): "GetObjectVersion",
    ("GET", "tagging"): "GetObjectTagging",
    ("GET", "tagging versionId"): "GetObjectVersionTagging",
    ("PUT", "tagging"): "PutObjectTagging",
    ("PUT", "tagging versionId"): "PutObjectVersionTagging",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("DELETE", "tagging versionId"): "DeleteObjectVersionTagging",
    ("PUT", ""): "PutObject",
    ("PUT", "partNumber uploadId"): "PutObject",
    ("POST", "uploads"): "PutObject",
    ("POST", "uploadId"): "PutObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("GET", "uploadId"): "ListMultipartUploadParts",
    ("DELETE", ""): "DeleteObject",
    ("DELETE", "versionId"): "DeleteObjectVersion",
}
"""The permission by the method and the query parameters that name what of the object is meant."""
BUCKET_ACTIONS = {
    ("GET", ""): "ListBucket",
    ("HEAD", ""): "ListBucket",
    ("GET", "versions"): "ListBucketVersions",
    ("GET", "uploads"): "ListBucketMultipartUploads",
    ("GET", "location"): "GetBucketLocation",
    ("GET", "versioning"): "GetBucketVersioning",
}
LISTS = {("GET", ""), ("GET", "versions")}
"""The requests whose condition context has the keys of LIST_KEYS."""
LIST_KEYS = ("prefix", "delimiter", "max-keys")
"""The query parameters of a list that are condition keys.

Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html): only
ListBucket and ListBucketVersions have them.
"""
READS = {"GetObject", "GetObjectVersion"}
"""The permissions whose request also needs kms:Decrypt for an encrypted object."""


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


def needs(call: Call, around: Surroundings) -> Iterator[Need]:
    """Yield the permissions that a request needs; raises UnknownError."""
    place = where(call)
    parameters, subresource = _parameters(call), _subresource(call)
    actions = OBJECT_ACTIONS if place.key else BUCKET_ACTIONS
    action = actions.get((call.head.method, subresource))
    if action is None:
        raise UnknownError(f"S3: the permission for {call.head.method} {call.head.target} is not known.")
    listed = LIST_KEYS if not place.key and (call.head.method, subresource) in LISTS else ()
    yield _need(action, place, {f"s3:{name}": (parameters[name],) for name in listed if name in parameters})
    yield from _by_headers(call, place, action)
    if key := around.kms_keys.get(place.bucket_arn):
        yield from (Need(action=f"kms:{name}", resource=key) for name in _kms(call.head.method, action, subresource))


def needs_object(call: Call) -> bool:
    """Return whether a request is GetObject, HeadObject or a write with If-Match.

    Only these need an object that exists; a 404 to any other request means something else.
    """
    if call.head.header("x-amz-target") is not None or not where(call).key:
        return False
    action = OBJECT_ACTIONS.get((call.head.method, _subresource(call)))
    if call.head.method in {"GET", "HEAD"}:
        return action in READS
    return action == "PutObject" and call.head.header("if-match") is not None


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


def _parameters(call: Call) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(call.head.target).query, keep_blank_values=True))


def _subresource(call: Call) -> str:
    """Return the query parameters that name what of the object or bucket is meant."""
    return " ".join(sorted(name for name in _parameters(call) if not _is_plain(name)))


def _is_plain(name: str) -> bool:
    return name in PLAIN_PARAMETERS or name.lower().startswith(PLAIN_PREFIXES)


def _need(action: str, place: Place, context: dict[str, tuple[str, ...]] | None = None) -> Need:
    return Need(action=f"s3:{action}", resource=place.arn, context=context or {})


def _by_headers(call: Call, place: Place, action: str) -> Iterator[Need]:
    """Yield what headers of a request for an object need in addition.

    If-None-Match needs nothing else; If-Match also needs s3:GetObject (user guide, "How to prevent
    object overwrites with conditional writes"). So does a deletion with the ETag of an object
    ("Enforce conditional deletes on Amazon S3 buckets").
    """
    if action == "DeleteObject" and call.head.header("if-match") not in {None, "*"}:
        yield _need("GetObject", place)
    if action != "PutObject":
        return
    if call.head.header("x-amz-tagging") is not None:
        yield _need("PutObjectTagging", place)
    if call.head.header("if-match") is not None:
        yield _need("GetObject", place)
    if call.head.header("x-amz-acl") is not None:
        yield _need("PutObjectAcl", place)
    if source := call.head.header("x-amz-copy-source"):
        path, _, version = unquote(source).removeprefix("/").partition("?versionId=")
        bucket, _, key = path.partition("/")
        yield _need("GetObjectVersion" if version else "GetObject", Place(bucket=bucket, key=key))


def _kms(method: str, action: str, subresource: str) -> tuple[str, ...]:
    """Return what a request for an object that a customer managed key encrypts needs of KMS.

    AWS KMS developer guide, "How Amazon S3 uses AWS KMS", and the S3 API's pages of each operation:
    a download needs kms:Decrypt, an upload kms:GenerateDataKey, and one of several parts both.
    """
    if action in READS:
        return ("Decrypt",)
    if action != "PutObject":
        return ()
    return ("Decrypt", "GenerateDataKey") if "upload" in subresource or method == "POST" else ("GenerateDataKey",)
