"""Ask S3 about objects: conditional writes, checksums, limits, tags and range reads."""

import base64
import hashlib

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, BUCKET, Scene, client, probe

BODY = b"0123456789"
SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
OTHER_SHA256 = base64.b64encode(hashlib.sha256(b"other").digest()).decode()


@probe("412 PreconditionFailed", pages.S3_CONDITIONAL_WRITES)
def put_if_none_match_over_an_object(aws: Scene) -> None:
    aws.put()
    aws.put(IfNoneMatch="*")


@probe(ACCEPTED, pages.S3_CONDITIONAL_WRITES)
def put_if_none_match_over_a_delete_marker(aws: Scene) -> None:
    aws.put()
    aws.delete()
    aws.put(IfNoneMatch="*")


@probe(ACCEPTED, pages.S3_CONDITIONAL_WRITES)
def put_if_match_over_that_object(aws: Scene) -> None:
    aws.put(IfMatch=aws.put()["ETag"])


@probe("412 PreconditionFailed", pages.S3_CONDITIONAL_WRITES)
def put_if_match_over_another_object(aws: Scene) -> None:
    aws.put()
    aws.put(IfMatch='"0123456789abcdef0123456789abcdef"')


@probe("404 NoSuchKey", pages.S3_CONDITIONAL_WRITES)
def put_if_match_without_an_object(aws: Scene) -> None:
    aws.put(IfMatch='"0123456789abcdef0123456789abcdef"')


@probe("404 NoSuchKey", pages.S3_CONDITIONAL_WRITES)
def put_if_match_over_a_delete_marker(aws: Scene) -> None:
    etag = aws.put()["ETag"]
    aws.delete()
    aws.put(IfMatch=etag)


@probe("400 BadDigest", pages.S3_ERRORS)
def put_with_a_wrong_sha256(aws: Scene) -> None:
    aws.put(BODY, ChecksumSHA256=OTHER_SHA256)


@probe("400 BadDigest", pages.S3_ERRORS)
def put_with_a_wrong_crc32(aws: Scene) -> None:
    aws.put(BODY, ChecksumCRC32="AAAAAA==")


@probe("400 BadDigest", pages.S3_ERRORS)
def put_with_a_wrong_md5(aws: Scene) -> None:
    aws.put(BODY, ContentMD5=base64.b64encode(hashlib.md5(b"other", usedforsecurity=False).digest()).decode())


@probe("400 InvalidDigest", pages.S3_ERRORS)
def put_with_an_md5_of_five_bytes(aws: Scene) -> None:
    aws.put(BODY, ContentMD5=base64.b64encode(b"short").decode())


@probe(f"{SHA256} FULL_OBJECT", pages.S3_INTEGRITY)
def checksum_of_an_object(aws: Scene) -> str:
    aws.put(BODY, ChecksumAlgorithm="SHA256", ChecksumSHA256=SHA256)
    found = aws.s3.head_object(Bucket=BUCKET, Key="key", ChecksumMode="ENABLED")
    return f"{found.get('ChecksumSHA256')} {found.get('ChecksumType')}"


@probe("None", pages.S3_HEAD)
def checksum_of_an_object_that_was_not_asked_for(aws: Scene) -> str:
    aws.put(BODY, ChecksumAlgorithm="SHA256", ChecksumSHA256=SHA256)
    return str(aws.s3.head_object(Bucket=BUCKET, Key="key").get("ChecksumSHA256"))


@probe("CRC64NVME", pages.S3_INTEGRITY)
def checksum_of_an_object_that_was_sent_without_one(aws: Scene) -> str:
    assert aws.s3
    client("s3", plain=True).put_object(Bucket=BUCKET, Key="key", Body=BODY)
    found = aws.s3.head_object(Bucket=BUCKET, Key="key", ChecksumMode="ENABLED")
    return " ".join(name.removeprefix("Checksum") for name in found if name.startswith("ChecksumC"))


@probe(ACCEPTED, pages.S3_KEYS)
def key_of_1024_bytes(aws: Scene) -> None:
    aws.put(key="é" * 512)


@probe("400 KeyTooLongError", pages.S3_KEYS)
def key_of_1025_bytes(aws: Scene) -> None:
    aws.put(key="é" * 512 + "a")


@probe(ACCEPTED, pages.S3_METADATA)
def metadata_of_2_kb(aws: Scene) -> None:
    aws.put(Metadata={"a": "a" * 2047})


@probe("400 MetadataTooLarge", pages.S3_METADATA)
def metadata_over_2_kb(aws: Scene) -> None:
    aws.put(Metadata={"a": "a" * 2048})


@probe("400 InvalidTag", pages.S3_TAGS)
def tag_of_257_characters(aws: Scene) -> None:
    aws.put()
    tags = {"TagSet": [{"Key": "sha256", "Value": "a" * 257}]}
    aws.s3.put_object_tagging(Bucket=BUCKET, Key="key", Tagging=tags)


@probe("404 NoSuchKey", pages.S3_ERRORS)
def tags_of_a_missing_object(aws: Scene) -> None:
    aws.s3.get_object_tagging(Bucket=BUCKET, Key="key")


@probe("206 bytes 2-4/10 234", pages.S3_GET)
def range_in_an_object(aws: Scene) -> str:
    return _range(aws, "bytes=2-4")


@probe("206 bytes 7-9/10 789", pages.S3_GET)
def range_of_the_last_bytes(aws: Scene) -> str:
    return _range(aws, "bytes=-3")


@probe("206 bytes 8-9/10 89", pages.S3_GET)
def range_beyond_the_end(aws: Scene) -> str:
    return _range(aws, "bytes=8-99")


@probe("416 InvalidRange", pages.S3_ERRORS)
def range_after_the_end(aws: Scene) -> str:
    return _range(aws, "bytes=10-")


@probe("304 304", pages.S3_CONDITIONAL_READS)
def get_if_none_match_of_that_object(aws: Scene) -> None:
    aws.get(IfNoneMatch=aws.put()["ETag"])


@probe("412 PreconditionFailed", pages.S3_CONDITIONAL_READS)
def get_if_match_of_another_object(aws: Scene) -> None:
    aws.put()
    aws.get(IfMatch='"0123456789abcdef0123456789abcdef"')


@probe("404 NoSuchKey", pages.S3_ERRORS)
def get_of_a_missing_object(aws: Scene) -> None:
    aws.get()


@probe("404 NoSuchBucket", pages.S3_ERRORS)
def get_in_a_missing_bucket(aws: Scene) -> None:
    client("s3").get_object(Bucket="missing-bucket", Key="key")


def _range(aws: Scene, asked: str) -> str:
    aws.put(BODY)
    got = aws.get(Range=asked)
    status = got["ResponseMetadata"]["HTTPStatusCode"]
    return f"{status} {got['ContentRange']} {got['Body'].read().decode()}"
