"""Match actions and ARNs with the wildcards of policies."""

import functools
import re

SEGMENTS = 6
"""The number of segments of an ARN; the last one may contain colons."""


@functools.cache
def _compiled(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(_expression(pattern, "."), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _expression(pattern: str, char: str) -> str:
    """Return the regular expression of a pattern; `char` is the expression for any character."""
    return "".join({"*": f"{char}*", "?": char}.get(one, re.escape(one)) for one in pattern)


def matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Return whether a value matches a pattern: `*` is any text, `?` is any character."""
    return _compiled(pattern, ignore_case=ignore_case).fullmatch(value) is not None


def action_matches(pattern: str, action: str) -> bool:
    """Return whether an action matches a pattern; case does not count.

    IAM user guide, "IAM JSON policy elements: Action": "The prefix and the action name are case
    insensitive."
    """
    return matches(pattern, action, ignore_case=True)


def arn_matches(pattern: str, arn: str) -> bool:
    """Return whether the ARN of a resource matches a pattern of a policy; case counts.

    IAM user guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs"
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html):
    wildcards stand within the segments, which colons separate; "If the * wildcard is the last
    character of a resource ARN segment, it can expand to match beyond the colon boundaries." The
    segment of the resource may contain colons, so every wildcard there matches them too.
    """
    return _arn_pattern(pattern).fullmatch(arn) is not None


@functools.cache
def _arn_pattern(pattern: str) -> re.Pattern[str]:
    *before, last = pattern.split(":", SEGMENTS - 1)
    text = ":".join([*map(_segment, before), _expression(last, ".")])
    return re.compile(text, re.DOTALL)


def _segment(pattern: str) -> str:
    """Return the expression of a segment before the last one."""
    if pattern.endswith("*"):
        return _expression(pattern.removesuffix("*"), "[^:]") + ".*"
    return _expression(pattern, "[^:]")


def condition_arn_matches(pattern: str, arn: str) -> bool:
    """Return whether an ARN in a condition matches a pattern; case counts.

    IAM user guide, "IAM JSON policy elements: Condition operators", "Amazon Resource Name (ARN)
    condition operators"
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html):
    each of the six components that colons separate is checked separately.
    """
    patterns, components = pattern.split(":", SEGMENTS - 1), arn.split(":", SEGMENTS - 1)
    return len(patterns) == len(components) and all(map(matches, patterns, components))
