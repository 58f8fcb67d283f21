"""`make deploy` compares what the stack may use with the AWS account's limit of executions."""

import re
from typing import Any

import boto3
import pytest

from tests.conftest import ROOT
from tools.deploy import concurrency, parameters
from tools.deploy.errors import DeployError

DEFAULTS = {name: one.default for name, one in parameters.read(parameters.TEMPLATE).items()}
ROW = re.compile(r"\| ([\d,]+) \| (\d+)[^|]*\| (\d+)[^|]*\| (\d+)[^|]*\| (\d+) \|")


def limited(monkeypatch: pytest.MonkeyPatch, executions: int) -> None:
    """Give the AWS account a limit; moto has none."""

    class Client:
        def get_account_settings(self) -> dict[str, Any]:
            """Return the limit as Lambda does."""
            return {"AccountLimit": {"ConcurrentExecutions": executions}}

    monkeypatch.setattr(boto3, "client", lambda *_, **__: Client())


def warnings(**values: str) -> list[str]:
    return list(concurrency.check("us-east-1", DEFAULTS | values))


def test_the_default_limit_fits_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, 1000)
    assert warnings() == []


@pytest.mark.parametrize("limit", [10, 100, 200])
def test_a_low_limit_is_warned_about(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    limited(monkeypatch, limit)
    [warning] = warnings()
    assert f"at most {limit} functions" in warning
    assert "docs/getting-started.md, Fit Lambda's limit" in warning


def test_smaller_values_fit_a_lower_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, 100)
    assert warnings(FetchConcurrency="10", ForwardConcurrency="5") == []


def test_a_reservation_that_lambda_refuses_is_refused_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, 1000)
    assert warnings(ReservedIngestConcurrency="600", ReservedUploadConcurrency="300") == []
    with pytest.raises(DeployError, match="at most 900 can be reserved"):
        warnings(ReservedIngestConcurrency="600", ReservedUploadConcurrency="301")


def test_a_limit_that_cannot_be_read_is_said() -> None:
    assert warnings() == ["The limit of Lambda's concurrent executions could not be read."]


def test_the_documented_table_is_right() -> None:
    rows = ROW.findall((ROOT / "docs" / "getting-started.md").read_text())
    assert [row[0] for row in rows] == ["10", "100", "1,000"]
    for limit, fetches, forwards, reserved, left in rows:
        values = DEFAULTS | {"FetchConcurrency": fetches, "ForwardConcurrency": forwards}
        assert int(reserved) == 0
        assert max(int(limit.replace(",", "")) - concurrency.used_by_queues(values), 0) == int(left)
