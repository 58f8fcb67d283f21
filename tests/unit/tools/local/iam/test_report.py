"""What the roles allow and no stack used."""

import json
from pathlib import Path

import pytest

from tests import roles
from tools.local.aws.process import PACKAGE_ROOT
from tools.local.emulator.template import Template
from tools.local.iam import report, usage


def test_the_stacks_of_a_run_are_merged() -> None:
    stacks = [{"allowed": ["a", "b", "c"], "used": ["a"]}, {"allowed": ["b", "c", "d"], "used": ["c"]}]
    assert report.unused(stacks) == ["b", "d"]


def test_a_stack_notes_what_was_used(
    tmp_path: Path, translated: Template, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(usage.VARIABLE, str(tmp_path))
    guard = roles.guard_of(translated)
    used, *unused = sorted(guard.permissions(), key=str)
    guard.used.add(used)
    usage.note(guard, PACKAGE_ROOT / "template.yaml")
    assert report.main(tmp_path) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[:-1] == [str(one) for one in unused]
    assert printed[-1] == f"1 of {len(unused) + 1} permissions were used by 1 stacks."


def test_nothing_is_noted_without_the_variable_or_of_another_template(
    tmp_path: Path, translated: Template, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guard = roles.guard_of(translated)
    monkeypatch.delenv(usage.VARIABLE, raising=False)
    usage.note(guard, PACKAGE_ROOT / "template.yaml")
    monkeypatch.setenv(usage.VARIABLE, str(tmp_path))
    usage.note(guard, tmp_path / "template.yaml")
    assert report.main(tmp_path) == 1
    assert "No stack" in capsys.readouterr().err


def test_the_file_is_json(tmp_path: Path, translated: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(usage.VARIABLE, str(tmp_path))
    usage.note(roles.guard_of(translated), PACKAGE_ROOT / "template.yaml")
    (path,) = tmp_path.glob("*.json")
    content = json.loads(path.read_text())
    assert content["used"] == []
    assert "SweepRecordings dynamodb:Query RecordingsTable/index/by_due" in content["allowed"]
