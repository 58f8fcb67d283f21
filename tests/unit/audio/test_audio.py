"""What is audio, and how long it lasts."""

import struct
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import audio
from callvault.errors import RejectedError
from callvault.models import Recording, State
from tools import audio_samples as samples
from tools.audio_samples.tones import Codec

TEXTS = {
    "html": b"<!DOCTYPE html><html><body>404</body></html>",
    "xml": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "json": b'{"error": "not found"}',
    "json in UTF-16": '{"error": "not found"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf<html>",
    "words that begin like a tag": b"ID3 tags are not available for this recording.",
    "words that begin like WAVE": b"RIFF-RAFF WAVE",
    "too short to tell": b"RI",
}
OTHERS = {
    "AIFF": b"FORM\x00\x00\x10\x00AIFF",
    "AVI": b"RIFF\x00\x00\x10\x00AVI LIST",
    "layer II": b"\xff\xfd\x90\x04" + bytes(600),
    "reserved version": b"\xff\xeb\x90\x04" + bytes(600),
    "reserved bitrate": b"\xff\xfb\xf0\x04" + bytes(600),
    "free bitrate": b"\xff\xfb\x00\x04" + bytes(600),
    "reserved sample rate": b"\xff\xfb\x9c\x04" + bytes(600),
    "AAC": b"\xff\xf1\x50\x80" + bytes(600),
    "one frame of chance": b"\xff\xfb\x90\x04" + bytes(600),
}

unhurried = settings(deadline=None)
"""The machine may be busy with other things."""


def recording(**fields: Any) -> Recording:
    return Recording(account_id="a1", recording_id="r1", provider="kazoo", state=State.PENDING, **fields)


def measure(content: bytes) -> audio.Measurement:
    return audio.measure(audio.head(content), len(content))


@pytest.mark.parametrize("content", [*TEXTS.values(), *OTHERS.values()], ids=[*TEXTS, *OTHERS])
def test_bytes_that_are_not_audio_are_rejected(content: bytes) -> None:
    with pytest.raises(RejectedError) as caught:
        audio.check(content)
    assert caught.value.reason == "not_audio"


def test_an_empty_body_is_rejected_as_empty() -> None:
    with pytest.raises(RejectedError) as caught:
        audio.check(b"")
    assert caught.value.reason == "empty"


