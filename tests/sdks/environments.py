"""Give each SDK, and schemathesis, an interpreter of its own.

Some pin versions that are too old for others, and one patches another.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
UV = ROOT / ".uv" / "bin" / "uv"


def python(sdk: str) -> Path:
    """Return the interpreter with the packages that `<sdk>.txt` pins.

    It is made once for each content of that file.

    Without dependencies: the file has them all, and `overrides.in` some that the SDK would refuse.
    """
    requirements = FOLDER / f"{sdk}.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    home = ROOT / ".uv" / "sdks" / f"{sdk}-{digest}"
    ready = home / "ready"
    if not ready.exists():
        run("venv", "--clear", "--python", sys.executable, str(home))
        interpreter = str(home / "bin" / "python")
        run("pip", "install", "--no-deps", "--require-hashes", "--python", interpreter, "-r", str(requirements))
        ready.touch()
    return home / "bin" / "python"


def run(*arguments: str) -> None:
    """Run uv without the project's own settings, which override what SDKs pin."""
    subprocess.run([UV, *arguments[:1], "--quiet", "--no-config", *arguments[1:]], check=True)
