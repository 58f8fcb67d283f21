"""Generate MP4 files, which consist of boxes."""

import struct

MP4_TYPE = bytes.fromhex("0000001c667479706d703432000000016d70343169736f6d6d703432")
"""The first box of an MP4 file, as KAZOO writes it."""
AAC = 2
AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)


def mp4(seconds: float, *, channels: int = 1, rate: int = 8000) -> bytes:
    """Return an MP4 file whose sound is described behind samples that are zeros."""
    configuration = struct.pack(">H", AAC << 11 | AAC_RATES.index(rate) << 7 | channels << 3)
    decoder = b"\x04" + bytes([15 + len(configuration)]) + bytes(13) + b"\x05\x02" + configuration
    stream = b"\x03\x80\x80\x80" + bytes([3 + len(decoder)]) + bytes(3) + decoder
    # As ffmpeg does, say two channels here, whatever the configuration says.
    entry = bytes(16) + struct.pack(">HHI", 2, 16, 0) + struct.pack(">I", rate << 16)
    table = box(b"stsd", bytes(4), struct.pack(">I", 1), box(b"mp4a", entry, box(b"esds", bytes(4), stream)))
    media = (
        box(b"mdhd", bytes(12), struct.pack(">II", rate, round(seconds * rate)), bytes(4)),
        box(b"hdlr", bytes(8), b"soun", bytes(12)),
        box(b"minf", box(b"stbl", table)),
    )
    described = box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", *media)))
    return MP4_TYPE + box(b"mdat", bytes(round(seconds * 1000))) + described


def box(name: bytes, *contents: bytes) -> bytes:
    """Return a box of an MP4 file."""
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), name) + content
