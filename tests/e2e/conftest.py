"""The real stack, started once for all tests that drive it over HTTP."""

from collections.abc import Iterator

import pytest

from tests import leaks
from tools.local.stack import Stack
from tools.local.start import running


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Deploy and run template.yaml; after all tests, check that no log has a secret."""
    with running() as started:
        yield started
        logs = {name: started.log_text(name) for name in started.processes() if name != "aws"}
        assert any(logs.values())
        assert leaks.check(logs, leaks.in_play(started)) == []
