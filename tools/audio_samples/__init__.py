"""Generate audio files of any length for the tests and the demo.

The repository therefore needs no audio files. With the same other arguments, the same seed gives
the same file, and another seed gives another file.
"""

from tools.audio_samples.boxes import MP4_TYPE, box, mp4
from tools.audio_samples.chunks import chunk, wav, wave
from tools.audio_samples.frames import id3, mp3, mp3_vbr

__all__ = ["MP4_TYPE", "box", "chunk", "id3", "mp3", "mp3_vbr", "mp4", "wav", "wave"]
