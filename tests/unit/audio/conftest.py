"""Print how many generated files were measured, also if the tests run in several processes."""

import pytest

MEASURED = "generated files"
"""Name of the property of a test that says how many files it measured."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sum over the tests."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    numbers = [value for report in reports for name, value in report.user_properties if name == MEASURED]
    if numbers:
        terminalreporter.write_line(f"{sum(numbers)} generated audio files were compared with ffmpeg's values")
