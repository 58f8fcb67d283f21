"""Read JSON so that every value can be stored, and written again as standard JSON."""

import json
import math
from typing import Any

MAX_NUMBER_DIGITS = 4096
"""Maximum number of digits of a whole number; Python refuses to convert more than 4300."""
MAX_LEVELS = 30
"""Maximum depth of a JSON value.

A deeper value is kept as its JSON text, because DynamoDB or pydantic might refuse it.
"""


def read(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value; raises ValueError, RecursionError.

    A whole number of too many digits is its digits. NaN and an infinite number, which Python reads
    and standard JSON cannot express, are None.
    """
    return json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_finite)


def is_deep(value: object, levels: int = MAX_LEVELS) -> bool:
    """Return whether a value is nested more deeply than `levels`."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or is_deep(item, levels - 1) for item in inner)


def _whole(digits: str) -> int | str:
    """Return a whole number, or its digits if Python refuses to convert so many."""
    return int(digits) if len(digits) <= MAX_NUMBER_DIGITS else digits


def _finite(digits: str) -> float | None:
    """Return a number, or None if it is NaN or infinite."""
    number = float(digits)
    return number if math.isfinite(number) else None
