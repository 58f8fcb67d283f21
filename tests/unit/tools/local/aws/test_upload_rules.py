"""Multipart uploads that S3 refuses for their parts or checksums."""

import pytest

from tools.local.aws import upload_rules
from tools.local.aws.refusals import Refusal
from tools.local.aws.upload_rules import Part
from tools.local.emulator.wire import Head

ONE = Part(1, "e1", {"SHA256": "one"})
TWO = Part(2, "e2", {"SHA256": "two"})
STORED = {1: ONE, 2: TWO}


def code(refusal: object) -> str | None:
    return refusal.code if isinstance(refusal, Refusal) else None


def completed(*named: Part, algorithm: str | None = "SHA256", kind: str | None = "COMPOSITE") -> Refusal | None:
    return upload_rules.completed("u", algorithm, kind, named, STORED)


def test_parts_with_their_etags_and_checksums_are_accepted() -> None:
    assert completed(ONE, TWO) is None


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(Part(3, "e3", {"SHA256": "one"}), id="a part that is not stored"),
        pytest.param(ONE._replace(etag="e2"), id="another ETag"),
        pytest.param(ONE._replace(checksums={"SHA256": "two"}), id="another checksum"),
        pytest.param(ONE._replace(checksums={"CRC32": "one"}), id="a checksum of another algorithm"),
    ],
)
def test_a_part_that_differs_from_what_is_stored_is_refused(wrong: Part) -> None:
    refusal = completed(wrong)

    assert code(refusal) == "InvalidPart"
    assert refusal
    assert refusal.members == {"UploadId": "u", "PartNumber": wrong.number, "ETag": wrong.etag}


def test_a_composite_checksum_needs_the_checksum_of_each_part() -> None:
    refusal = completed(ONE, TWO._replace(checksums={}))

    assert refusal
    assert refusal.message == (
        "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. "
        "It was missing for part 2 in the request."
    )
    assert completed(ONE._replace(checksums={}), kind="FULL_OBJECT") is None


def test_an_upload_without_an_algorithm_has_no_checksums_of_parts() -> None:
    assert code(completed(ONE, algorithm=None, kind=None)) == "InvalidPart"
    assert completed(ONE._replace(checksums={}), algorithm=None, kind=None) is None


def test_a_part_has_a_checksum_of_the_algorithm_of_its_upload() -> None:
    expected = "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: "

    assert upload_rules.uploaded("SHA256", ["SHA256"]) is None
    assert upload_rules.uploaded(None, ["CRC32"]) is None
    for given, actual in (["CRC32"], "crc32"), ([], "null"):
        refusal = upload_rules.uploaded("SHA256", given)
        assert refusal
        assert refusal.message == expected + actual


@pytest.mark.parametrize(
    ("algorithm", "kind", "accepted"),
    [
        (None, None, True),
        (None, "COMPOSITE", False),
        ("SHA256", None, True),
        ("SHA256", "FULL_OBJECT", False),
        ("CRC32", "FULL_OBJECT", True),
        ("CRC64NVME", "COMPOSITE", False),
        ("SHA3", None, False),
    ],
)
def test_an_algorithm_has_its_checksum_types(algorithm: str | None, kind: str | None, accepted: bool) -> None:  # noqa: FBT001
    assert code(upload_rules.created(algorithm, kind)) == (None if accepted else "InvalidRequest")


def test_the_checksum_of_the_object_may_end_with_the_number_of_parts() -> None:
    for value, accepted in ("c", True), ("c-2", True), ("c-3", False), ("d", False):
        refusal = upload_rules.object_checksum({"SHA256": value}, "SHA256", "c", 2)
        assert code(refusal) == (None if accepted else "BadDigest")


@pytest.mark.parametrize(
    ("number", "accepted"),
    [("1", True), ("10000", True), ("0", False), ("10001", False), ("-1", False), ("1.5", False), ("", False)],
)
def test_a_part_has_a_number_from_1_to_10000(number: str, accepted: bool) -> None:  # noqa: FBT001
    target = f"/bucket/key?partNumber={number}&uploadId=u"
    refusal = upload_rules.numbered(Head(method="PUT", target=target, version="HTTP/1.1"))

    assert code(refusal) == (None if accepted else "InvalidArgument")
    assert accepted or (refusal and refusal.members["ArgumentValue"] == number)


def body(*numbers: int) -> bytes:
    parts = "".join(
        f'<Part><PartNumber>{number}</PartNumber><ETag>"e"</ETag><ChecksumSHA256>c</ChecksumSHA256></Part>'
        for number in numbers
    )
    return f'<CompleteMultipartUpload xmlns="urn:x">{parts}</CompleteMultipartUpload>'.encode()


def test_the_parts_are_read_in_their_order() -> None:
    assert upload_rules.read(body(1, 3)) == [Part(1, "e", {"SHA256": "c"}), Part(3, "e", {"SHA256": "c"})]
    assert code(upload_rules.read(body(3, 1))) == "InvalidPartOrder"
    assert code(upload_rules.read(body(1, 1))) == "InvalidPartOrder"


@pytest.mark.parametrize("wrong", [b"", b"<a>", body(), b"<a><Part><ETag>e</ETag></Part></a>"])
def test_a_body_that_names_no_parts_is_malformed(wrong: bytes) -> None:
    assert code(upload_rules.read(wrong)) == "MalformedXML"
