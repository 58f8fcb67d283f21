"""Publish metrics as a log line in CloudWatch's Embedded Metric Format.

The namespace, `Callvault/<stack>`, is the template's POWERTOOLS_METRICS_NAMESPACE; the only
dimension is `service`.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit


def publish(values: Mapping[str, int]) -> None:
    """Publish counts by the name of their metric."""
    metrics = EphemeralMetrics()
    for name, value in values.items():
        metrics.add_metric(name, MetricUnit.Count, value)
    metrics.flush_metrics()
