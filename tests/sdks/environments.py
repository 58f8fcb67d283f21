"""Give each SDK, schemathesis and ministack an interpreter of its own.

Some pin versions that are too old for others, and one patches another.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "npm"
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


def node() -> tuple[Path, Path]:
    """Return the interpreter of Node, and the folder of the packages that `npm/` pins.

    Node comes from PyPI, so that neither it nor npm has to be on this machine.
    """
    lock = (PACKAGES / "package-lock.json").read_bytes()
    home = ROOT / ".uv" / "sdks" / f"npm-{hashlib.sha256(lock).hexdigest()[:12]}"
    ready = home / "ready"
    if not ready.exists():
        shutil.copytree(PACKAGES, home, dirs_exist_ok=True)
        npm(home, "ci")
        ready.touch()
    return python("node").parent / "node", home / "node_modules"


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder, without the scripts that packages may have."""
    programs = python("node").parent
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([programs / "npm", *arguments, *options], cwd=folder, env=environment, check=True)


def run(*arguments: str) -> None:
    """Run uv without the project's own settings, which override what SDKs pin."""
    subprocess.run([UV, *arguments[:1], "--quiet", "--no-config", *arguments[1:]], check=True)


if __name__ == "__main__":
    # Resolve the packages of npm again. Addresses of a registry stay out of the lock file.
    npm(PACKAGES, "update", "--package-lock-only", "--omit-lockfile-registry-resolved")
