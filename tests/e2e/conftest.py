"""The real stack, started once for all tests that drive it over HTTP."""

from collections.abc import Iterator

import pytest

from tests import leaks
from tools.local import stack as local_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[local_stack.Stack]:
    """Deploy template.yaml and run it; after all tests, look for every secret that was in play in every log."""
    with local_stack.running() as running:
        yield running
        logs = {name: running.log_text(name) for name in running.processes() if name != "aws"}
        assert any(logs.values())
        assert leaks.check(logs, leaks.in_play(running)) == []
