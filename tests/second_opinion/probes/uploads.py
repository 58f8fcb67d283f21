"""Ask S3 about multipart uploads: parts, checksums and conditions."""

import base64
import hashlib
import zlib
from typing import Any

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, BUCKET, Scene, probe

FIRST, LAST = b"\0" * (5 << 20), b"last"
DIGESTS = [hashlib.sha256(part).digest() for part in (FIRST, LAST)]
COMPOSITE = base64.b64encode(hashlib.sha256(b"".join(DIGESTS)).digest()).decode()
CRC32 = base64.b64encode(zlib.crc32(FIRST + LAST).to_bytes(4)).decode()
OTHER = base64.b64encode(hashlib.sha256(b"other").digest()).decode()


class Upload:
    """A multipart upload of two parts with SHA-256."""

    def __init__(self, aws: Scene, algorithm: str = "SHA256", **options: Any) -> None:
        self.aws, self.algorithm = aws, algorithm
        created = aws.s3.create_multipart_upload(Bucket=BUCKET, Key="key", ChecksumAlgorithm=algorithm, **options)
        self.place = {"Bucket": BUCKET, "Key": "key", "UploadId": created["UploadId"]}
        self.parts: list[dict[str, Any]] = []

    def add(self, *bodies: bytes, **options: Any) -> "Upload":
        """Send parts."""
        for body in bodies:
            number = len(self.parts) + 1
            more = options or {"ChecksumAlgorithm": self.algorithm}
            sent = self.aws.s3.upload_part(Body=body, PartNumber=number, **more, **self.place)
            checksum = f"Checksum{self.algorithm}"
            self.parts.append({"PartNumber": number, "ETag": sent["ETag"], checksum: sent.get(checksum)})
        return self

    def complete(self, **options: Any) -> Any:
        """Make the object of the parts."""
        return self.aws.s3.complete_multipart_upload(MultipartUpload={"Parts": self.parts}, **self.place, **options)

    def abort(self) -> None:
        """Abort the upload."""
        self.aws.s3.abort_multipart_upload(**self.place)


@probe(f"{COMPOSITE}-2 COMPOSITE", pages.S3_INTEGRITY)
def composite_checksum_of_two_parts(aws: Scene) -> str:
    done = Upload(aws, ChecksumType="COMPOSITE").add(FIRST, LAST).complete()
    return f"{done.get('ChecksumSHA256')} {done.get('ChecksumType')}"


@probe(f"{COMPOSITE}-2 COMPOSITE", pages.S3_INTEGRITY)
def composite_checksum_by_head(aws: Scene) -> str:
    Upload(aws, ChecksumType="COMPOSITE").add(FIRST, LAST).complete()
    found = aws.s3.head_object(Bucket=BUCKET, Key="key", ChecksumMode="ENABLED")
    return f"{found.get('ChecksumSHA256')} {found.get('ChecksumType')}"


@probe(f"{CRC32} FULL_OBJECT", pages.S3_INTEGRITY)
def full_object_checksum_of_two_parts(aws: Scene) -> str:
    done = Upload(aws, "CRC32", ChecksumType="FULL_OBJECT").add(FIRST, LAST).complete()
    return f"{done.get('ChecksumCRC32')} {done.get('ChecksumType')}"


@probe("400 InvalidRequest", pages.S3_INTEGRITY)
def full_object_sha256(aws: Scene) -> None:
    Upload(aws, ChecksumType="FULL_OBJECT")


@probe("400 BadDigest", pages.S3_ERRORS)
def part_with_a_wrong_sha256(aws: Scene) -> None:
    Upload(aws).add(LAST, ChecksumSHA256=OTHER)


@probe("400 InvalidPart", pages.S3_COMPLETE)
def complete_with_the_wrong_sha256_of_a_part(aws: Scene) -> None:
    begun = Upload(aws).add(LAST)
    begun.parts[0]["ChecksumSHA256"] = OTHER
    begun.complete()


@probe("400 BadDigest", pages.S3_COMPLETE)
def complete_with_a_wrong_sha256_of_the_object(aws: Scene) -> None:
    Upload(aws).add(LAST).complete(ChecksumSHA256=f"{OTHER}-1")


@probe("400 BadDigest", pages.S3_COMPLETE)
def complete_with_another_type_of_checksum(aws: Scene) -> None:
    Upload(aws, "CRC32", ChecksumType="COMPOSITE").add(LAST).complete(ChecksumType="FULL_OBJECT")


@probe("400 InvalidRequest", pages.S3_COMPLETE)
def complete_with_a_wrong_size(aws: Scene) -> None:
    Upload(aws).add(LAST).complete(MpuObjectSize=3)


@probe("400 InvalidPart", pages.S3_COMPLETE)
def complete_with_the_wrong_etag_of_a_part(aws: Scene) -> None:
    begun = Upload(aws).add(LAST)
    begun.parts[0]["ETag"] = '"0123456789abcdef0123456789abcdef"'
    begun.complete()


@probe("400 InvalidPart", pages.S3_COMPLETE)
def complete_with_a_part_that_was_not_sent(aws: Scene) -> None:
    begun = Upload(aws).add(FIRST)
    begun.parts.append(begun.parts[0] | {"PartNumber": 2})
    begun.complete()


@probe("400 InvalidPartOrder", pages.S3_COMPLETE)
def complete_with_parts_out_of_order(aws: Scene) -> None:
    begun = Upload(aws).add(FIRST, LAST)
    begun.parts.reverse()
    begun.complete()


@probe("400 EntityTooSmall", pages.S3_COMPLETE)
def complete_with_a_small_first_part(aws: Scene) -> None:
    Upload(aws).add(LAST, LAST).complete()


@probe("400 MalformedXML", pages.S3_ERRORS)
def complete_without_parts(aws: Scene) -> None:
    Upload(aws).complete()


@probe("412 PreconditionFailed", pages.S3_CONDITIONAL_WRITES)
def complete_if_none_match_over_an_object(aws: Scene) -> None:
    aws.put()
    Upload(aws).add(LAST).complete(IfNoneMatch="*")


@probe("412 PreconditionFailed", pages.S3_CONDITIONAL_WRITES)
def complete_if_match_over_another_object(aws: Scene) -> None:
    aws.put()
    Upload(aws).add(LAST).complete(IfMatch='"0123456789abcdef0123456789abcdef"')


@probe("404 NoSuchKey", pages.S3_CONDITIONAL_WRITES)
def complete_if_match_without_an_object(aws: Scene) -> None:
    Upload(aws).add(LAST).complete(IfMatch='"0123456789abcdef0123456789abcdef"')


@probe(ACCEPTED, pages.S3_CONDITIONAL_WRITES)
def complete_again_after_a_failed_condition(aws: Scene) -> None:
    aws.put()
    begun = Upload(aws).add(LAST)
    try:
        begun.complete(IfNoneMatch="*")
    except aws.s3.exceptions.ClientError:
        aws.delete()
    begun.complete(IfNoneMatch="*")


@probe("400 InvalidArgument", pages.S3_MULTIPART_LIMITS)
def part_number_10001(aws: Scene) -> None:
    begun = Upload(aws)
    aws.s3.upload_part(Body=LAST, PartNumber=10_001, **begun.place)


@probe("400 InvalidArgument", pages.S3_MULTIPART_LIMITS)
def part_number_0(aws: Scene) -> None:
    begun = Upload(aws)
    aws.s3.upload_part(Body=LAST, PartNumber=0, **begun.place)
