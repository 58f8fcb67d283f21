"""Headers, keys and metadata that S3 refuses for their size."""

import pytest

from tools.local.aws import s3_limits
from tools.local.emulator.wire import Head


def head(target: str, *headers: tuple[str, str]) -> Head:
    return Head(method="PUT", target=target, version="HTTP/1.1", headers=headers)


def code(request: Head) -> str | None:
    refusal = s3_limits.refusal(request)
    return refusal.code if refusal else None


@pytest.mark.parametrize("letter", ["a", "%61", "/"])
def test_a_key_may_have_1024_bytes(letter: str) -> None:
    assert code(head("/bucket/" + letter * 1024)) is None
    assert code(head("/bucket/" + letter * 1025)) == "KeyTooLongError"


def test_a_key_is_measured_in_bytes_of_utf8() -> None:
    assert code(head("/bucket/" + "%C3%A9" * 512)) is None
    assert code(head("/bucket/" + "%C3%A9" * 513)) == "KeyTooLongError"


def test_the_bucket_is_no_part_of_the_key_in_a_host_either() -> None:
    assert code(head("/" + "a" * 1024, ("host", "bucket.localhost:1"))) is None
    assert code(head("/" + "a" * 1025, ("host", "bucket.localhost:1"))) == "KeyTooLongError"


def test_names_and_values_of_metadata_may_have_2_kb() -> None:
    half = ("x-amz-meta-one", "v" * 1021)
    assert code(head("/bucket/key", half, ("x-amz-meta-two", "v" * 1021))) is None
    assert code(head("/bucket/key", half, ("x-amz-meta-two", "v" * 1022))) == "MetadataTooLarge"


def test_other_headers_are_no_metadata() -> None:
    assert code(head("/bucket/key", ("x-amz-security-token", "v" * 4000))) is None


def test_metadata_of_a_presigned_request_count_too() -> None:
    assert code(head("/bucket/key?X-Amz-Meta-A=" + "v" * 2048)) == "MetadataTooLarge"


def test_headers_and_query_may_have_8_kb() -> None:
    longest = "v" * (8192 - len("range") - len("versionId=1"))

    assert code(head("/bucket/key?versionId=1", ("range", longest))) is None
    assert code(head("/bucket/key?versionId=12", ("range", longest))) == "RequestHeaderSectionTooLarge"
    assert code(head("/bucket/key", ("range", "v" * 8192))) == "RequestHeaderSectionTooLarge"


def deletion(*keys: str) -> str | None:
    objects = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    refusal = s3_limits.deletions(f'<Delete xmlns="urn:x">{objects}</Delete>'.encode())
    return refusal.code if refusal else None


def test_a_deletion_may_have_1000_keys_of_1024_bytes() -> None:
    assert deletion("key", "é" * 512) is None
    assert deletion("key", "é" * 513) == "KeyTooLongError"
    assert deletion(*["key"] * 1000) is None
    assert deletion(*["key"] * 1001) == "MalformedXML"
    assert deletion() == "MalformedXML"


def test_the_target_of_a_copy_has_the_same_limits() -> None:
    copy = ("x-amz-copy-source", "/bucket/source")

    assert code(head("/bucket/" + "a" * 1024, copy)) is None
    assert code(head("/bucket/" + "a" * 1025, copy)) == "KeyTooLongError"
    assert code(head("/bucket/key", copy, ("x-amz-meta-a", "v" * 2048))) == "MetadataTooLarge"
