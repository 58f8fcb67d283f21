"""Evaluate an alarm on a metric math expression, as CloudWatch does.

The expressions are valid Python, and are evaluated as such. A series has one value for each period,
None where data is missing. An alarm looks at more periods than its evaluation periods and uses the
latest values among them; only where too few are left does TreatMissingData count (CloudWatch user
guide, "Configuring how CloudWatch alarms treat missing data", and "Metric math syntax and
functions").
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

MORE_PERIODS = 2
"""How many periods more than its evaluation periods an alarm looks at.

AWS names no number; its examples have 2.
"""

COMPARISONS = {"GreaterThanThreshold": operator.gt, "GreaterThanOrEqualToThreshold": operator.ge}

type Value = float | None


@dataclass(frozen=True)
class Series:
    """The values of a metric or an expression."""

    values: tuple[Value, ...]

    def each(self, function: Callable[[float], Value]) -> "Series":
        """Return a series with a function applied to the values that are there."""
        return Series(tuple(None if value is None else function(value) for value in self.values))

    def __gt__(self, other: float) -> "Series":
        return self.each(lambda value: value > other)

    def __eq__(self, other: object) -> Any:
        return self.each(lambda value: value == other)

    __hash__ = None  # type: ignore[assignment]


def fill(series: Any, value: float) -> Any:
    """Return a series, or a list of them, with missing values filled."""
    if isinstance(series, list):
        return [fill(one, value) for one in series]
    if not any(one is not None for one in series.values):
        return series  # a metric without any data in range may not be filled
    return Series(tuple(value if one is None else one for one in series.values))


def choose(condition: Series, then: Any, otherwise: Any = None) -> Series:
    """Return `then` in the periods where the condition holds, else `otherwise`."""

    def at(which: Any, period: int) -> Value:
        found: Value = which.values[period] if isinstance(which, Series) else which
        return found

    pick = (
        None if holds is None else at(then if holds else otherwise, period)
        for period, holds in enumerate(condition.values)
    )
    return Series(tuple(pick))


def across(many: Sequence[Series], function: Callable[[list[float]], float]) -> Series:
    """Return a function of several series in each period, missing where all are."""
    columns = zip(*(one.values for one in many), strict=True)
    present = ([value for value in column if value is not None] for column in columns)
    return Series(tuple(function(column) if column else None for column in present))


def total(many: Sequence[Series]) -> Series:
    """Return the sum of several series."""
    return across(many, sum)


def greatest(many: Sequence[Series]) -> Series:
    """Return the greatest of several series."""
    return across(many, max)


def running_sum(series: Series) -> Series:
    """Return the sums of the values so far."""
    return Series(tuple(accumulate(value or 0 for value in series.values)))


def evaluate(alarm: Mapping[str, Any], metrics: Mapping[str, Sequence[Value]]) -> tuple[Value, ...]:
    """Return the values of an alarm's expression; metrics that are not given have no data."""
    [expression] = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
    length = len(next(iter(metrics.values())))
    names = {query["Id"] for query in alarm["Metrics"] if "MetricStat" in query}
    series = {name: Series(tuple(metrics.get(name, [None] * length))) for name in names}
    functions = {"FILL": fill, "IF": choose, "MAX": greatest, "SUM": total, "RUNNING_SUM": running_sum}
    scope = series | functions | {"METRICS": lambda: list(series.values()), "__builtins__": {}}
    found: Series = eval(expression, scope)  # noqa: S307 - an expression of our own template
    return found.values


def states(alarm: Mapping[str, Any], metrics: Mapping[str, Sequence[Value]]) -> list[str]:
    """Return the state of an alarm after each period."""
    count, state, found = alarm["EvaluationPeriods"], "INSUFFICIENT_DATA", []
    for end in range(1, len(next(iter(metrics.values()))) + 1):
        start = max(0, end - count - MORE_PERIODS)
        values = evaluate(alarm, {name: one[start:end] for name, one in metrics.items()})
        breaches = COMPARISONS[alarm["ComparisonOperator"]]
        there = [breaches(value, alarm["Threshold"]) for value in values if value is not None][-count:]
        enough = sum(there) >= alarm.get("DatapointsToAlarm", count)
        if enough or len(there) == count or (there and not any(there)):
            state = "ALARM" if enough else "OK"
        elif alarm["TreatMissingData"] == "notBreaching":
            state = "OK"
        found.append(state)
    return found
