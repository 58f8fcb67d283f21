"""Say which permissions a request to S3 needs.

Amazon S3 user guide, "Required permissions for Amazon S3 API operations"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
"""

from collections.abc import Iterator

from tools.local.iam import s3_options, s3_places
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


def needs(call: Call, around: Surroundings) -> Iterator[Need]:
    """Yield the permissions that a request needs; raises UnknownError."""
    place = s3_places.where(call)
    parameters, subresource = s3_places.parameters(call), _subresource(call)
    actions = OBJECT_ACTIONS if place.key else BUCKET_ACTIONS
    action = actions.get((call.head.method, subresource))
    if action is None:
        raise UnknownError(f"S3: the permission for {call.head.method} {call.head.target} is not known.")
    listed = LIST_KEYS if not place.key and (call.head.method, subresource) in LISTS else ()
    context = {f"s3:{name}": (parameters[name],) for name in listed if name in parameters}
    yield Need(action=f"s3:{action}", resource=place.arn, context=context)
    yield from s3_options.needs(call, place, action, around)
    if key := s3_options.kms_key(call, place, action, around):
        yield from (Need(action=f"kms:{name}", resource=key) for name in _kms(call.head.method, action, subresource))


def needs_object(call: Call) -> bool:
    """Return whether a request is GetObject, HeadObject or a write with If-Match.

    Only these need an object that exists; a 404 to any other request means something else.
    """
    if call.head.header("x-amz-target") is not None or not s3_places.where(call).key:
        return False
    action = OBJECT_ACTIONS.get((call.head.method, _subresource(call)))
    if call.head.method in {"GET", "HEAD"}:
        return action in READS
    return action == "PutObject" and call.head.header("if-match") is not None


def _subresource(call: Call) -> str:
    """Return the query parameters that name what of the object or bucket is meant."""
    return " ".join(sorted(name for name in s3_places.parameters(call) if not _is_plain(name)))


def _is_plain(name: str) -> bool:
    return name in PLAIN_PARAMETERS or name.lower().startswith(PLAIN_PREFIXES)


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
