"""Values that DynamoDB refuses, and how it measures them."""

import base64
from typing import Any

import pytest

from tools.local.aws import value_rules


def nested(levels: int) -> Any:
    value: Any = {"S": "innermost"}
    for level in range(levels - 1):
        value = {"L": [value]} if level % 2 else {"M": {"a": value}}
    return value


def test_the_levels_of_a_value_are_counted_with_the_innermost() -> None:
    assert value_rules.depth(nested(32)) == 32
    assert value_rules.depth({"L": [{"S": "a"}, nested(5), {"L": []}]}) == 6


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"B": b"abc"}, 3),
        ({"B": base64.b64encode(b"abcd").decode()}, 4),
        ({"BS": [base64.b64encode(b"abcd").decode(), b"e"]}, 5),
        ({"N": "-12.50"}, 4),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"L": [{"S": "a"}]}, 5),
        ({"M": {"ab": {"S": "a"}}}, 7),
    ],
)
def test_sizes_follow_the_developer_guide(value: Any, size: int) -> None:
    assert value_rules.size(value) == size


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-0.000",
        "007",
        "+1.50",
        "9" * 38,
        "9" * 38 + "0" * 88,
        "-0." + "9" * 38,
        "9.9999999999999999999999999999999999999E+125",
        "1e-130",
        "0." + "0" * 129 + "1",
        "0e999",
    ],
)
def test_a_number_of_38_digits_within_the_range_is_accepted(number: str) -> None:
    assert value_rules.refusal({"N": number}) is None


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("9" * 39, value_rules.TOO_PRECISE),
        ("-1." + "0" * 37 + "1", value_rules.TOO_PRECISE),
        ("1e126", value_rules.OVERFLOW),
        ("-1" + "0" * 126, value_rules.OVERFLOW),
        ("9.9e-131", value_rules.UNDERFLOW),
        ("-0." + "0" * 130 + "1", value_rules.UNDERFLOW),
        ("", value_rules.NOT_NUMERIC),
        ("1_0", value_rules.NOT_NUMERIC + ": 1_0"),
        (" 1", value_rules.NOT_NUMERIC + ":  1"),
        ("Infinity", value_rules.NOT_NUMERIC + ": Infinity"),
        (".", value_rules.NOT_NUMERIC + ": ."),
    ],
)
def test_another_number_is_refused_wherever_it_stands(number: str, message: str) -> None:
    assert value_rules.refusal({"N": number}) == message
    assert value_rules.refusal({"NS": ["1", number]}) == message
    assert value_rules.refusal({"M": {"a": {"L": [{"S": "a"}, {"N": number}]}}}) == message


@pytest.mark.parametrize("value", [{"SS": ["a", "b"]}, {"NS": ["1", "10"]}, {"BS": ["YQ==", "Yg=="]}, {"L": []}])
def test_a_set_of_different_members_is_accepted(value: Any) -> None:
    assert value_rules.refusal(value) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"SS": []}, value_rules.INVALID + "An string set  may not be empty"),
        ({"NS": []}, value_rules.INVALID + "An number set  may not be empty"),
        ({"BS": []}, value_rules.INVALID + "Binary sets should not be empty"),
        ({"SS": ["a", "b", "a"]}, value_rules.INVALID + "Input collection [a, b, a] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        (
            {"BS": ["YQ==", "YQ=="]},
            value_rules.INVALID + "Input collection [YQ==, YQ==]of type BS contains duplicates.",
        ),
    ],
)
def test_an_empty_set_and_one_with_equal_members_are_refused(value: Any, message: str) -> None:
    assert value_rules.refusal(value) == message
    assert value_rules.refusal({"M": {"a": value}}) == message
