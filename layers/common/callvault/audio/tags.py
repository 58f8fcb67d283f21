"""Find the end of the tags that stand before the audio of a file.

Sources: id3.org "ID3v2.4.0 structure" 3.1 and 3.4; the APEv2 specification of Hydrogenaudio.
"""

import re
import struct

ID3 = re.compile(rb"ID3[\x02-\x04][^\xff](?P<flags>.)(?P<length>[\x00-\x7f]{4})", re.DOTALL)
ID3_HEADER, ID3_FOOTER = 10, 10
FOOTER = 0x10
"""The flag of an ID3 tag that has a footer, whose length its own length does not include."""
APE, APE_HEADER = b"APETAGEX", 32


def end(content: bytes, offset: int = 0) -> int:
    """Return the offset behind all tags that follow each other from `offset` on.

    A file may have several tags, because a program that adds one need not know the other's kind. If
    the content ends within a tag, the result is greater than the content's length.
    """
    while length := _length(content, offset):
        offset += length
    return offset


def _length(content: bytes, offset: int) -> int:
    """Return the length of the tag at the offset, with its header; 0 if there is none."""
    tag = ID3.match(content, offset)
    if tag is None:
        return _ape_length(content, offset)
    length = 0
    for seven_bits in tag["length"]:
        length = length << 7 | seven_bits
    return ID3_HEADER + length + (ID3_FOOTER if tag["flags"][0] & FOOTER else 0)


def _ape_length(content: bytes, offset: int) -> int:
    """Return the length of the APE tag at the offset, with its header; 0 if there is none."""
    if not content.startswith(APE, offset) or offset + APE_HEADER > len(content):
        return 0
    (length,) = struct.unpack_from("<I", content, offset + 12)
    return APE_HEADER + int(length)
