"""Compute the checksums that S3 can check.

S3 User Guide, "Checking object integrity in Amazon S3", lists the algorithms.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from functools import cache

BYTE_VALUES = 256


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    """Return the table of a CRC whose polynomial is written with its lowest power first."""
    table = []
    for value in range(BYTE_VALUES):
        rest = value
        for _ in range(8):
            rest = rest >> 1 ^ (polynomial if rest & 1 else 0)
        table.append(rest)
    return tuple(table)


def _crc(body: bytes, polynomial: int, size: int) -> bytes:
    """Return a CRC of `size` bytes.

    Python has no fast one for CRC32C and CRC64NVME without awscrt. This takes about 0.1 s for 1 MB.
    Neither the archive nor boto3 without awscrt sends them.
    """
    table, ones = _table(polynomial), (1 << 8 * size) - 1
    rest = ones
    for byte in body:
        rest = table[rest & 0xFF ^ byte] ^ rest >> 8
    return (rest ^ ones).to_bytes(size, "big")


ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "CRC32C": lambda body: _crc(body, 0x82F63B78, 4),
    "CRC64NVME": lambda body: _crc(body, 0x9A6C9329AC4BC9B5, 8),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
    "SHA512": lambda body: hashlib.sha512(body).digest(),
    "MD5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
}
"""The algorithms, each with the function that computes its checksum."""


def compute(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:  # noqa: FBT001, FBT002 - moto's signature
    """Return the checksum of a body, in Base64 or as bytes; raises KeyError."""
    digest = ALGORITHMS[algorithm](body)
    return base64.b64encode(digest) if encode_base64 else digest


class Digests:
    """The checksums of a body, each computed at most once: a request may give a hash twice."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._known: dict[str, bytes] = {}

    def of(self, algorithm: str) -> bytes:
        """Return a checksum as bytes; raises KeyError."""
        if algorithm not in self._known:
            self._known[algorithm] = ALGORITHMS[algorithm](self._body)
        return self._known[algorithm]


def decoded(value: str) -> bytes | None:
    """Return what a value in Base64 stands for, or None if it is not Base64."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
