"""Items and keys that DynamoDB refuses."""

import base64

import pytest

from tests.unit.tools.local.aws.test_value_rules import nested
from tools.local.aws import item_rules, value_rules
from tools.local.aws.item_rules import KeyPart

KEYS = [KeyPart("pk", "HASH"), KeyPart("sk", "RANGE"), KeyPart("owner", "HASH", "by_owner")]


@pytest.mark.parametrize(
    ("name", "role", "most"), [("pk", "HASH", 2048), ("sk", "RANGE", 1024), ("owner", "HASH", 2048)]
)
def test_a_key_has_a_maximum_length(name: str, role: str, most: int) -> None:
    assert item_rules.key({name: {"S": "a" * most}}, KEYS) is None
    assert item_rules.key({name: {"B": base64.b64encode(b"a" * most).decode()}}, KEYS) is None
    assert (
        item_rules.key({name: {"B": base64.b64encode(b"a" * (most + 1)).decode()}}, KEYS) == (item_rules.TOO_LONG[role])
    )
    assert item_rules.key({name: {"S": "a" * (most + 1)}}, KEYS) == item_rules.TOO_LONG[role]
    assert item_rules.key({name: {"S": "é" * (most // 2 + 1)}}, KEYS) == item_rules.TOO_LONG[role]


def test_a_key_is_not_empty() -> None:
    assert item_rules.key({"pk": {"S": ""}}, KEYS) == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
        "empty string value. Key: pk"
    )
    assert item_rules.key({"sk": {"B": b""}}, KEYS) == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
        "empty binary value. Key: sk"
    )
    assert item_rules.key({"owner": {"S": ""}}, KEYS) == (
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
        "AttributeValue for a key attribute cannot contain an empty string value. IndexName: by_owner, IndexKey: owner"
    )


def test_an_update_to_an_empty_key_of_an_index_has_a_message_of_its_own() -> None:
    assert item_rules.item({"pk": {"S": "a"}, "owner": {"B": ""}}, KEYS, item_rules.UPDATED) == (
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key "
        "to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty binary value."
    )


def test_a_nested_attribute_with_the_name_of_a_key_is_none() -> None:
    assert item_rules.item({"pk": {"S": "a"}, "call": {"M": {"owner": {"S": ""}}}}, KEYS) is None


def test_other_attributes_may_be_empty_and_long() -> None:
    assert item_rules.item({"pk": {"S": "a"}, "name": {"S": ""}, "text": {"S": "a" * 4096}}, KEYS) is None


def test_a_number_that_dynamodb_cannot_store_is_refused() -> None:
    precise = {"N": "1" * 39}

    assert item_rules.item({"pk": {"S": "a"}, "count": precise}, KEYS) == value_rules.TOO_PRECISE
    assert item_rules.key({"sk": precise}, KEYS) == value_rules.TOO_PRECISE
    assert item_rules.expression_values({":a": {"S": "a"}, ":b": precise}) == (
        "ExpressionAttributeValues contains invalid value: Attempting to store more than 38 significant digits in a "
        "Number for key :b"
    )
    assert item_rules.expression_values({":a": {"N": "1" * 38}}) is None


def test_a_value_may_have_32_levels() -> None:
    assert item_rules.item({"pk": {"S": "a"}, "deep": nested(32)}, KEYS) is None
    assert item_rules.item({"pk": {"S": "a"}, "deep": nested(33)}, KEYS) == item_rules.TOO_DEEP


def test_an_item_may_have_400_kb_with_its_names() -> None:
    rest = 400 * 1024 - len("pk") - len("a") - len("text")

    assert item_rules.item({"pk": {"S": "a"}, "text": {"S": "a" * rest}}, KEYS) is None
    too_large = {"pk": {"S": "a"}, "text": {"S": "a" * (rest + 1)}}
    assert item_rules.item(too_large, KEYS) == item_rules.TOO_LARGE
    assert item_rules.item(too_large, KEYS, item_rules.UPDATED) == item_rules.TOO_LARGE_BY_UPDATE


def test_the_items_of_a_transaction_may_have_4_mb_together() -> None:
    largest = {"pk": {"S": "a"}, "text": {"S": "a" * (400 * 1024 - len("pkatext"))}}
    rest = {"pk": {"S": "a" * (96 * 1024 - len("pk"))}}

    assert item_rules.size(largest) == 400 * 1024
    assert item_rules.transaction([largest] * 10 + [rest]) is None
    assert item_rules.transaction([largest] * 10 + [rest, {"pk": {"S": ""}}]) == item_rules.TRANSACTION_TOO_LARGE


def test_the_values_of_a_key_condition_are_found() -> None:
    names, values = {"#o": "owner"}, {f":{name}": {"S": name} for name in "abcde"}
    expression = "#o = :a AND sk BETWEEN :b AND :c"

    assert item_rules.named(expression, names, values) == [
        ("owner", {"S": "a"}),
        ("sk", {"S": "b"}),
        ("sk", {"S": "c"}),
    ]
    assert item_rules.named("begins_with(sk, :d)", names, values) == [("sk", {"S": "d"})]
    assert item_rules.named("sk >= :e", names, values) == [("sk", {"S": "e"})]
