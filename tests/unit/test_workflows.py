"""The workflows on GitHub."""

import re

import pytest
import yaml

from tests.conftest import ROOT
from tools import nightly

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("name", [path.name for path in WORKFLOWS])
def test_a_workflow_has_few_permissions_a_time_limit_and_pinned_actions(name: str) -> None:
    text = (ROOT / ".github" / "workflows" / name).read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    assert all(re.fullmatch(r"\S+@[0-9a-f]{40}  # v[\d.]+", used) for used in re.findall(r"uses: (.*)", text))


@pytest.mark.parametrize(("name", "command"), [("check.yml", ".ci/run"), ("nightly.yml", "make nightly")])
def test_a_workflow_runs_the_command_that_runs_everywhere(name: str, command: str) -> None:
    [job] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())["jobs"].values()
    assert command in [step.get("run") for step in job["steps"]]


def test_the_checks_fail_if_few_of_the_generated_audio_files_are_measured() -> None:
    found = re.search(r"^export\b.* MIN_GENERATED_FILES=(\d+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert found is not None
    assert int(found[1]) >= 300


def test_the_nightly_workflow_lets_every_step_reach_its_own_limit() -> None:
    [job] = yaml.safe_load((ROOT / ".github" / "workflows" / "nightly.yml").read_text())["jobs"].values()
    assert job["timeout-minutes"] * 60 > sum(step.limit_seconds for step in nightly.steps(1))
