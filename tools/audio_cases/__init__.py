"""Compare `callvault.audio` with ffmpeg on some hundred files that ffmpeg, lame and sox make.

`python -m tools.audio_cases` makes the files, has ffmpeg decode them, and writes
tests/unit/audio/cases.json: how each file is made, and what ffmpeg reads of it. The tests make the
files again and measure them; they need ffmpeg, lame and sox, but no ffprobe.

- `descriptions` lists the files.
- `making` makes them.
- `edits` changes a made file: it breaks its end, or puts a tag before it.
- `decoding` says what ffmpeg reads of a file.
"""
