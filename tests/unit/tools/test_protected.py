"""The list of protections quotes the code as it stands, and names tests that exist."""

import pytest

from tools.protected import PROTECTIONS, Protection
from tools.protections import PACKAGE, ROOT


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.name)
def test_a_protection_quotes_code_that_stands_once(protection: Protection) -> None:
    assert (ROOT / PACKAGE / protection.module).read_text().count(protection.code) == 1


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.name)
def test_a_protection_names_a_test_that_exists(protection: Protection) -> None:
    file, _, name = protection.test.partition("::")
    assert f"def {name.partition('[')[0]}" in (ROOT / "tests" / file).read_text()
