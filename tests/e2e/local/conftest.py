"""The local stack with a small template, started once for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.local import small_stack
from tools.local.stack import Stack
from tools.local.start import running


@pytest.fixture(scope="session")
def small_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the small template, with its code beside it."""
    return small_stack.write(tmp_path_factory.mktemp("dummy"))


@pytest.fixture(scope="session")
def local(small_template: Path) -> Iterator[Stack]:
    """Run the small template."""
    with running(small_template, name="dummy", parameters={"Colour": "red"}, integration_seconds=5) as started:
        yield started
