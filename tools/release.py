"""Make dist/ from the output of `sam build`: `make release`, or `make release BUCKET=…`.

| file in dist/ | content |
|---|---|
| `callvault-<version>-<resource>.zip` | the layer (`CommonLayer`), and each function |
| `template.yaml` | the template with these files as code, for `sam deploy -t dist/template.yaml` |
| `packaged.yaml` | with BUCKET: the template after `sam package`, naming the code in the bucket |
| `SHA256SUMS` | the SHA-256 of each file, for `sha256sum --check` |

The archives are reproducible: entries are sorted, times and permissions are fixed. Two runs with
the same code and the same locked dependencies therefore have the same checksums.
"""

import hashlib
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import callvault

ROOT = Path(__file__).parents[1]
BUILT = ROOT / ".aws-sam" / "build"
DIST = ROOT / "dist"
CODE = re.compile(r"^(?P<key> +(?:CodeUri|ContentUri): )(?P<folder>\w+)$", re.MULTILINE)
"""The lines of a built template that name a folder of code."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Time of every entry: the earliest that a zip archive can express."""
MODE = 0o100644
"""Permissions of every entry: a file that every user may read, as Lambda requires."""


def archive(folder: Path, target: Path) -> None:
    """Write the files of a folder into a zip archive that depends on names and contents only."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EARLIEST)
            entry.external_attr = MODE << 16
            entry.create_system = 3  # Unix, whatever the machine is
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder in the order of their names, without compiled code."""
    for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def build(built: Path = BUILT, dist: Path = DIST) -> None:
    """Empty dist/, then write the archives and the template into it."""
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir(parents=True)
    template = (built / "template.yaml").read_text()
    for folder in sorted({match["folder"] for match in CODE.finditer(template)}):
        archive(built / folder, dist / _name(folder))
    named = CODE.sub(lambda match: match["key"] + _name(match["folder"]), template)
    (dist / "template.yaml").write_text(named)


def _name(folder: str) -> str:
    """Return the name of a resource's archive."""
    return f"callvault-{callvault.__version__}-{folder}.zip"


def checksums(dist: Path = DIST) -> None:
    """Write and print the SHA-256 of each file, in the form that `sha256sum --check` reads."""
    files = sorted(path for path in dist.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (dist / "SHA256SUMS").write_text("".join(lines))
    sys.stdout.writelines(lines)


if __name__ == "__main__":
    if sys.argv[1:] == ["build"]:
        build()
    else:
        checksums()
