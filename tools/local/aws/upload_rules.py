"""Check the parts and the checksums of a multipart upload as S3 does.

S3 API Reference, "CompleteMultipartUpload" and "UploadPart"; S3 User Guide, "Checking object
integrity in Amazon S3". The messages are those that callers of S3 quote.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs
from xml.etree import ElementTree

from tools.local.aws.refusals import MALFORMED, Refusal
from tools.local.emulator.wire import Head

PART_NUMBERS = range(1, 10_001)
"""The numbers that a part may have ("Amazon S3 multipart upload limits", S3 User Guide)."""
DISORDER = Refusal(
    400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number."
)
TYPES = {
    "CRC32": ("COMPOSITE", "FULL_OBJECT"),
    "CRC32C": ("COMPOSITE", "FULL_OBJECT"),
    "CRC64NVME": ("FULL_OBJECT",),
    "SHA1": ("COMPOSITE",),
    "SHA256": ("COMPOSITE",),
}
"""The checksum types of each algorithm; the first is the default ("Checking object integrity")."""


class Part(NamedTuple):
    """A part of a multipart upload, as CompleteMultipartUpload names it or as S3 has it."""

    number: int
    etag: str
    checksums: Mapping[str, str]
    """The part's checksums in Base64, by algorithm."""


def numbered(head: Head) -> Refusal | None:
    """Return why S3 refuses the number of a part, or None."""
    query = parse_qs(head.target.partition("?")[2], keep_blank_values=True)
    number = query.get("partNumber", [""])[0]
    if re.fullmatch("[0-9]{1,5}", number) and int(number) in PART_NUMBERS:
        return None
    message = "Part number must be an integer between 1 and 10000, inclusive"
    members = {"ArgumentName": "partNumber", "ArgumentValue": number}
    return Refusal(400, "InvalidArgument", message, members)


def created(algorithm: str | None, kind: str | None) -> Refusal | None:
    """Return why S3 refuses the checksum's algorithm and type of a new upload, or None."""
    if algorithm is None:
        message = "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
        return _invalid(message) if kind else None
    if algorithm not in TYPES:
        return _invalid(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
        )
    if kind and kind not in TYPES[algorithm]:
        return _invalid(f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.")
    return None


def uploaded(algorithm: str | None, given: Iterable[str]) -> Refusal | None:
    """Return why S3 refuses a part with checksums of `given` algorithms, or None.

    `algorithm` is that of the upload. An upload without one accepts any.
    """
    actual = next(iter(given), "null")
    if algorithm is None or actual == algorithm:
        return None
    return _invalid(
        f"Checksum Type mismatch occurred, expected checksum Type: {algorithm.lower()}, "
        f"actual checksum Type: {actual.lower()}"
    )


def read(body: bytes) -> list[Part] | Refusal:
    """Return the parts that the body of a CompleteMultipartUpload names, or why S3 refuses it."""
    try:
        elements = list(ElementTree.fromstring(body))  # noqa: S314 - from our own clients
        parts = [_part({one.tag.rpartition("}")[2]: one.text or "" for one in element}) for element in elements]
    except (ElementTree.ParseError, KeyError, ValueError):
        return MALFORMED
    numbers = [part.number for part in parts]
    if not parts:
        return MALFORMED
    return parts if numbers == sorted(set(numbers)) else DISORDER


def completed(
    upload_id: str, algorithm: str | None, kind: str | None, named: Iterable[Part], stored: Mapping[int, Part]
) -> Refusal | None:
    """Return why S3 refuses to make an object of the parts that a request names, or None.

    Each part must be stored with this ETag, and with this checksum if the request gives one. An
    upload with composite checksums needs one for each part.
    """
    for part in named:
        known = stored.get(part.number)
        expected = known.checksums.get(algorithm or "") if known else None
        if (
            known is None
            or known.etag != part.etag
            or any((name, value) != (algorithm, expected) for name, value in part.checksums.items())
        ):
            return Refusal(
                400,
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag.",
                {"UploadId": upload_id, "PartNumber": part.number, "ETag": part.etag},
            )
        if algorithm and kind == "COMPOSITE" and not part.checksums:
            return _invalid(
                f"The upload was created using a {algorithm.lower()} checksum. The complete request must include the "
                f"checksum for each part. It was missing for part {part.number} in the request."
            )
    return None


def object_checksum(given: Mapping[str, str], algorithm: str | None, value: str, parts: int) -> Refusal | None:
    """Return why S3 refuses the checksum of the whole object that a request gives, or None.

    `value` is the right one. A composite one may end with a hyphen and the number of parts.
    """
    for name, one in given.items():
        if name != algorithm or one not in {value, f"{value}-{parts}"}:
            return Refusal(400, "BadDigest", f"The {name.lower()} you specified did not match the calculated checksum.")
    return None


def _part(members: Mapping[str, str]) -> Part:
    checksums = {name.removeprefix("Checksum"): value for name, value in members.items() if name.startswith("Checksum")}
    return Part(int(members["PartNumber"]), members["ETag"].strip('"'), checksums)


def _invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidRequest", message)
