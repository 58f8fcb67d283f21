"""The report of the acceptance."""

import pytest

from tools.acceptance import report
from tools.acceptance.report import Result, Verdict


def test_a_report_names_no_account_token_or_host() -> None:
    detail = "arn:aws:lambda:us-east-1:210987654321:f https://abc.execute-api.us-east-1.amazonaws.com/x " + "ab" * 24
    page = report.page([Result("step", Verdict.FAILED, detail, 1.0)], {"region": "us-east-1"})
    assert "210987654321" not in page
    assert "execute-api" not in page
    assert "ab" * 24 not in page
    assert "us-east-1" in page


@pytest.mark.parametrize(
    "secret",
    [
        "arn:aws:sts::210987654321:assumed-role/Admin/alice@example.com",
        "function_210987654321_x",
        "AKIAIOSFODNN7EXAMPLE",
        "abc.execute-api.us-east-1.amazonaws.com",
        "Basic dXNlcjpwYXNz",
        "/home/alice/callvault/build",
    ],
)
def test_a_report_names_no_person_key_host_or_path(secret: str) -> None:
    text = report.masked(f"it failed: {secret} and so on")
    for part in ("210987654321", "alice", "AKIA", "execute-api", "dXNl"):
        assert part not in text
    assert text.startswith("it failed: ")
    assert text.endswith("and so on")


def test_a_detail_cannot_break_the_reports_table() -> None:
    page = report.page([Result("step", Verdict.FAILED, "a | b\nc", 1.0)], {})
    assert "| step | FAILED | 1 | a / b c |" in page


def test_every_verdict_is_counted() -> None:
    results = [Result("step", verdict, "", 0) for verdict in (Verdict.PASSED, Verdict.PASSED, Verdict.SKIPPED)]
    assert report.counts(results) == "2 passed, 0 failed, 1 skipped"
