"""Check sizes that SSM and EventBridge limit and moto does not.

Both services refuse a value that is too large with 400 and ValidationException.
"""

from collections.abc import Iterable, Mapping
from typing import Any

PARAMETER_BYTES = {"Standard": 4096, "Advanced": 8192}
"""Maximum size of a parameter's value by its tier.

AWS Systems Manager User Guide, "Managing parameter tiers": 4 KB and 8 KB. The error speaks of
characters. Bytes are at least as many, so a value that is accepted here is accepted by SSM.
"""
TIERS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
MAX_EVENTS_BYTES = 256 * 1024
"""Maximum size of the entries of one PutEvents, together.

It is 1 MB since January 2026 ("More room to build: serverless services now support payloads up to
1 MB", AWS Compute Blog), but 256 KB in AWS's Regions in China (PutEvents, docs.amazonaws.cn). A
stack may be deployed there, so the lower limit applies.
"""
TIME_BYTES = 14
"""Size of an event's time: "Calculating PutEvents event entry size", EventBridge User Guide."""


def tier(value: str, wanted: str | None) -> str:
    """Return the tier of a parameter: Intelligent-Tiering chooses it by the size of the value."""
    if wanted != "Intelligent-Tiering":
        return wanted or "Standard"
    return "Standard" if len(value.encode()) <= PARAMETER_BYTES["Standard"] else "Advanced"


def parameter(value: str, its_tier: str) -> str | None:
    """Return the message with which SSM refuses a parameter's value, or None."""
    most = PARAMETER_BYTES[its_tier]
    if len(value.encode()) <= most:
        return None
    advice = " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
    return (
        f"{its_tier} tier parameters support a maximum parameter value of {most} characters."
        f"{advice if its_tier == 'Standard' else ''} For more information, see {TIERS}"
    )


def events(entries: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the message with which EventBridge refuses the entries of one request, or None."""
    if sum(_event(entry) for entry in entries) <= MAX_EVENTS_BYTES:
        return None
    return "Total size of the entries in the request is over the limit."


def _event(entry: Mapping[str, Any]) -> int:
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())]
    return sum(len(text.encode()) for text in texts if text) + (TIME_BYTES if entry.get("Time") else 0)
