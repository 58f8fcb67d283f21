"""Publish metrics as a log line in CloudWatch's Embedded Metric Format.

The namespace, `Callvault/<stack>`, is the template's POWERTOOLS_METRICS_NAMESPACE. Counts have one
dimension, `service`; durations have one, `provider`; events that are not kept have `provider` and
`event`. CloudWatch charges for each combination of values that occurs, so no dimension has many.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit


def publish(values: Mapping[str, int]) -> None:
    """Publish counts by the name of their metric."""
    metrics = EphemeralMetrics()
    for name, value in values.items():
        metrics.add_metric(name, MetricUnit.Count, value)
    metrics.flush_metrics()


def publish_seconds(name: str, seconds: float, provider: str, about: Mapping[str, str]) -> None:
    """Publish a duration of a provider's recording; `about` is in the log line only."""
    metrics = EphemeralMetrics(service="")
    metrics.add_dimension("provider", provider)
    metrics.add_metric(name, MetricUnit.Seconds, round(seconds, 3))
    for key, value in about.items():
        metrics.add_metadata(key, value)
    metrics.flush_metrics()


def publish_event(name: str, dimensions: Mapping[str, str]) -> None:
    """Publish one event in a metric with these dimensions."""
    metrics = EphemeralMetrics(service="")
    for key, value in dimensions.items():
        metrics.add_dimension(key, value)
    metrics.add_metric(name, MetricUnit.Count, 1)
    metrics.flush_metrics()
