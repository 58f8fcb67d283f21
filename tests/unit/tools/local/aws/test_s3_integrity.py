"""Bodies whose hash S3 finds wrong."""

import base64
import hashlib

import pytest

from tools.local.aws import aws_chunks, checksums, s3_integrity
from tools.local.aws.aws_chunks import Payload
from tools.local.emulator.wire import Head

BODY = b"RIFF audio"


def head(**headers: str) -> Head:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Head(method="PUT", target="/bucket/key", version="HTTP/1.1", headers=given)


def refused(request: Head, sent: bytes = BODY) -> tuple[str, str] | None:
    payload = aws_chunks.decode(request, sent)
    refusal = s3_integrity.refusal(request, sent, payload) if isinstance(payload, Payload) else payload
    return (refusal.code, refusal.message) if refusal else None


def checksum(algorithm: str, body: bytes = BODY) -> str:
    return checksums.compute(body, algorithm).decode()


@pytest.mark.parametrize(
    ("algorithm", "check"),
    [
        ("CRC32", "cbf43926"),
        ("CRC32C", "e3069283"),
        ("CRC64NVME", "ae8b14860a799888"),
        ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("MD5", "25f9e794323b453885f5181f1b624d0b"),
    ],
)
def test_checksums_have_their_check_values(algorithm: str, check: str) -> None:
    assert checksums.compute(b"123456789", algorithm, encode_base64=False).hex() == check


@pytest.mark.parametrize("algorithm", sorted(checksums.ALGORITHMS))
def test_a_checksum_of_another_body_is_refused(algorithm: str) -> None:
    name = f"x_amz_checksum_{algorithm.lower()}"
    wrong = ("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    invalid = ("InvalidRequest", f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")

    assert refused(head(**{name: checksum(algorithm)})) is None
    assert refused(head(**{name: checksum(algorithm, b"other")})) == wrong
    assert refused(head(**{name: "AAA="})) == invalid
    assert refused(head(**{name: "not Base64"})) == invalid


def test_a_checksum_in_the_query_of_a_presigned_url_is_ignored() -> None:
    request = Head(method="PUT", target="/bucket/key?x-amz-checksum-crc32=AAAAAA%3D%3D", version="HTTP/1.1")

    assert refused(request) is None
    assert s3_integrity.given(request, {}) == {}


def test_several_checksums_are_refused() -> None:
    given = head(x_amz_checksum_sha1=checksum("SHA1"), x_amz_checksum_crc32=checksum("CRC32"))

    assert refused(given) == ("InvalidRequest", s3_integrity.SEVERAL)


def test_an_algorithm_needs_its_checksum() -> None:
    assert refused(head(x_amz_sdk_checksum_algorithm="SHA256")) == ("InvalidRequest", s3_integrity.NO_VALUE)
    other = head(x_amz_sdk_checksum_algorithm="SHA256", x_amz_checksum_crc32=checksum("CRC32"))
    assert refused(other) == ("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")


def test_an_algorithm_that_cannot_be_computed_is_not_taken_for_right() -> None:
    assert refused(head(x_amz_checksum_xxhash64="AAAA")) == (
        "NotImplemented",
        "The local stack cannot compute XXHASH64.",
    )


def test_the_checksum_of_an_object_is_not_compared_with_the_body() -> None:
    request = head(x_amz_checksum_sha256=checksum("SHA256", b"other"))

    assert s3_integrity.refusal(request, BODY, Payload(BODY, {}), of_body=False) is None


def test_a_signed_hash_of_another_body_is_refused() -> None:
    right = hashlib.sha256(BODY).hexdigest()

    assert refused(head(x_amz_content_sha256=right)) is None
    assert refused(head(x_amz_content_sha256="UNSIGNED-PAYLOAD")) is None
    refusal = refused(head(x_amz_content_sha256=right), b"other")
    assert refusal == (
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
    other = refused(head(x_amz_content_sha256="right"))
    assert other
    assert other[0] == "InvalidArgument"


def test_a_request_with_an_authorization_header_needs_the_hash() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request"

    assert refused(head(authorization=signed)) == ("InvalidRequest", s3_integrity.NO_SHA256)
    assert refused(head(authorization=signed, x_amz_content_sha256="UNSIGNED-PAYLOAD")) is None
    assert refused(head()) is None


def test_an_md5_of_another_body_is_refused() -> None:
    wrong = ("BadDigest", "The Content-MD5 you specified did not match what we received.")
    invalid = ("InvalidDigest", "The Content-MD5 you specified was invalid.")

    assert refused(head(content_md5=checksum("MD5"))) is None
    assert refused(head(content_md5=checksum("MD5", b"other"))) == wrong
    assert refused(head(content_md5=hashlib.md5(BODY).hexdigest())) == invalid  # noqa: S324 - the protocol's hash
    assert refused(head(content_md5=base64.b64encode(b"short").decode())) == invalid


def chunked(trailer: bytes, length: int = len(BODY)) -> tuple[Head, bytes]:
    request = head(
        x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        x_amz_decoded_content_length=str(length),
        x_amz_trailer="x-amz-checksum-sha256",
    )
    return request, b"4\r\nRIFF\r\n6;chunk-signature=ab\r\n audio\r\n0\r\n" + trailer + b"\r\n"


def test_a_checksum_may_follow_the_body() -> None:
    right, wrong = checksum("SHA256").encode(), checksum("SHA256", b"other").encode()

    assert refused(*chunked(b"x-amz-checksum-sha256:" + right + b"\r\n")) is None
    assert refused(*chunked(b"x-amz-checksum-sha256:" + wrong + b"\r\n")) == (
        "BadDigest",
        "The SHA256 you specified did not match the calculated checksum.",
    )


def test_an_announced_checksum_must_follow() -> None:
    refusal = refused(*chunked(b""))

    assert refusal == ("MalformedTrailerError", aws_chunks.MALFORMED_TRAILER.message)


def test_a_body_in_chunks_must_be_complete() -> None:
    assert refused(*chunked(b"", length=11)) == ("IncompleteBody", aws_chunks.INCOMPLETE.message)
    request, sent = chunked(b"")
    assert refused(request, sent[:12]) == ("IncompleteBody", aws_chunks.INCOMPLETE.message)
