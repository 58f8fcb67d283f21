"""The real stack, started once for all tests that drive it over HTTP."""

from collections.abc import Iterator

import pytest

from tools.local import stack as local_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[local_stack.Stack]:
    """Deploy template.yaml and run it."""
    with local_stack.running() as running:
        yield running
