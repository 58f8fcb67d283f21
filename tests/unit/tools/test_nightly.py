"""The nightly checks, with short commands in place of the long ones."""

import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import nightly
from tools.nightly import Step

PASSES = Step("passes", (sys.executable, "-c", "print('all well')"), 60)
FAILS = Step("fails", (sys.executable, "-c", "raise SystemExit(3)"), 60)
HANGS = Step("hangs", (sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"), 2)


def test_a_step_that_fails_or_hangs_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert nightly.main([FAILS, HANGS, PASSES], tmp_path) == 1
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()[-3:]]
    assert rows == [["fails", "failed"], ["hangs", "too"], ["passes", "passed"]]
    assert (tmp_path / "passes.log").read_text() == "all well\n"
    assert (tmp_path / "hangs.log").read_text() == "begun\n"


def test_a_night_in_which_all_steps_pass_succeeds(tmp_path: Path) -> None:
    assert nightly.main([PASSES], tmp_path) == 0


def test_every_step_is_a_target_of_the_makefile_and_documented() -> None:
    makefile, page = (ROOT / "Makefile").read_text(), (ROOT / "docs" / "nightly.md").read_text()
    for step in nightly.steps(1):
        make, target, *_ = step.command
        assert make == "make"
        assert f"\n{target}: " in makefile
        assert f"| `make {target}` |" in page
        assert f"| {step.limit_seconds / 60:.0f} min |" in page.partition(f"| `make {target}` |")[2].partition("\n")[0]
