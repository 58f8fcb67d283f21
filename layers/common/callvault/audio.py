"""Know what is audio, and how long it lasts, from its first bytes and its size.

Sources: WAVE, Microsoft "Multimedia Programming Interface and Data Specifications 1.0"; its format tags, RFC 2361;
RF64, EBU Tech 3306; MPEG audio frames, ISO/IEC 11172-3 and 13818-3, 2.4.1.3; ID3v2, id3.org "ID3v2.4.0 structure" 3.1;
Xing and VBRI headers, Konrad Windszus "MPEG Audio Frame Header" 2.3.

No library reads the headers here: tinytag 2.3.2 believes the length in a broken-off or streamed WAVE file (74 hours for
20 s), reads mu-law without a fact chunk as 0 s and RF64 not at all, and takes five silent frames at the beginning of a
call for the bitrate of all of it (1358 s for 306 s).
"""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from callvault.errors import RejectedError
from callvault.models import Frozen, Recording

WAVE = "audio/x-wav"
MPEG = "audio/mpeg"
FORMATS = {WAVE: "wav", MPEG: "mp3"}

HEAD_BYTES = 256 * 1024
"""How much of the beginning `check` and `measure` want: a WAVE header takes hundreds of bytes, an ID3 tag with a
picture some 100,000, and an MP3 of varying bitrate without an index is judged by half a minute at 64 kbit/s."""

EXTENSIBLE = 0xFFFE
STREAMED = 0x7FFF0000
"""No call is as long as that: a writer that cannot go back leaves 0, or about this much, or more."""
CODECS = {0x0001: "pcm", 0x0003: "float", 0x0006: "alaw", 0x0007: "mulaw"}
"""The WAVE format tags whose block is one sample of each channel."""

ID3 = re.compile(rb"ID3[\x02-\x04][^\xff](?P<flags>.)(?P<length>[\x00-\x7f]{4})", re.DOTALL)
FOOTER = 0x10

SYNC, LAYER_3, MONO = 0x7FF, 1, 3
VERSIONS = {  # by the header's two bits: samples of a frame; Hertz; kbit/s in layer III; 0 where it may not be
    3: (1152, (44100, 48000, 32000, 0), (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)),
    2: (576, (22050, 24000, 16000, 0), (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)),
    1: (0, (0, 0, 0, 0), (0,) * 16),
    0: (576, (11025, 12000, 8000, 0), (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)),
}
SIDE_INFORMATION = {(1152, 2): 32, (1152, 1): 17, (576, 2): 17, (576, 1): 9}
"""Its bytes, by samples of a frame and channels."""
FRAMES_AND_BYTES = 3
"""The two flags of a Xing header that say that both counts are in it."""


class Measurement(Frozen):
    """What the bytes say, whatever anybody announced."""

    content_type: str
    codec: str
    """`pcm`, `float`, `mulaw`, `alaw`, `mp3`, or the WAVE format tag in hex."""
    channels: int
    sample_rate: int
    """Hertz."""
    duration_ms: int
    """Of the bytes that are there, whatever the header promises."""
    missing: int = 0
    """Bytes that the header promises and that are not there: the file broke off, or its writer counted wrongly."""
    estimated: bool = False
    """The duration is a guess: the bitrate varies and no index tells the sum, or the codec is not one that we know."""


class Frame(NamedTuple):
    """The header of one MP3 frame."""

    bitrate: int
    sample_rate: int
    channels: int
    samples: int
    length: int
    """Bytes, with the header."""


def check(head: bytes) -> str:
    """Return the content type of a file that begins so; raise RejectedError if it is no audio that a provider sends.

    A text never passes, whatever status or type it came with: none begins with one of the marks, and the byte order
    mark of UTF-16, FF FE, reads as a frame of layer I, never of layer III. The second frame has to fit, too.
    """
    if not head:
        raise RejectedError("empty", "The file has no bytes.")
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return WAVE
    if _tag_length(head) or _fits(head, 0):
        return MPEG
    raise RejectedError("not_audio", "The file begins neither like WAVE nor like MP3.")


def measure(head: bytes, size: int) -> Measurement:
    """Measure the file of `size` bytes that begins with `head`: HEAD_BYTES, or all of a shorter file.

    Raises RejectedError if it is not audio, or its beginning does not say how to play it.
    """
    head = head[:size]
    measurement = _measure_wave(head, size) if check(head) == WAVE else _measure_mpeg(head, size)
    if measurement is None:
        raise RejectedError("not_audio", "The file begins like audio but cannot be understood.")
    return measurement


def differences(recording: Recording, measurement: Measurement) -> tuple[str, ...]:
    """Name each point in which the recording, as announced, differs from what was measured."""
    found = []
    announced, measured = recording.duration_ms, measurement.duration_ms
    if announced is not None and abs(announced - measured) > _tolerance(announced):
        verb = "estimated" if measurement.estimated else "measured"
        found.append(f"duration announced {announced} ms, {verb} {measured} ms")
    if measurement.missing:
        found.append(f"the header promises {measurement.missing} bytes more than there are")
    if recording.channels is not None and recording.channels != measurement.channels:
        found.append(f"channels announced {recording.channels}, measured {measurement.channels}")
    if recording.format is not None and recording.format != FORMATS[measurement.content_type]:
        found.append(f"format announced {recording.format}, measured {FORMATS[measurement.content_type]}")
    return tuple(found)


