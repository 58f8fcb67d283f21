"""Every permission of the functions' roles is needed, and a test fails without it."""

import re
from pathlib import Path

from tests import roles
from tools import protections_iam
from tools.local.emulator.template import Template
from tools.permissions import KEPT, PERMISSIONS

TESTS = Path(__file__).parents[2]


def test_each_permission_has_a_test_or_a_reason(translated: Template) -> None:
    """`make protections IAM=1` takes each away, and runs its test."""
    permissions = {str(one) for one in roles.guard_of(translated).permissions()}
    assert permissions == PERMISSIONS.keys() | KEPT.keys()
    assert not PERMISSIONS.keys() & KEPT.keys()


def test_each_test_of_a_permission_exists() -> None:
    for test in PERMISSIONS.values():
        path, _, name = test.partition("::")
        assert re.search(rf"^def {name.partition('[')[0]}\(", (TESTS / path).read_text(), re.MULTILINE), test


def test_a_permission_is_taken_away_by_its_name(translated: Template) -> None:
    whole = roles.guard_of(translated).permissions()
    for permission in PERMISSIONS:
        left = roles.guard_of(translated, permission).permissions()
        assert {str(one) for one in whole - left} == {permission}


def test_the_variable_is_that_of_the_tests() -> None:
    assert protections_iam.VARIABLE == roles.WITHOUT
