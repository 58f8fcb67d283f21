"""Say which permissions the options of a request to S3 need: its headers `x-amz-*` and `if-match`.

In a presigned URL, the options may stand among the query parameters.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Need
from tools.local.iam.s3_places import Place, option

OF_UPLOADS = {
    "x-amz-acl": "PutObjectAcl",
    "x-amz-grant-full-control": "PutObjectAcl",
    "x-amz-grant-read": "PutObjectAcl",
    "x-amz-grant-read-acp": "PutObjectAcl",
    "x-amz-grant-write": "PutObjectAcl",
    "x-amz-grant-write-acp": "PutObjectAcl",
    "x-amz-object-lock-legal-hold": "PutObjectLegalHold",
    "x-amz-object-lock-mode": "PutObjectRetention",
    "x-amz-object-lock-retain-until-date": "PutObjectRetention",
    "x-amz-tagging": "PutObjectTagging",
}
"""The permission for each option of an upload or a copy.

User guide, "Required permissions for Amazon S3 API operations", PutObject, CopyObject and
CreateMultipartUpload
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html), and
"Managing Object Lock" (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html).
"""
BYPASS = "x-amz-bypass-governance-retention"
"""An option of a deletion. It needs s3:BypassGovernanceRetention ("Managing Object Lock")."""
ENCRYPTING_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
"""An option of an upload: the customer managed key that encrypts the object."""
OPTIONS = {*OF_UPLOADS.values(), "BypassGovernanceRetention"}
"""All permissions that only an option of a request can need."""


def needs(call: Call, place: Place, action: str, around: Surroundings) -> Iterator[Need]:
    """Yield what the options of a request for an object need in addition; raises UnknownError.

    If-None-Match needs nothing else; If-Match also needs s3:GetObject (user guide, "How to prevent
    object overwrites with conditional writes"). So does a deletion with the ETag of an object
    ("Enforce conditional deletes on Amazon S3 buckets").
    """
    if action == "DeleteObject" and call.head.header("if-match") not in {None, "*"}:
        yield _need("GetObject", place)
    if (option(call, BYPASS) or "false").lower() != "false":
        yield _need("BypassGovernanceRetention", place)
    if action != "PutObject":
        return
    asked = {permission for name, permission in OF_UPLOADS.items() if option(call, name) is not None}
    yield from (_need(permission, place) for permission in sorted(asked))
    if call.head.header("if-match") is not None:
        yield _need("GetObject", place)
    if source := option(call, "x-amz-copy-source"):
        yield from _of_source(source, around)


def _of_source(source: str, around: Surroundings) -> Iterator[Need]:
    """Yield what a copy needs of its source: to read it, and to decrypt it.

    User guide, "Required permissions for Amazon S3 API operations", CopyObject and UploadPartCopy
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
    """
    path, _, version = source.removeprefix("/").partition("?versionId=")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if bucket.startswith("arn:") or not slash:
        raise UnknownError(f"S3: the source {source} is not known.")
    place = Place(bucket=bucket, key=key)
    yield _need("GetObjectVersion" if version else "GetObject", place)
    if encrypting := around.kms_keys.get(place.bucket_arn):
        yield Need(action="kms:Decrypt", resource=encrypting)


def kms_key(call: Call, place: Place, action: str, around: Surroundings) -> str | None:
    """Return the ARN of the customer managed key of the object that a request reads or writes.

    An upload may request another encryption than the bucket's. S3 API reference, PutObject
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html): without a key, `aws:kms`
    means the AWS managed key, which every caller of the account may use through S3. Raises
    UnknownError for an alias, because the key behind it is not known.
    """
    asked, key = option(call, "x-amz-server-side-encryption"), option(call, ENCRYPTING_KEY)
    if action != "PutObject" or (asked is None and key is None):
        return around.kms_keys.get(place.bucket_arn)
    if key is None:
        return None
    if key.startswith("alias/") or ":alias/" in key:
        raise UnknownError(f"S3: the key of {key} is not known.")
    return key if key.startswith("arn:") else around.arn("kms", f"key/{key}")


def _need(action: str, place: Place) -> Need:
    return Need(action=f"s3:{action}", resource=place.arn)