@unhurried
@given(st.text(min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_no_text_is_accepted_as_audio(text: str, encoding: str) -> None:
    with pytest.raises(RejectedError):
        audio.check(text.encode(encoding))


@unhurried
@given(
    st.sampled_from(
        [
            b"",
            b"RIFF....WAVE",
            b"RIFF....WAVEfmt \x10\0\0\0",
            b"ID3\x03\0\0\0\0\0\x05",
            b"\xff\xfb\x90\x04",
            b"\0\0\0\x10ftypisom",
        ]
    ),
    st.binary(max_size=2000),
    st.integers(min_value=0, max_value=2**40),
)
def test_any_bytes_are_measured_or_rejected(beginning: bytes, rest: bytes, size: int) -> None:
    try:
        measurement = audio.measure(beginning + rest, size)
    except RejectedError as error:
        assert error.reason in {"empty", "not_audio"}  # noqa: PT017 - either outcome is right
    else:
        assert measurement.duration_ms is None or measurement.duration_ms >= 0


@unhurried
@given(
    frames=st.integers(min_value=0, max_value=3000),
    channels=st.integers(min_value=1, max_value=2),
    rate=st.sampled_from([6000, 8000, 11025, 16000]),
    kind=st.sampled_from([("pcm", 8), ("pcm", 16), ("pcm", 24), ("float", 32), ("mulaw", 8), ("alaw", 8)]),
    extensible=st.booleans(),
    chunks=st.lists(st.binary(max_size=99)),
    length=st.sampled_from([None, 0, 0x7FFFFFFF, 0xFFFFFFFF]),
)
def test_a_wave_file_is_measured_exactly(
    *,
    frames: int,
    channels: int,
    rate: int,
    kind: tuple[Codec, int],
    extensible: bool,
    chunks: list[bytes],
    length: int | None,
) -> None:
    codec, bits = kind
    data = bytes(frames * channels * bits // 8)
    content = samples.wave(
        data,
        channels=channels,
        rate=rate,
        codec=codec,
        bits=bits,
        extensible=extensible,
        chunks=b"".join(samples.chunk(b"LIST", chunk) for chunk in chunks),
        data_length=length,
    )
    # The padding byte after an odd number of bytes counts as data if the header has no length.
    padding = 1 / (channels * bits // 8) if len(data) % 2 and length is not None else 0
    assert measure(content) == audio.Measurement(
        content_type=audio.WAVE,
        codec=codec,
        channels=channels,
        sample_rate=rate,
        duration_ms=round((frames + padding) * 1000 / rate),
    )


def test_the_duration_of_a_truncated_wave_file_is_that_of_its_bytes() -> None:
    assert measure(samples.wav(10)[: 44 + 6 * 16000]).duration_ms == 6000


def test_chunks_after_the_data_are_not_audio() -> None:
    assert measure(samples.wav(10) + samples.chunk(b"LIST", bytes(16000))).duration_ms == 10_000


def test_a_header_without_audio_has_a_duration_of_zero() -> None:
    assert measure(samples.wav(0)).duration_ms == 0


def test_a_long_recording_needs_only_its_head() -> None:
    head = samples.wav(1, data_length=2_000_000_000)
    assert audio.measure(head, len(head) + 1_600_000_000).duration_ms == 100_001_000


def test_an_rf64_file_is_wave() -> None:
    extended = (
        b"RF64\xff\xff\xff\xffWAVE" + samples.chunk(b"ds64", bytes(28)) + samples.wav(2, data_length=0xFFFFFFFF)[12:]
    )
    assert measure(extended).duration_ms == 2000


def test_an_unknown_codec_has_its_format_tag_and_an_estimated_duration() -> None:
    g723 = struct.pack("<HHIIHHHH", 0x42, 1, 8000, 1625, 65, 0, 2, 320)
    content = b"RIFF\0\0\0\0WAVE" + samples.chunk(b"fmt ", g723) + samples.chunk(b"data", bytes(1625 * 4))
    measurement = measure(content)
    assert (measurement.codec, measurement.duration_ms, measurement.estimated) == ("0x0042", 4000, True)


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0\0\0WAVE" + samples.chunk(b"data", bytes(100)),
        b"RIFF\0\0\0\0WAVE" + samples.chunk(b"fmt ", bytes(16)) + samples.chunk(b"data", bytes(100)),
        samples.id3(padding=500),
        samples.id3() + b"<html>\xff" + bytes(500),
    ],
    ids=["no chunks", "no description", "zeros for a description", "a tag alone", "a tag before a page"],
)
def test_bytes_that_only_begin_like_audio_are_rejected(content: bytes) -> None:
    assert audio.check(content) in {audio.WAVE, audio.MPEG}
    with pytest.raises(RejectedError) as caught:
        measure(content)
    assert caught.value.reason == "not_audio"


@unhurried
@given(
    rate=st.sampled_from([8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000]),
    bitrate=st.sampled_from([32, 40, 48, 56, 64, 80, 96, 112, 128, 160]),
    channels=st.sampled_from([1, 2]),
    seconds=st.integers(min_value=1, max_value=20),
)
def test_an_mp3_of_constant_bitrate_is_measured_within_a_frame(
    rate: int, bitrate: int, channels: int, seconds: int
) -> None:
    measurement = measure(samples.mp3(seconds, rate=rate, bitrate=bitrate, channels=channels))
    assert (measurement.codec, measurement.sample_rate, measurement.channels) == ("mp3", rate, channels)
    assert measurement.duration_ms == pytest.approx(seconds * 1000, abs=72)
    assert not measurement.estimated


@unhurried
@given(
    index=st.sampled_from(("Xing", "Info", "VBRI")),
    rate=st.sampled_from([8000, 44100]),
    channels=st.sampled_from([1, 2]),
)
def test_an_index_has_the_duration_of_an_mp3(index: Literal["Xing", "Info", "VBRI"], rate: int, channels: int) -> None:
    content = samples.mp3_vbr(70, rate=rate, channels=channels, bitrates=(32, 64), index=index)
    assert len(content) > audio.HEAD_BYTES
    measurement = measure(content)
    assert measurement.duration_ms == pytest.approx(70_000, abs=72)
    assert not measurement.estimated


def test_the_duration_of_a_truncated_indexed_mp3_is_that_of_its_bytes() -> None:
    content = samples.mp3_vbr(200)
    assert measure(content[: len(content) // 2]).duration_ms == pytest.approx(100_000, abs=200)


def test_an_index_that_its_writer_never_filled_in_is_ignored() -> None:
    content = bytearray(samples.mp3_vbr(20))
    at = content.index(b"Xing") + 8
    content[at : at + 8] = bytes(8)
    assert measure(bytes(content)).duration_ms == pytest.approx(20_000, abs=144)


def test_a_tag_and_its_padding_are_not_audio() -> None:
    tag = samples.id3("A call", padding=20_000) + bytes(333)
    assert measure(samples.mp3(20, tag=tag)).duration_ms == pytest.approx(20_000, abs=72)


def test_a_tag_may_have_a_footer() -> None:
    tag = bytearray(samples.id3("A call"))
    tag[3:6] = b"\x04\x00\x10"
    assert measure(samples.mp3(20, tag=bytes(tag) + b"3DI" + tag[3:10])).duration_ms == pytest.approx(20_000, abs=72)


def test_an_mp3_of_variable_bitrate_without_an_index_is_estimated() -> None:
    content = samples.mp3_vbr(200, index=None)
    measurement = measure(content)
    assert measurement.estimated
    assert measurement.duration_ms == pytest.approx(200_000, rel=0.02)
    whole = measure(samples.mp3_vbr(20, index=None))
    assert not whole.estimated
    assert whole.duration_ms == pytest.approx(20_000, abs=72)


def test_silence_at_the_beginning_does_not_determine_the_bitrate() -> None:
    measurement = measure(samples.mp3(3, bitrate=8) + samples.mp3(297, bitrate=64))
    assert measurement.estimated
    assert measurement.duration_ms == pytest.approx(300_000, rel=0.1)


def test_an_mp3_truncated_in_its_first_frame_is_measured() -> None:
    assert measure(samples.mp3(20)[:72]).duration_ms == 36


def test_samples_of_different_seeds_differ_and_measure_the_same() -> None:
    for make in (samples.wav, samples.mp3, samples.mp3_vbr):
        one, same, other = make(2, seed=1), make(2, seed=1), make(2, seed=2)
        assert one == same != other
        assert measure(one) == measure(other)


def test_correctly_announced_values_have_no_differences() -> None:
    announced = recording(duration_ms=9100, channels=2, format="wav")
    assert audio.differences(announced, measure(samples.wav(10, channels=2))) == ()


def test_a_value_that_was_not_announced_has_no_difference() -> None:
    measurement = measure(samples.wav(10))
    assert audio.differences(recording(), measurement) == ()
    assert not audio.too_short(recording(), measurement)


def test_each_difference_is_named() -> None:
    announced = recording(duration_ms=20_056, channels=2, format="mp3")
    assert audio.differences(announced, measure(samples.wav(10))) == (
        "duration announced 20056 ms, measured 10000 ms",
        "channels announced 2, measured 1",
        "format announced mp3, measured wav",
    )


def test_an_estimated_duration_is_named_so_and_is_never_too_short() -> None:
    measurement = measure(samples.mp3_vbr(200, index=None))
    announced = recording(duration_ms=300_000)
    assert audio.differences(announced, measurement)[0].startswith("duration announced 300000 ms, estimated ")
    assert not audio.too_short(announced, measurement)


def test_a_short_recording_may_be_one_second_shorter_than_announced() -> None:
    ten_seconds = measure(samples.wav(10))
    assert not audio.too_short(recording(duration_ms=9_000), ten_seconds)
    assert not audio.too_short(recording(duration_ms=11_000), ten_seconds)
    assert audio.too_short(recording(duration_ms=11_001), ten_seconds)


@pytest.mark.parametrize(("announced", "most"), [(75_000, 1_500), (600_000, 2_600), (3_600_000, 5_600)])
def test_a_long_recording_may_lack_two_percent_but_only_seconds(announced: int, most: int) -> None:
    whole = measure(samples.wav(10))
    for missing, short in ((most, False), (most + 1, True)):
        measured = whole.model_copy(update={"duration_ms": announced - missing})
        assert audio.too_short(recording(duration_ms=announced), measured) is short
        assert bool(audio.differences(recording(duration_ms=announced), measured)) is short


def test_an_estimate_may_be_two_percent_off() -> None:
    measured = measure(samples.wav(10)).model_copy(update={"duration_ms": 589_000, "estimated": True})
    assert audio.differences(recording(duration_ms=600_000), measured) == ()


@pytest.mark.parametrize(
    ("whole", "end"),
    [(samples.wav(3, seed=1), 1000), (samples.mp3_vbr(30, index="Xing", seed=1), 1000)],
)
def test_a_truncated_file_lacks_bytes_that_its_header_announces(whole: bytes, end: int) -> None:
    assert audio.measure(whole[: audio.HEAD_BYTES], len(whole)).missing == 0
    assert audio.measure(whole[: audio.HEAD_BYTES], len(whole) - end).missing == end


@pytest.mark.parametrize("data_length", [0, 0x7FFF0000, 0xFFFFFFFF])
def test_a_streamed_file_without_a_length_lacks_no_bytes(data_length: int) -> None:
    streamed = samples.wav(3, data_length=data_length)
    assert audio.measure(streamed, len(streamed)).missing == 0


def test_bytes_that_the_header_announces_in_vain_are_a_difference() -> None:
    whole = samples.wav(10)
    measurement = audio.measure(whole[: audio.HEAD_BYTES], len(whole) - 100)
    assert audio.differences(recording(duration_ms=10_000), measurement) == (
        "the header promises 100 bytes more than there are",
    )
