"""The conditions of statements, by the examples that AWS documents."""

from typing import Any

import pytest

from tools.local.iam import conditions

TAGS = "aws:TagKeys"


@pytest.mark.parametrize(
    ("block", "tags", "holds"),
    [
        # "Deny a single policy condition value for a multivalued context key"
        ({"ForAllValues:StringNotLike": {TAGS: "key1*"}}, ("key1:legal",), False),
        ({"ForAllValues:StringNotLike": {TAGS: "key1*"}}, ("key1:hr", "key1:personnel"), False),
        ({"ForAllValues:StringNotLike": {TAGS: "key1*"}}, ("key2:audit",), True),
        ({"ForAllValues:StringNotLike": {TAGS: "key1*"}}, None, True),
        # "Deny multiple policy condition values for a multivalued context key"
        ({"ForAllValues:StringNotLike": {TAGS: ["key1*", "key2*"]}}, ("key1:legal", "key2:audit"), False),
        ({"ForAllValues:StringNotLike": {TAGS: ["key1*", "key2*"]}}, ("key3:legal", "key4:audit"), True),
        # "Deny policy with condition set operator ForAnyValue"
        ({"ForAnyValue:StringEquals": {TAGS: ["webserver"]}}, ("webserver", "prod"), True),
        ({"ForAnyValue:StringEquals": {TAGS: ["webserver"]}}, ("prod",), False),
        ({"ForAnyValue:StringEquals": {TAGS: ["webserver"]}}, None, False),
    ],
)
def test_set_operators_compare_every_value(block: dict[str, Any], tags: tuple[str, ...] | None, *, holds: bool) -> None:
    """IAM user guide, "Multivalued context key examples"."""
    assert conditions.hold(block, {} if tags is None else {TAGS: tags}) is holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_an_absent_key_meets_negated_operators_and_those_with_if_exists(operator: str, *, holds: bool) -> None:
    """IAM user guide, "IAM JSON policy elements: Condition operators", the box "Important"."""
    assert conditions.hold({operator: {"aws:SourceArn": "x"}}, {}) is holds


@pytest.mark.parametrize(("wanted", "present", "holds"), [("true", False, True), ("false", True, True)])
def test_null_asks_whether_a_key_is_absent(wanted: str, *, present: bool, holds: bool) -> None:
    context = {TAGS: ("a",)} if present else {}
    assert conditions.hold({"Null": {TAGS: wanted}}, context) is holds
    assert conditions.hold({"Null": {TAGS: "false" if wanted == "true" else "true"}}, context) is not holds


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", "john", "John", False),
        ("StringEqualsIgnoreCase", "john", "John", True),
        ("StringEquals", "a*", "ab", False),
        ("StringLike", "a*", "ab", True),
        ("StringNotLike", "a*", "ab", False),
        ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::bucket", True),
        ("ArnEquals", "arn:aws:s3:::b?cket", "arn:aws:s3:::bucket", True),
        ("ArnLike", "arn:aws:s3:*", "arn:aws:s3:::bucket", False),
        ("ArnLike", "arn:aws:sqs:*:queue", "arn:aws:sqs:us-east-1:1:queue", False),
        ("ArnLike", "arn:aws:states:*:*:execution:*", "arn:aws:states:us-east-1:1:execution:a:b", True),
        ("ArnNotEquals", "arn:aws:s3:::other", "arn:aws:s3:::bucket", True),
        ("Bool", "true", "TRUE", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericGreaterThan", "10", "11", True),
        ("NumericNotEquals", "10", "10", False),
        ("DateGreaterThan", "2020-04-01T00:00:00Z", "2020-05-01T00:00:00Z", True),
        ("DateLessThan", "2020-04-01T00:00:00Z", "1600000000", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
    ],
)
def test_each_operator_compares_its_type(operator: str, wanted: str, value: str, *, holds: bool) -> None:
    assert conditions.hold({operator: {"key": wanted}}, {"key": (value,)}) is holds


def test_all_operators_and_keys_must_hold_and_one_of_the_values() -> None:
    """IAM user guide, "Conditions with multiple context keys or values"."""
    block = {"StringEquals": {"a": ["1", "2"], "b": "3"}, "StringLike": {"c": "4*"}}
    assert conditions.hold(block, {"a": ("2",), "b": ("3",), "c": ("44",)})
    assert not conditions.hold(block, {"a": ("2",), "b": ("9",), "c": ("44",)})
    assert not conditions.hold(block, {"a": ("2",), "b": ("3",), "c": ("54",)})


def test_several_values_of_a_negated_operator_must_all_differ() -> None:
    assert not conditions.hold({"StringNotEquals": {"a": ["1", "2"]}}, {"a": ("2",)})
    assert conditions.hold({"StringNotEquals": {"a": ["1", "2"]}}, {"a": ("3",)})


def test_names_of_keys_ignore_case() -> None:
    assert conditions.hold({"Bool": {"AWS:securetransport": True}}, {"aws:SecureTransport": ("true",)})
