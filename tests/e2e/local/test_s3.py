"""What the local S3 refuses and reports as AWS does."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.local.small_stack import call
from tools.local.aws import checksums
from tools.local.stack import Stack

BUCKET = "dummy-objects"
MIN_PART_BYTES = 5 * 1024 * 1024


def sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def refused(request: Callable[..., Any], **arguments: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        request(**arguments)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


class Upload:
    """A multipart upload of two parts with composite checksums."""

    def __init__(self, local: Stack, key: str) -> None:
        self._s3 = local.client("s3")
        self._place = {"Bucket": BUCKET, "Key": key}
        begun = self._s3.create_multipart_upload(**self._place, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE")
        self._place["UploadId"] = begun["UploadId"]
        self.bodies = [bytes(MIN_PART_BYTES), b"end"]
        self.parts = [self.send(number, body) for number, body in enumerate(self.bodies, start=1)]

    def send(self, number: int, body: bytes, **checksum: str) -> dict[str, Any]:
        """Send a part, and return it as CompleteMultipartUpload names it."""
        given = checksum or {"ChecksumSHA256": sha256(body)}
        sent = self._s3.upload_part(**self._place, PartNumber=number, Body=body, **given)
        return {"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]}

    def complete(self, **arguments: Any) -> Any:
        """Make the object from the parts."""
        return self._s3.complete_multipart_upload(
            **self._place, **{"MultipartUpload": {"Parts": self.parts}, **arguments}
        )


def test_an_object_with_a_wrong_checksum_is_not_stored(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "wrong-checksum"}

    assert refused(s3.put_object, **place, Body=b"a", ChecksumSHA256=sha256(b"b")) == (400, "BadDigest")
    assert refused(s3.put_object, **place, Body=b"a", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==") == (400, "BadDigest")
    assert refused(s3.get_object, **place) == (404, "NoSuchKey")


def test_the_checksum_of_an_object_is_reported(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "checksum"}
    expected = {"ChecksumSHA256": sha256(b"a"), "ChecksumType": "FULL_OBJECT"}

    assert expected.items() <= s3.put_object(**place, Body=b"a", ChecksumSHA256=sha256(b"a")).items()
    assert expected.items() <= s3.head_object(**place, ChecksumMode="ENABLED").items()
    assert expected.items() <= s3.get_object(**place, ChecksumMode="ENABLED").items()
    assert s3.get_object_attributes(**place, ObjectAttributes=["Checksum"])["Checksum"] == expected


def test_an_object_without_a_checksum_gets_one(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "no-checksum"}
    expected = checksums.compute(b"a", "CRC64NVME").decode()

    url = s3.generate_presigned_url("put_object", Params=place)
    status, _, headers = call(url, "PUT", b"a", content_type="audio/wav")
    assert (status, headers["x-amz-checksum-crc64nvme"]) == (200, expected)
    assert headers["x-amz-checksum-type"] == "FULL_OBJECT"
    found = s3.head_object(**place, ChecksumMode="ENABLED")
    assert (found["ChecksumCRC64NVME"], found["ChecksumType"]) == (expected, "FULL_OBJECT")
    assert "ChecksumCRC64NVME" not in s3.head_object(**place)


def test_a_composite_checksum_is_reported_with_the_number_of_parts(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "composite"}
    upload = Upload(local, "composite")
    digests = b"".join(hashlib.sha256(body).digest() for body in upload.bodies)
    expected = {"ChecksumSHA256": f"{sha256(digests)}-2", "ChecksumType": "COMPOSITE"}

    assert expected.items() <= upload.complete(ChecksumSHA256=expected["ChecksumSHA256"]).items()
    assert expected.items() <= s3.head_object(**place, ChecksumMode="ENABLED").items()
    assert expected.items() <= s3.get_object(**place, ChecksumMode="ENABLED").items()
    # S3 alone leaves out the number of parts here.
    attributes = s3.get_object_attributes(**place, ObjectAttributes=["Checksum"])["Checksum"]
    assert attributes == {"ChecksumSHA256": sha256(digests), "ChecksumType": "COMPOSITE"}


def test_an_upload_is_not_completed_with_wrong_parts_or_checksums(local: Stack) -> None:
    upload = Upload(local, "wrong-parts")
    one, two = upload.parts
    of_one = {"MultipartUpload": {"Parts": [one | {"ChecksumSHA256": sha256(b"other")}, two]}}
    without = {"MultipartUpload": {"Parts": [one, {"PartNumber": 2, "ETag": two["ETag"]}]}}

    assert refused(upload.complete, **of_one) == (400, "InvalidPart")
    assert refused(upload.complete, **without) == (400, "InvalidRequest")
    assert refused(upload.complete, MultipartUpload={"Parts": [two, one]}) == (400, "InvalidPartOrder")
    assert refused(upload.complete, ChecksumSHA256=sha256(b"other")) == (400, "BadDigest")
    assert refused(upload.send, number=3, body=b"a", ChecksumSHA256=sha256(b"b")) == (400, "BadDigest")
    assert refused(upload.send, number=3, body=b"a", ChecksumAlgorithm="CRC32") == (400, "InvalidRequest")
    assert upload.complete()["ChecksumType"] == "COMPOSITE"


def test_only_the_last_part_may_be_small(local: Stack) -> None:
    upload = Upload(local, "small-parts")
    small = upload.send(number=1, body=b"small")

    parts = [small, upload.parts[1]]
    assert refused(upload.complete, MultipartUpload={"Parts": parts}) == (400, "EntityTooSmall")
    assert upload.complete(MultipartUpload={"Parts": parts[:1]})["ChecksumType"] == "COMPOSITE"


def test_a_part_has_a_number_from_1_to_10000(local: Stack) -> None:
    upload = Upload(local, "part-numbers")

    for number in 0, 10_001:
        assert refused(upload.send, number=number, body=b"a") == (400, "InvalidArgument")
    assert upload.send(number=10_000, body=b"a")["PartNumber"] == 10_000


def test_a_condition_on_a_finished_upload_is_checked(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "conditions"}

    assert refused(Upload(local, "conditions").complete, IfMatch='"e"') == (404, "NoSuchKey")
    etag = s3.put_object(**place, Body=b"a")["ETag"]
    late = Upload(local, "conditions")
    assert refused(late.complete, IfMatch='"e"') == (412, "PreconditionFailed")
    assert refused(late.complete, IfNoneMatch="*") == (412, "PreconditionFailed")
    s3.put_object(**place, Body=b"a")
    assert refused(late.complete, IfMatch=etag) == (409, "ConditionalRequestConflict")
    assert Upload(local, "conditions").complete(IfMatch=etag)["VersionId"]


def test_an_upload_over_an_object_that_was_deleted_meanwhile_conflicts(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "conflict"}
    s3.put_object(**place, Body=b"a")
    upload = Upload(local, "conflict")
    s3.delete_object(**place)

    assert refused(upload.complete, IfNoneMatch="*") == (409, "ConditionalRequestConflict")
    assert Upload(local, "conflict").complete(IfNoneMatch="*")["VersionId"]


def test_the_condition_of_a_write_is_checked(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "write", "Body": b"a"}

    assert refused(s3.put_object, **place, IfMatch='"e"') == (404, "NoSuchKey")
    etag = s3.put_object(**place, IfNoneMatch="*")["ETag"]
    assert refused(s3.put_object, **place, IfNoneMatch="*") == (412, "PreconditionFailed")
    assert refused(s3.put_object, **place, IfMatch='"e"') == (412, "PreconditionFailed")
    assert refused(s3.put_object, **place, IfNoneMatch=etag) == (501, "NotImplemented")
    assert s3.put_object(**place, IfMatch=etag)["ETag"] == etag


def test_an_upload_that_does_not_exist_is_not_found(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "none", "UploadId": "none"}

    assert refused(s3.upload_part, **place, PartNumber=1, Body=b"a") == (404, "NoSuchUpload")
    parts = {"Parts": [{"PartNumber": 1, "ETag": "e"}]}
    assert refused(s3.complete_multipart_upload, **place, MultipartUpload=parts) == (404, "NoSuchUpload")


def test_a_delete_marker_cannot_be_read(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": BUCKET, "Key": "deleted"}
    s3.put_object(**place, Body=b"a")
    marker = s3.delete_object(**place)["VersionId"]
    by_version = s3.generate_presigned_url("get_object", Params=place | {"VersionId": marker})

    status, _, headers = call(by_version)
    assert (status, headers["x-amz-delete-marker"], headers["allow"]) == (405, "true", "DELETE")
    assert refused(s3.head_object, **place, VersionId=marker) == (405, "405")
    assert refused(s3.get_object_tagging, **place, VersionId=marker) == (405, "MethodNotAllowed")
    status, body, headers = call(s3.generate_presigned_url("get_object", Params=place))
    assert (status, headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == (404, "true", marker)
    assert b"<Code>NoSuchKey</Code>" in body


def test_long_keys_and_metadata_are_refused(local: Stack) -> None:
    s3 = local.client("s3")

    assert refused(s3.put_object, Bucket=BUCKET, Key="k" * 1025, Body=b"a") == (400, "KeyTooLongError")
    metadata = {"a": "v" * 2048}
    place = {"Bucket": BUCKET, "Key": "metadata"}
    assert refused(s3.put_object, **place, Body=b"a", Metadata=metadata) == (400, "MetadataTooLarge")
    assert refused(s3.create_multipart_upload, **place, Metadata=metadata) == (400, "MetadataTooLarge")
    copied = {"CopySource": {"Bucket": BUCKET, "Key": "metadata"}, "MetadataDirective": "REPLACE"}
    assert refused(s3.copy_object, **place, **copied, Metadata=metadata) == (400, "MetadataTooLarge")
    keys = {"Objects": [{"Key": "metadata"}, {"Key": "k" * 1025}]}
    assert refused(s3.delete_objects, Bucket=BUCKET, Delete=keys) == (400, "KeyTooLongError")
