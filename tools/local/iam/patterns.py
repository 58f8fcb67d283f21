"""Match actions and ARNs with the wildcards of policies."""

import functools
import re

SEGMENTS = 6
"""The number of segments of an ARN; the last one may contain colons."""


@functools.cache
def _compiled(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


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
    """Return whether an ARN matches a pattern; case counts.

    IAM user guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs":
    wildcards stand within the segments, which colons separate; only a `*` at the end of a segment
    also matches beyond the colon. So does the pattern `*` alone.
    """
    return _segments_match(pattern.split(":", SEGMENTS - 1), arn.split(":", SEGMENTS - 1))


def _segments_match(patterns: list[str], segments: list[str]) -> bool:
    if not patterns or not segments:
        return patterns == segments
    if matches(patterns[0], segments[0]) and _segments_match(patterns[1:], segments[1:]):
        return True
    if not patterns[0].endswith("*"):
        return False
    longer = (":".join(segments[:count]) for count in range(2, len(segments) + 1))
    return any(
        matches(patterns[0], text) and _segments_match(patterns[1:], segments[count:])
        for count, text in enumerate(longer, start=2)
    )
