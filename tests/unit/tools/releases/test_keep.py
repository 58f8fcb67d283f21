"""How the samples of a release are kept: `make release-samples`."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import callvault
from tools.releases import keep


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of this version, which does not exist; the archive writes one sample."""

    def run(archive: Path, command: str, given: dict[str, Any]) -> dict[str, Any]:
        with zipfile.ZipFile(archive) as opened:
            return {"rows": {"a row": {"written": [command, len(given["table"]), len(opened.namelist())]}}}

    monkeypatch.setattr(keep, "ROOT", tmp_path)
    for name in ("layers/common/callvault", "tools/ops", "tools/releases"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "code.py").write_text("")
    (tmp_path / "layers/common/callvault/openapi.yaml").write_text("")
    (tmp_path / "template.yaml").write_text((Path(__file__).parents[4] / "template.yaml").read_text())
    monkeypatch.setattr(keep, "run", run)
    monkeypatch.setattr(keep, "FOLDER", tmp_path / "releases")
    return tmp_path / "releases" / callvault.__version__


def test_the_archived_code_writes_the_samples(folder: Path) -> None:
    assert keep.main() == 0
    assert json.loads((folder / "rows.json").read_text())["a row"]["written"] == ["write", 4, 4]
    with zipfile.ZipFile(folder / keep.ARCHIVE) as archive:
        assert archive.namelist() == [
            "callvault/code.py",
            "tools/__init__.py",
            "tools/ops/code.py",
            "tools/releases/code.py",
        ]


def test_samples_that_exist_are_not_written_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir(parents=True)
    assert keep.main() == 1
    assert list(folder.iterdir()) == []
    assert "REPLACE=yes" in capsys.readouterr().err


def test_samples_are_replaced_on_request(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    (folder / "a_kind_that_is_gone.json").write_text("{}")
    monkeypatch.setenv("REPLACE", "yes")
    assert keep.main() == 0
    assert {path.name for path in folder.iterdir()} == {keep.ARCHIVE, "table.json", "rows.json"}


def test_a_failure_leaves_the_samples_that_exist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    (folder / "rows.json").write_text("{}")
    monkeypatch.setattr(keep, "run", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep.keep(folder, replace=True)
    assert [path.name for path in folder.iterdir()] == ["rows.json"]
