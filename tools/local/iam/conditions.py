"""Evaluate the conditions of a statement.

The pages of the IAM user guide: "IAM JSON policy elements: Condition operators", "Set operators for
multivalued context keys", "Conditions with multiple context keys or values".
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tools.local.iam.errors import UnknownError
from tools.local.iam.patterns import condition_arn_matches, matches

type Context = Mapping[str, tuple[str, ...]]
"""The condition keys of a request with their values; a key that the request lacks is absent."""

KEYS = {
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "dynamodb:LeadingKeys",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
}
"""The condition keys that are known; those of them that a request has stand in its context.

aws:SourceArn and aws:SourceAccount are absent from the requests of functions: services send them.
"""
KEYS_IN_LOWER_CASE = {key.lower() for key in KEYS}
SETS = ("ForAllValues", "ForAnyValue")


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, value: compare(float(value), float(wanted))


def _date(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, value: compare(_time(value), _time(wanted))


def _time(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _in_network(wanted: str, value: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.casefold() == value.casefold(),
    "StringLike": matches,
    "ArnEquals": condition_arn_matches,
    "ArnLike": condition_arn_matches,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "NumericEquals": _number(lambda value, wanted: value == wanted),
    "NumericLessThan": _number(lambda value, wanted: value < wanted),
    "NumericLessThanEquals": _number(lambda value, wanted: value <= wanted),
    "NumericGreaterThan": _number(lambda value, wanted: value > wanted),
    "NumericGreaterThanEquals": _number(lambda value, wanted: value >= wanted),
    "DateEquals": _date(lambda value, wanted: value == wanted),
    "DateLessThan": _date(lambda value, wanted: value < wanted),
    "DateLessThanEquals": _date(lambda value, wanted: value <= wanted),
    "DateGreaterThan": _date(lambda value, wanted: value > wanted),
    "DateGreaterThanEquals": _date(lambda value, wanted: value >= wanted),
    "IpAddress": _in_network,
}
"""The operators that compare the wanted value with the request's."""
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}


def texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any JSON value
    """Return the texts of an element that is one value or a list of values."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


def check(block: Mapping[str, Any]) -> None:
    """Raise UnknownError if a block has an operator or a key that is not known, or a variable."""
    for name, wanted in block.items():
        _, operator, _ = _parts(name)
        if operator != "Null" and operator not in OPERATORS and operator not in NEGATED:
            raise UnknownError(f"The condition operator {name} is not known.")
        for key, values in wanted.items():
            if key.lower() not in KEYS_IN_LOWER_CASE:
                raise UnknownError(f"The condition key {key} is not known.")
            if any("${" in value for value in texts(values)):
                raise UnknownError(f"The variable in the condition of {key} is not known.")


def hold(block: Mapping[str, Any], context: Context) -> bool:
    """Return whether all the conditions of a block hold; names of keys ignore case."""
    present = {key.lower(): values for key, values in context.items()}
    return all(
        _holds(name, texts(values), present.get(key.lower()))
        for name, wanted in block.items()
        for key, values in wanted.items()
    )


def _holds(name: str, wanted: tuple[str, ...], values: tuple[str, ...] | None) -> bool:
    set_operator, operator, if_exists = _parts(name)
    if operator == "Null":
        return (not values) == (wanted[0].lower() == "true")
    if not values:
        # "The ForAllValues set operator also returns true if there are no context keys". A negated
        # operator is true, too, if the key is absent; every other one needs IfExists for that.
        return set_operator == "ForAllValues" or if_exists or (operator in NEGATED and not set_operator)
    results = [_one_holds(operator, wanted, value) for value in values]
    if not set_operator and len(results) > 1:
        raise UnknownError(f"{name} has no set operator, but the request has several values.")
    return any(results) if set_operator == "ForAnyValue" else all(results)


def _one_holds(operator: str, wanted: tuple[str, ...], value: str) -> bool:
    if operator in NEGATED:
        return not any(OPERATORS[NEGATED[operator]](one, value) for one in wanted)
    return any(OPERATORS[operator](one, value) for one in wanted)


def _parts(name: str) -> tuple[str, str, bool]:
    """Return the set operator or an empty text, the operator, and whether IfExists follows."""
    set_operator, colon, operator = name.rpartition(":")
    if colon and set_operator not in SETS:
        raise UnknownError(f"The set operator {set_operator} is not known.")
    return set_operator, operator.removesuffix("IfExists"), operator.endswith("IfExists")
