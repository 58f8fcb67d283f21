"""The version number of Callvault."""

import tomllib

import callvault
from tests.conftest import ROOT


def test_the_package_has_the_version_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert callvault.__version__ == project["version"]
