"""Make moto answer about delete markers and checksums as S3 does.

Each public function replaces parts of moto 5.2.5. Only the AWS process imports this module.
"""

# ruff: noqa: ANN401 - this module handles moto's own types

from typing import Any

from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.responses import S3Response

from tools.local.aws import checksums, s3_integrity
from tools.local.aws.aws_chunks import Payload, decode
from tools.local.aws.moto_fixes import replace
from tools.local.aws.refusals import Refusal
from tools.local.aws.s3_rules import head_of

CHECKSUM_TYPE = "x-amz-checksum-type"
DEFAULT_ALGORITHM = "CRC64NVME"
NOT_ALLOWED = Refusal(
    405,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    {"Method": "GET", "ResourceType": "DeleteMarker"},
)
MISSING = Refusal(404, "NoSuchKey", "The specified key does not exist.")


def answer_delete_markers() -> None:
    """Answer 405 to a read of a delete marker by version, and name the marker in a 404.

    S3 User Guide, "Working with delete markers"; S3 API Reference, "GetObject", "HeadObject" and
    "GetObjectTagging". moto answers a GET with 404 and NoSuchVersion.
    """
    get, head = S3Response._key_response_get, S3Response.head_object  # noqa: SLF001

    def key_response_get(response: Any, query: dict[str, Any], key_name: str) -> Any:
        found = _marker(response.backend, response.bucket_name, key_name, query)
        if found is None:
            return get(response, query, key_name)
        if "versionId" in query:
            return NOT_ALLOWED.answer(**_about(found), allow="DELETE")
        about = {} if "tagging" in query else _about(found)
        return MISSING._replace(members={"Key": key_name}).answer(**about)

    def head_object(response: Any, bucket_name: str, query: dict[str, Any], key_name: str, headers: Any) -> Any:
        status, answered, body = head(response, bucket_name, query, key_name, headers)
        found = _marker(response.backend, bucket_name, key_name, query)
        if found is not None:
            answered |= {name.replace("_", "-"): value for name, value in _about(found).items()}
        elif status == 200 and headers.get("x-amz-checksum-mode") == "ENABLED":  # noqa: PLR2004
            version = query.get("versionId", [None])[0]
            answered |= _checksum(response.backend.get_object(bucket_name, key_name, version_id=version))
        return status, answered, body

    replace(S3Response, _key_response_get=key_response_get, head_object=head_object)


def report_checksums() -> None:
    """Store and report the checksum of a request, and its type if the object has one part.

    S3 API Reference, "PutObject" and "UploadPart". moto does so only if the request also has
    x-amz-sdk-checksum-algorithm, which is optional. An object in one part that comes without a
    checksum gets a CRC64NVME (S3 User Guide, "Checking object integrity in Amazon S3"). S3 does so
    for an object in several parts too; here that would take too long in Python.
    """
    put, stored = S3Response.put_object, S3Backend.put_object

    def get_checksum(response: Any, response_headers: dict[str, Any]) -> tuple[str, str | None]:
        for algorithm, value in given_checksums(response).items():
            response_headers[s3_integrity.PREFIX + algorithm.lower()] = value
            return algorithm, value
        return "", None

    def put_object(response: Any) -> Any:
        status, headers, body = put(response)
        version = headers.get("x-amz-version-id")
        key = response.backend.get_object(response.bucket_name, response.parse_key_name(), version_id=version)
        return status, headers | _checksum(key), body

    def put_object_typed(backend: Any, bucket_name: str, key_name: str, value: bytes, *more: Any, **named: Any) -> Any:
        key = stored(backend, bucket_name, key_name, value, *more, **named)
        if named.get("checksum_value"):
            key.checksum_type = "FULL_OBJECT"
        elif not named.get("multipart"):
            key.checksum_algorithm, key.checksum_type = DEFAULT_ALGORITHM, "FULL_OBJECT"
            key.checksum_value = checksums.compute(value, DEFAULT_ALGORITHM).decode()
        return key

    replace(S3Response, _get_checksum=get_checksum, put_object=put_object)
    replace(S3Backend, put_object=put_object_typed)


def given_checksums(response: Any) -> dict[str, str]:
    """Return the checksums that a request gives, in its headers or after its body."""
    head = head_of(response.request.environ)
    payload = decode(head, response.raw_body)
    return s3_integrity.given(head, payload.trailers if isinstance(payload, Payload) else {})


def _marker(backend: Any, bucket_name: str, key_name: str, query: dict[str, Any]) -> Any:
    """Return the delete marker that a request names, or None."""
    version = query.get("versionId", [None])[0]
    found = backend.get_object(bucket_name, key_name, version_id=version, return_delete_marker=True)
    return found if isinstance(found, FakeDeleteMarker) else None


def _about(marker: Any) -> dict[str, str]:
    """Return the headers that tell of a delete marker."""
    modified = marker.last_modified.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return {"x_amz_delete_marker": "true", "x_amz_version_id": str(marker.version_id), "last_modified": modified}


def _checksum(key: FakeKey | None) -> dict[str, str]:
    """Return the headers of an object's checksum; that of a composite one ends with the parts.

    S3 User Guide, "Checking object integrity in Amazon S3".
    """
    if key is None or not key.checksum_algorithm or not key.checksum_value:
        return {}
    parts = f"-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else ""
    found = {f"x-amz-checksum-{key.checksum_algorithm.lower()}": f"{key.checksum_value}{parts}"}
    return found | ({CHECKSUM_TYPE: key.checksum_type} if key.checksum_type else {})
