"""Generate one second of tones, in each codec of a WAVE file."""

import math
import struct
from collections.abc import Callable
from hashlib import shake_256
from typing import Literal

Codec = Literal["pcm", "float", "mulaw", "alaw"]


def second(codec: Codec, bits: int, channels: int, rate: int, seed: int) -> bytes:
    """Return the encoded samples of one second, with a tone in each channel.

    The frequencies are whole numbers of Hertz, so that seconds can be repeated without a gap. The
    seed chooses the frequencies and phases.
    """
    encode = {"float": _float, "mulaw": _mulaw, "alaw": _alaw}.get(codec) or _pcm(bits)
    tones = []
    for channel in range(channels):
        frequency, phase = struct.unpack(">HH", shake_256(f"{seed} {channel}".encode()).digest(4))
        tones.append((200 + frequency % (rate // 2 - 400), phase))
    return b"".join(
        encode(round(8000 * math.sin(2 * math.pi * (frequency * sample / rate + phase / 0x10000))))
        for sample in range(rate)
        for frequency, phase in tones
    )


def _pcm(bits: int) -> Callable[[int], bytes]:
    match bits:
        case 8:  # the only width without a sign
            return lambda value: bytes([(value >> 8) + 128])
        case 16:
            return lambda value: value.to_bytes(2, "little", signed=True)
        case _:
            return lambda value: (value << 8).to_bytes(3, "little", signed=True)


def _float(value: int) -> bytes:
    return struct.pack("<f", value / 0x8000)


def _mulaw(value: int) -> bytes:
    """Encode 16 bits as mu-law: ITU-T G.711, table 2."""
    sign, magnitude = (0x80 if value < 0 else 0), min(abs(value) >> 2, 8158) + 33
    segment = magnitude.bit_length() - 6
    return bytes([~(sign | segment << 4 | magnitude >> (segment + 1) & 0xF) & 0xFF])


def _alaw(value: int) -> bytes:
    """Encode 16 bits as A-law: ITU-T G.711, table 1."""
    sign, magnitude = (0 if value < 0 else 0x80), (~value if value < 0 else value) >> 4
    segment = max(magnitude.bit_length() - 4, 0)
    return bytes([(sign | segment << 4 | magnitude >> max(segment - 1, 0) & 0xF) ^ 0x55])
