"""Publish numbers that CloudWatch makes metrics of: one log line in its Embedded Metric Format.

The namespace, `Callvault/<stack>`, is the template's POWERTOOLS_METRICS_NAMESPACE; the one dimension is `service`.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit


def publish(values: Mapping[str, int]) -> None:
    """Publish numbers of things by their metric's name."""
    metrics = EphemeralMetrics()
    for name, value in values.items():
        metrics.add_metric(name, MetricUnit.Count, value)
    metrics.flush_metrics()
