"""Numbers in CloudWatch's Embedded Metric Format."""

import json

import pytest

from callvault import measures


def test_numbers_are_one_line_that_cloudwatch_makes_metrics_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Callvault/ours")
    measures.publish({"Settled": 3, "SilentAccounts": 0})
    measures.publish({"Settled": 1})
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    [directive] = first["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Callvault/ours", [["service"]])
    assert directive["Metrics"] == [{"Name": "Settled", "Unit": "Count"}, {"Name": "SilentAccounts", "Unit": "Count"}]
    assert (first["service"], first["Settled"], first["SilentAccounts"]) == ("callvault", [3], [0])
    assert "SilentAccounts" not in second
