"""Recognise files of which too little is there to tell whether they become audio.

A provider may serve a file that is still being written: its first bytes alone, or zeros that a
writer reserved for a header or for the whole file.
"""

from callvault.audio import mp4, tags, wave

SHORTEST_HEADER = 44
"""Length of the shortest WAVE header, which some writers fill in when the call ends, in bytes."""
ID3 = b"ID3"
FRAME_BEGINS = 3
"""Number of bytes of an MP3 frame's header that `frames.read` cannot read yet."""


def may_become_audio(content: bytes) -> bool:
    """Return whether a file that is no audio yet, and begins with `content`, may become audio."""
    reserved = not any(content[:SHORTEST_HEADER])
    return reserved or _is_tag(content) or _is_wave(content) or _is_mp4(content) or _is_frame(content)


def _is_tag(content: bytes) -> bool:
    """Return whether a file begins with a part of the header of a tag."""
    return any(mark.startswith(content[: len(mark)]) for mark in (ID3, tags.APE))


def _is_wave(content: bytes) -> bool:
    """Return whether a file begins with a part of the first 12 bytes of WAVE."""
    return any(form.startswith(content[:4]) for form in wave.FORMS) and b"WAVE".startswith(content[8:12])


def _is_mp4(content: bytes) -> bool:
    """Return whether a file begins with a part of the box `ftyp` of MP4."""
    brand = any(brand.startswith(content[8 : 8 + len(brand)]) for brand in mp4.BRANDS)
    return not any(content[:2]) and b"ftyp".startswith(content[4:8]) and brand


def _is_frame(content: bytes) -> bool:
    """Return whether a file is a part of the header of an MP3 frame."""
    return len(content) <= FRAME_BEGINS and content[:1] == b"\xff" and content[1:2] not in {b"\xff", b"\xfe"}
