"""The tests that fail with ministack because it differs from AWS there.

Each test has the case of `differences` that explains it. In `make second-opinion` the test must
fail: if it passes, its line here is out of date, and the run fails. No test needs a line today.
"""

from collections.abc import Iterable, Mapping

import pytest

from tests.second_opinion.differences import DIFFERENCES

FAILURES: Mapping[str, str] = {}
"""The case by the id of the test, such as `tests/integration/test_sweep_recordings.py::test_…`."""


def mark(items: Iterable[pytest.Item], failures: Mapping[str, str] = FAILURES) -> None:
    """Mark the tests that have to fail, with the reason."""
    for item in items:
        if case := failures.get(item.nodeid):
            reason = f"{case}: ministack answers {DIFFERENCES[case].ministack!r}"
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
