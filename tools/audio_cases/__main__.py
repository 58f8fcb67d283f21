"""Write the cases with what ffmpeg reads of their files; needs ffmpeg, ffprobe, lame and sox."""

import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from tools.audio_cases import decoding, descriptions, making
from tools.audio_cases.case import CASES, TOOLS

if __name__ == "__main__":
    known = []
    with tempfile.TemporaryDirectory() as name:
        for tool in TOOLS:
            for case, content in making.make(descriptions.cases(), tool, Path(name)):
                path = Path(name) / f"edited.{case.extension}"
                path.write_bytes(content)
                known.append(asdict(replace(case, expected=decoding.decode(path, case.extension))))
    CASES.write_text("[\n" + ",\n".join(json.dumps(case) for case in known) + "\n]\n")
    print(f"{len(known)} cases")
