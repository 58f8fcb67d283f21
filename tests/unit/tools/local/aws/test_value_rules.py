"""How DynamoDB measures values."""

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
