"""Numbers in CloudWatch's Embedded Metric Format."""

import json

import pytest

from callvault.messaging import metrics


def test_metrics_are_one_line_in_cloudwatchs_embedded_metric_format(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Callvault/ours")
    metrics.publish({"Settled": 3, "SilentAccounts": 0})
    metrics.publish({"Settled": 1})
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    [directive] = first["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Callvault/ours", [["service"]])
    assert directive["Metrics"] == [{"Name": "Settled", "Unit": "Count"}, {"Name": "SilentAccounts", "Unit": "Count"}]
    assert (first["service"], first["Settled"], first["SilentAccounts"]) == ("callvault", [3], [0])
    assert "SilentAccounts" not in second


def test_a_duration_has_the_provider_as_its_dimension_and_its_recording_in_the_line_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Callvault/ours")
    metrics.publish_seconds("SecondsToStored", 1.23456, "kazoo", {"recording": "r1"})
    line = json.loads(capsys.readouterr().out)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["provider"]]
    assert directive["Metrics"] == [{"Name": "SecondsToStored", "Unit": "Seconds"}]
    assert (line["provider"], line["SecondsToStored"], line["recording"]) == ("kazoo", [1.235], "r1")
