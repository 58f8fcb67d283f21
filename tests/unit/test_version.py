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


def test_the_newest_release_in_the_changelog_has_the_version_number() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.findall(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)[0] == callvault.__version__
