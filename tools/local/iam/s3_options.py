"""Say which permissions the options of a request to S3 need: its headers `x-amz-*` and `if-match`.

In a presigned URL, the options may stand among the query parameters.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Need
from tools.local.iam.s3_places import Place, option


def needs(call: Call, place: Place, action: str, around: Surroundings) -> Iterator[Need]:
    """Yield what the options of a request for an object need in addition; raises UnknownError.

    If-None-Match needs nothing else; If-Match also needs s3:GetObject (user guide, "How to prevent
    object overwrites with conditional writes"). So does a deletion with the ETag of an object
    ("Enforce conditional deletes on Amazon S3 buckets").
    """
    if action == "DeleteObject" and call.head.header("if-match") not in {None, "*"}:
        yield _need("GetObject", place)
    if action != "PutObject":
        return
    if option(call, "x-amz-tagging") is not None:
        yield _need("PutObjectTagging", place)
    if call.head.header("if-match") is not None:
        yield _need("GetObject", place)
    if option(call, "x-amz-acl") is not None:
        yield _need("PutObjectAcl", place)
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
    """Return the ARN of the customer managed key of the object that a request reads or writes."""
    return around.kms_keys.get(place.bucket_arn)


def _need(action: str, place: Place) -> Need:
    return Need(action=f"s3:{action}", resource=place.arn)
