"""The version number of Callvault."""

import re
import tomllib
from typing import Any

import yaml

import callvault
from tests.conftest import ROOT


def test_every_place_that_has_the_version_number_agrees(template: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    description = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    assert callvault.__version__ == project["version"]
    assert description["info"]["version"] == project["version"]
    assert template["Outputs"]["Version"]["Value"] == project["version"]


def test_code_that_is_not_released_yet_has_another_version_number_than_the_last_release() -> None:
    """What is deployed says so in the output Version."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    unreleased, *_ = re.split(
        r"^## \[\d", changelog.partition("\n## [Unreleased]\n")[2], maxsplit=1, flags=re.MULTILINE
    )
    newest = re.findall(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)[0]
    if not unreleased.strip() and callvault.__version__ == newest:
        return  # the release itself
    following, suffix = callvault.__version__.rsplit(".", 1)
    assert suffix == "dev0"
    assert [int(one) for one in following.split(".")] > [int(one) for one in newest.split(".")]