def too_short(recording: Recording, measurement: Measurement) -> bool:
    """Say whether the body broke off: it lacks what its own header promises, or lasts less long than announced.

    A guessed duration proves nothing.
    """
    if measurement.missing:
        return True
    if recording.duration_ms is None or measurement.estimated:
        return False
    return measurement.duration_ms < recording.duration_ms - _tolerance(recording.duration_ms)


def _tolerance(announced: int) -> float:
    # Providers round to whole seconds, and encoders pad.
    return max(1000, 0.02 * announced)


def _measure_wave(head: bytes, size: int) -> Measurement | None:
    description = b""
    for name, start, length in _chunks(head):
        if name == b"fmt ":
            description = head[start : start + length]
        elif name == b"data":
            tag, channels, rate, byte_rate, block, subformat = struct.unpack_from(
                "<HHIIH10xH", description.ljust(26, b"\0")
            )
            if tag == EXTENSIBLE:
                tag = subformat
            if tag in CODECS and block:  # then the byte rate is redundant, and some writers get it wrong
                byte_rate = rate * block
            if not (channels and rate and byte_rate):
                return None
            # A writer that cannot go back leaves 0 or far too much as the length, and a file may have broken off.
            present = min(length or size, size - start)
            promised = length if length < STREAMED else 0
            return Measurement(
                content_type=WAVE,
                codec=CODECS.get(tag, f"0x{tag:04x}"),
                channels=channels,
                sample_rate=rate,
                duration_ms=round(present * 1000 / byte_rate),
                missing=max(0, promised - present),
                estimated=tag not in CODECS,
            )
    return None


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and length of each chunk whose header is in the head."""
    offset = 12
    while offset + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, offset)
        yield name, offset + 8, length
        offset += 8 + length + length % 2


def _measure_mpeg(head: bytes, size: int) -> Measurement | None:
    offset = _tag_length(head)
    while not _fits(head, offset):  # some writers pad after the tag
        offset = head.find(b"\xff", offset + 1)
        if offset < 0:
            return None
    frames = list(_frames(head, offset))
    first, present = frames[0], size - offset
    count, indexed = _index(head, offset, first)
    if count and indexed:
        lasting = count * min(1, present / indexed)
    else:
        lasting = len(frames) * present / sum(frame.length for frame in frames)
    steady = len({frame.bitrate for frame in frames}) == 1
    return Measurement(
        content_type=MPEG,
        codec="mp3",
        channels=first.channels,
        sample_rate=first.sample_rate,
        duration_ms=round(lasting * first.samples * 1000 / first.sample_rate),
        missing=max(0, indexed - present) if count else 0,
        estimated=not (steady or (count and indexed) or size == len(head)),
    )


def _tag_length(head: bytes) -> int:
    """Return the length of the ID3v2 tag in front, 0 without one; the head may end inside the tag."""
    tag = ID3.match(head)
    if tag is None:
        return 0
    length = 0
    for seven_bits in tag["length"]:
        length = length << 7 | seven_bits
    return 10 + length + (10 if tag["flags"][0] & FOOTER else 0)


def _frames(head: bytes, offset: int) -> Iterator[Frame]:
    """Yield each frame, from the offset on, whose header is in the head."""
    while frame := _frame(head, offset):
        yield frame
        offset += frame.length


def _frame(head: bytes, offset: int) -> Frame | None:
    """Read the frame header at the offset; return None if there is none of layer III."""
    bits = int.from_bytes(head[offset : offset + 4])
    samples, rates, bitrates = VERSIONS[bits >> 19 & 3]
    bitrate, rate = bitrates[bits >> 12 & 15], rates[bits >> 10 & 3]
    if bits >> 21 != SYNC or bits >> 17 & 3 != LAYER_3 or not (bitrate and rate):
        return None
    length = samples // 8 * bitrate * 1000 // rate + (bits >> 9 & 1)
    return Frame(bitrate, rate, 1 if bits >> 6 & 3 == MONO else 2, samples, length)


def _fits(head: bytes, offset: int) -> bool:
    """Say whether a frame is there and, if the head goes that far, another one after it."""
    frame = _frame(head, offset)
    return frame is not None and (
        offset + frame.length + 4 > len(head) or _frame(head, offset + frame.length) is not None
    )


def _index(head: bytes, offset: int, first: Frame) -> tuple[int, int]:
    """Return how many frames and bytes the index in the first frame counts, zeros where it does not."""
    # A Xing header stands where a frame's side information ends, a VBRI header always at the same place.
    xing = offset + 4 + SIDE_INFORMATION[first.samples, first.channels]
    mark, flags, count, length = struct.unpack(">4sIII", head[xing : xing + 16].ljust(16, b"\0"))
    if mark in {b"Xing", b"Info"} and flags & FRAMES_AND_BYTES == FRAMES_AND_BYTES:
        return count, length
    mark, length, count = struct.unpack(">4s6xII", head[offset + 36 : offset + 54].ljust(18, b"\0"))
    return (count, length) if mark == b"VBRI" else (0, 0)
