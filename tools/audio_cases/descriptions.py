"""List the generated files: codecs, sample rates, channels, tags and broken ends."""

from collections.abc import Iterator
from itertools import product

from tools.audio_cases.case import Case, Edit

WAVE_RATES = (8000, 11025, 16000, 22050, 44100, 48000)
MPEG_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
CHANNELS = (1, 2)
WAVE_CODECS = (
    "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_alaw",
    "adpcm_ms", "adpcm_ima_wav", "libmp3lame",
)  # fmt: skip
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1.5"]
CALL = [
    "-f", "lavfi", "-i",
    "aevalsrc=(0.4*sin(440*2*PI*t)+0.3*(random(0)-0.5))*gte(mod(t\\,2)\\,1):s=16000:d=10.15",
]  # fmt: skip
"""A voice and a pause in turn, so that a variable bitrate varies."""
LONG = [*CALL[:-1], CALL[-1].replace("10.15", "90")]
"""Its files are longer than the head, if their bitrate is high."""

ZERO, UNKNOWN, BIG = "00000000", "ffffffff", "ffffff7f"
WAVE_EDITS: dict[str, list[Edit]] = {
    "half": [["half"]],
    "cut by 7": [["cut", 0, -7]],
    "data length 0": [["write", "data", 4, ZERO]],
    "data length unknown": [["write", "data", 4, UNKNOWN]],
    "data length 2 GB": [["write", "data", 4, BIG]],
    "data length unknown, half": [["write", "data", 4, UNKNOWN], ["half"]],
    "byte rate 0": [["write", "fmt ", 16, ZERO]],
    "long chunk": [["chunk", "LIST", 300_000]],
    "odd chunk": [["chunk", "junk", 33]],
    "tag before": [["before", 1000]],
    "long tag before": [["before", 300_000]],
}
MPEG_EDITS: dict[str, list[Edit]] = {
    "half": [["half"]],
    "cut by 7": [["cut", 0, -7]],
    "cut beginning": [["cut", 5000, None]],
    "tag of 300000": [["before", 300_000]],
    "two tags": [["before", 1000, 2000]],
    "two long tags": [["before", 200_000, 200_000]],
    "zeros before": [["zeros", 1000]],
    "joined": [["twice"]],
    "joined with a tag": [["twice", 500]],
    "id3v1": [["behind", "id3v1"]],
    "ape": [["behind", "ape"]],
    "zeros behind": [["behind", "zeros"]],
}
MPEG_MODES = {"cbr": ["-b:a", "48k"], "vbr": ["-q:a", "4"], "vbr without index": ["-q:a", "4", "-write_xing", "0"]}
LAME_MODES = {
    "cbr": ["-b", "32"], "cbr without index": ["-b", "32", "-t"], "vbr": ["-V", "4"],
    "old vbr": ["-V", "4", "--vbr-old"],
    "vbr without index": ["-V", "4", "-t"], "abr": ["--abr", "24"], "crc": ["-V", "4", "-p"],
    "tags": ["-V", "4", "--tt", "A call", "--add-id3v2"],
    "padded tag": ["-V", "4", "--tt", "A", "--id3v2-only", "--pad-id3v2-size", "5000"],
}  # fmt: skip
SOX_CODECS = {
    "pcm 8": ["-b", "8"], "pcm 24": ["-b", "24"], "pcm 32": ["-b", "32"], "mulaw": ["-e", "u-law"],
    "alaw": ["-e", "a-law"],
    "float": ["-e", "floating-point"], "ms adpcm": ["-e", "ms-adpcm"], "ima adpcm": ["-e", "ima-adpcm"],
    "big-endian": ["-B"],
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield every case, without expected values."""
    yield from _ffmpeg_wave()
    yield from _ffmpeg_mpeg()
    yield from _ffmpeg_mp4()
    for rate, channels, (mode, options) in product((8000, 16000, 44100), CHANNELS, LAME_MODES.items()):
        name = f"lame {mode} {rate} {channels}"
        source = [2.5, rate, channels]
        yield Case(name=name, tool="lame", source=source, options=options, extension="mp3")
    for rate, channels, (mode, options) in product((8000, 16000), CHANNELS, SOX_CODECS.items()):
        name = f"sox {mode} {rate} {channels}"
        yield Case(name=name, tool="sox", source=[2.5, rate, channels], options=options, extension="wav")
    for edit in ("byte rate 0", "half", "data length unknown"):
        options = ["-e", "gsm-full-rate"]
        edits = WAVE_EDITS[edit]
        yield Case(
            name=f"sox gsm {edit}", tool="sox", source=[2.5, 8000, 1], options=options, extension="wav", edits=edits
        )
    for mode in ("ms adpcm", "ima adpcm"):
        options, edits = SOX_CODECS[mode], WAVE_EDITS["byte rate 0"]
        name = f"sox {mode} byte rate 0"
        yield Case(name=name, tool="sox", source=[2.5, 8000, 1], options=options, extension="wav", edits=edits)


def _ffmpeg(name: str, source: list[str], options: list[str], extension: str, edits: list[Edit] | None = None) -> Case:
    return Case(name=name, tool="ffmpeg", source=source, options=options, extension=extension, edits=edits or [])


def _ffmpeg_wave() -> Iterator[Case]:
    """Yield WAVE files of ffmpeg."""
    for codec, rate, channels in product(WAVE_CODECS, WAVE_RATES, CHANNELS):
        options = ["-c:a", codec, "-ar", str(rate), "-ac", str(channels)]
        yield _ffmpeg(f"{codec} {rate} {channels}", TONE, options, "wav")
    for codec, (edit, edits) in product(("pcm_s16le", "pcm_mulaw", "adpcm_ms", "libmp3lame"), WAVE_EDITS.items()):
        options = ["-c:a", codec, "-ar", "8000", "-ac", "1"]
        yield _ffmpeg(f"wave {codec} {edit}", CALL, options, "wav", edits)
    for codec, (edit, edits) in product(("pcm_s16le", "pcm_alaw"), (("whole", []), ("half", [["half"]]))):
        options = ["-c:a", codec, "-ar", "8000", "-rf64", "always"]
        yield _ffmpeg(f"rf64 {codec} {edit}", TONE, options, "wav", edits)


def _ffmpeg_mpeg() -> Iterator[Case]:
    """Yield MP3 files of ffmpeg."""
    for rate, channels, (mode, options) in product(MPEG_RATES, CHANNELS, MPEG_MODES.items()):
        form = ["-c:a", "libmp3lame", "-ar", str(rate), "-ac", str(channels)]
        yield _ffmpeg(f"mp3 {mode} {rate} {channels}", TONE, [*form, *options], "mp3")
    for (mode, options), (edit, edits) in product(MPEG_MODES.items(), MPEG_EDITS.items()):
        form = ["-c:a", "libmp3lame", "-ar", "16000", "-ac", "1"]
        yield _ffmpeg(f"mp3 {mode} {edit}", CALL, [*form, *options], "mp3", edits)
    for version, mode in product((0, 3, 4), ("cbr", "vbr")):
        tagged = ["-id3v2_version", str(version), "-write_id3v1", "1", "-metadata", "title=A call"]
        yield _ffmpeg(f"mp3 {mode} id3v2.{version}", TONE, ["-c:a", "libmp3lame", *MPEG_MODES[mode], *tagged], "mp3")
    for bitrate, edit in product((32, 64, 128), ("half", "joined", "tag of 300000")):
        options = ["-c:a", "libmp3lame", "-ar", "24000", "-b:a", f"{bitrate}k"]
        yield _ffmpeg(f"mp3 long {bitrate} {edit}", LONG, options, "mp3", MPEG_EDITS[edit])


def _ffmpeg_mp4() -> Iterator[Case]:
    """Yield MP4 files of ffmpeg."""
    for rate, channels, flags in product((8000, 16000, 44100, 48000), CHANNELS, ("", "+faststart")):
        options = ["-c:a", "aac", "-ar", str(rate), "-ac", str(channels), *(["-movflags", flags] if flags else [])]
        yield _ffmpeg(f"mp4 {rate} {channels} {flags}".strip(), TONE, options, "mp4")
    for extension in ("m4a", "mov"):
        yield _ffmpeg(f"{extension} of aac", TONE, ["-c:a", "aac"], extension)
