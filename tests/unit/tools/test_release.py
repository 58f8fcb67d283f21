"""What `make release` writes into dist/."""

import hashlib
import os
import zipfile
from pathlib import Path

import callvault
from tools import release

TEMPLATE = """\
Resources:
  Layer:
    Properties:
      ContentUri: Layer
  Function:
    Properties:
      Description: "CodeUri: of the function"
      CodeUri: Function
"""


def built(folder: Path, time: float = 1_700_000_000) -> Path:
    """Return a folder as `sam build` leaves it, its files changed last at a time."""
    for name in ("Layer/python/b.py", "Layer/python/a/c.py", "Layer/python/__pycache__/b.pyc", "Function/app.py"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (time, time))
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder


def test_two_builds_at_different_times_have_the_same_checksums(tmp_path: Path) -> None:
    for number in (1, 2):
        release.build(built(tmp_path / f"built{number}", 1_700_000_000 + number), tmp_path / f"dist{number}")
        release.checksums(tmp_path / f"dist{number}")
    assert (tmp_path / "dist1" / "SHA256SUMS").read_text() == (tmp_path / "dist2" / "SHA256SUMS").read_text()


def test_the_template_names_the_archives_of_its_code(tmp_path: Path) -> None:
    release.build(built(tmp_path / "built"), tmp_path / "dist")
    layer, function = (f"callvault-{callvault.__version__}-{name}.zip" for name in ("Layer", "Function"))
    expected = TEMPLATE.replace("ContentUri: Layer", f"ContentUri: {layer}")
    expected = expected.replace("CodeUri: Function", f"CodeUri: {function}")
    assert (tmp_path / "dist" / "template.yaml").read_text() == expected
    with zipfile.ZipFile(tmp_path / "dist" / layer) as archive:
        assert archive.namelist() == ["python/a/c.py", "python/b.py"]
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_a_release_removes_the_files_of_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "callvault-0.1.0-Layer.zip").write_text("old")
    release.build(built(tmp_path / "built"), tmp_path / "dist")
    assert not (tmp_path / "dist" / "callvault-0.1.0-Layer.zip").exists()


def test_every_file_has_its_checksum(tmp_path: Path) -> None:
    release.build(built(tmp_path / "built"), tmp_path / "dist")
    release.checksums(tmp_path / "dist")
    lines = (tmp_path / "dist" / "SHA256SUMS").read_text().splitlines()
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "dist").iterdir()}
    del found["SHA256SUMS"]
    assert dict(line.split("  ")[::-1] for line in lines) == found
