"""Make moto check multipart uploads as S3 does: conditions, parts and checksums.

`check_uploads` replaces parts of moto 5.2.5. Only the AWS process imports this module.
"""

# ruff: noqa: ANN401, SLF001 - this module handles moto's own types and internals

from typing import Any

from moto.core.utils import utcnow
from moto.s3 import models, responses
from moto.s3.models import MultipartChecksumBuilder, S3Backend
from moto.s3.responses import S3Response

from tools.local.aws import checksums, upload_rules
from tools.local.aws.conditional_writes import conflict
from tools.local.aws.moto_fixes import replace
from tools.local.aws.moto_versions import given_checksums
from tools.local.aws.refusals import Refusal
from tools.local.aws.upload_rules import Part

ALGORITHM, TYPE = "x-amz-checksum-algorithm", "x-amz-checksum-type"
FAILED = "At least one of the pre-conditions you specified did not hold"


def check_uploads() -> None:
    """Refuse what S3 refuses of a multipart upload, and report the checksum of its object.

    moto checks no checksum, and only If-None-Match of the conditions. It computes CRC32 for other
    CRCs, and a CRC64NVME of each upload without an algorithm, which takes too long in Python.
    """
    post, upload_part, create = S3Response._key_response_post, S3Response.upload_part, S3Backend.create_multipart_upload

    def key_response_post(  # noqa: PLR0917 - moto's arguments
        response: Any, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
    ) -> Any:
        refusal = None
        if "uploads" in query:
            refusal = upload_rules.created(request.headers.get(ALGORITHM), request.headers.get(TYPE))
        elif "uploadId" in query:
            refusal = _completed(response, request, body, key_name, query["uploadId"][0])
        if refusal:
            return refusal.answer()
        status, headers, answered = post(response, request, body, bucket_name, query, key_name)
        return status, headers, _reported(response, answered, key_name) if "uploadId" in query else answered

    def upload_part_checked(response: Any) -> Any:
        upload = _upload(response, response._get_param("uploadId"))
        if upload is None:
            return _missing_upload(response._get_param("uploadId")).answer()
        given = given_checksums(response)
        refusal = upload_rules.uploaded(upload.metadata.get(ALGORITHM), given)
        if refusal:
            return refusal.answer()
        answer = upload_part(response)
        upload.parts[response._get_int_param("partNumber")].given = given
        return answer

    def create_multipart_upload(backend: Any, bucket_name: str, key_name: str, *arguments: Any) -> Any:
        upload: Any = create(backend, bucket_name, key_name, *arguments)
        upload.replaces, upload.begun = backend.get_object(bucket_name, key_name) is not None, utcnow()
        algorithm = upload.metadata.get(ALGORITHM)
        if algorithm and not upload.metadata.get(TYPE):
            upload.metadata[TYPE] = upload_rules.TYPES[algorithm][0]
        return upload

    replace(S3Response, _key_response_post=key_response_post, upload_part=upload_part_checked)
    replace(S3Backend, create_multipart_upload=create_multipart_upload)
    replace(models, compute_checksum=checksums.compute, MultipartChecksumBuilder=Builder)
    replace(responses, compute_checksum=checksums.compute)


class Builder(MultipartChecksumBuilder):
    """The checksum of an upload's object, which is None if the upload has no algorithm."""

    def __init__(self, algorithm: str | None, kind: str | None) -> None:
        super().__init__(algorithm, kind)
        self.chosen = algorithm is not None

    def addPart(self, part: bytes) -> None:  # noqa: N802 - moto's name
        """Add the next part."""
        if self.chosen:
            super().addPart(part)

    def build(self) -> tuple[str, str, int] | None:
        """Return the checksum's type, its value and the number of parts."""
        return super().build() if self.chosen else None


def _completed(response: Any, request: Any, body: bytes, key_name: str, upload_id: str) -> Refusal | None:
    """Return why S3 refuses to complete an upload, or None."""
    existing = response.backend.get_object(response.bucket_name, key_name)
    if existing is not None and existing.multipart and existing.multipart.id == upload_id:
        return None  # the request is repeated, and has been carried out
    upload = _upload(response, upload_id)
    if upload is None:
        return _missing_upload(upload_id)
    parts = upload_rules.read(body)
    if isinstance(parts, Refusal):
        return parts
    return _condition(request.headers, upload, existing, key_name) or _checked(response, upload, parts)


def _condition(headers: Any, upload: Any, existing: Any, key_name: str) -> Refusal | None:
    """Return why the condition of a CompleteMultipartUpload is not met, or None.

    412 if it is not met, 404 if there is no object to match, and 409 if the object was deleted, or
    written again, after the upload had begun. S3 User Guide, "How to prevent object overwrites with
    conditional writes"; S3 API Reference, "CompleteMultipartUpload".
    """
    etag = headers.get("If-Match")
    if headers.get("If-None-Match"):
        if existing is not None:
            return Refusal(412, "PreconditionFailed", FAILED, {"Condition": "If-None-Match"})
        return conflict("If-None-Match", key_name) if upload.replaces else None
    if not etag:
        return None
    if existing is None:
        return Refusal(404, "NoSuchKey", "The specified key does not exist.", {"Key": key_name})
    if existing.etag.strip('"') != etag.strip('"'):
        return Refusal(412, "PreconditionFailed", FAILED, {"Condition": "If-Match"})
    return conflict("If-Match", key_name) if existing.last_modified > upload.begun else None


def _checked(response: Any, upload: Any, parts: list[Part]) -> Refusal | None:
    """Return why the parts, or the checksum of the object, are refused, or None."""
    algorithm, kind = upload.metadata.get(ALGORITHM), upload.metadata.get(TYPE)
    stored = {
        number: Part(number, part.etag.strip('"'), getattr(part, "given", {})) for number, part in upload.parts.items()
    }
    refusal = upload_rules.completed(upload.id, algorithm, kind, parts, stored)
    given = given_checksums(response)
    if refusal or not given:
        return refusal
    wanted = response.headers.get(TYPE)
    if wanted and wanted != kind:
        message = (
            f"The upload was created using the {kind or 'FULL_OBJECT'} checksum mode. "
            "The complete request must use the same checksum mode."
        )
        return Refusal(400, "InvalidRequest", message)
    builder = Builder(algorithm, kind)
    for part in parts:
        builder.addPart(upload.parts[part.number].value)
    built = builder.build()
    return upload_rules.object_checksum(given, algorithm, built[1] if built else "", len(parts))


def _reported(response: Any, answered: Any, key_name: str) -> Any:
    """Return the body of CompleteMultipartUpload's answer with the checksum of the object."""
    key = response.backend.get_object(response.bucket_name, key_name)
    end = "</CompleteMultipartUploadResult>"
    if key is None or not key.checksum_algorithm or end not in answered:
        return answered
    parts = f"-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else ""
    name = f"Checksum{key.checksum_algorithm}"
    about = f"<{name}>{key.checksum_value}{parts}</{name}><ChecksumType>{key.checksum_type}</ChecksumType>"
    return answered.replace(end, about + end)


def _upload(response: Any, upload_id: str) -> Any:
    """Return an upload in progress, or None."""
    return response.backend.get_bucket(response.bucket_name).multiparts.get(upload_id)


def _missing_upload(upload_id: str) -> Refusal:
    message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed."
    )
    return Refusal(404, "NoSuchUpload", message, {"UploadId": upload_id})
