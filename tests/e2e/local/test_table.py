"""What the local DynamoDB refuses as AWS does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.local.aws import item_rules, value_rules
from tools.local.stack import Stack

TABLE = "limits"
LONG = {"S": "a" * 2049}
LONG_SORT = {"S": "a" * 1025}
KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}


@pytest.fixture(scope="module")
def table(local: Stack) -> Iterator[Any]:
    """Create a table with an index, and return a client."""
    client = local.client("dynamodb")
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    index = [{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "time", "KeyType": "RANGE"}]
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "owner", "time")],
        GlobalSecondaryIndexes=[
            {"IndexName": "by_owner", "KeySchema": index, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
    )
    yield client
    client.delete_table(TableName=TABLE)


def message(request: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        request(**arguments)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("wrong", "role"),
    [({"pk": LONG}, "HASH"), ({"sk": LONG_SORT}, "RANGE"), ({"owner": LONG}, "HASH"), ({"time": LONG_SORT}, "RANGE")],
)
def test_an_item_with_a_long_key_is_refused_in_every_write(table: Any, wrong: Any, role: str) -> None:
    item = KEY | wrong

    assert message(table.put_item, TableName=TABLE, Item=item) == item_rules.TOO_LONG[role]
    batch = {TABLE: [{"PutRequest": {"Item": item}}]}
    assert message(table.batch_write_item, RequestItems=batch) == item_rules.TOO_LONG[role]
    put = {"Put": {"TableName": TABLE, "Item": item}}
    assert message(table.transact_write_items, TransactItems=[put]) == item_rules.TOO_LONG[role]


def test_a_long_key_is_refused_in_every_read(table: Any) -> None:
    key, too_long = KEY | {"pk": LONG}, item_rules.TOO_LONG["HASH"]

    assert message(table.get_item, TableName=TABLE, Key=key) == too_long
    assert message(table.delete_item, TableName=TABLE, Key=key) == too_long
    assert message(table.batch_get_item, RequestItems={TABLE: {"Keys": [key]}}) == too_long


@pytest.mark.parametrize(
    "update",
    ["SET #o = :o", "SET #o = if_not_exists(#o, :o)", "SET copied = :o, #o = if_not_exists(absent_name, :o)"],
)
@pytest.mark.parametrize("known", [{}, {"count": {"N": "1"}}])
def test_an_update_cannot_give_an_index_a_long_or_an_empty_key(table: Any, update: str, known: Any) -> None:
    def refusal(value: Any) -> str:
        named = {"ExpressionAttributeNames": {"#o": "owner"}, "ExpressionAttributeValues": {":o": value}}
        return message(table.update_item, TableName=TABLE, Key=KEY, UpdateExpression=update, **named)

    if known:
        table.put_item(TableName=TABLE, Item=KEY | known)
    before = table.get_item(TableName=TABLE, Key=KEY).get("Item")

    assert refusal(LONG) == item_rules.TOO_LONG["HASH"]
    assert refusal({"S": ""}) == item_rules.EMPTY_IN_INDEX_BY_UPDATE.format(kind="string")
    assert table.get_item(TableName=TABLE, Key=KEY).get("Item") == before
    table.delete_item(TableName=TABLE, Key=KEY)


def test_a_copied_attribute_may_not_be_too_long_for_a_key(table: Any) -> None:
    table.put_item(TableName=TABLE, Item=KEY | {"text": LONG})

    copied = {"UpdateExpression": "SET #o = #t", "ExpressionAttributeNames": {"#o": "owner", "#t": "text"}}
    assert message(table.update_item, TableName=TABLE, Key=KEY, **copied) == item_rules.TOO_LONG["HASH"]
    table.delete_item(TableName=TABLE, Key=KEY)


def test_a_nested_attribute_with_the_name_of_a_key_may_be_long_or_empty(table: Any) -> None:
    table.put_item(TableName=TABLE, Item=KEY | {"call": {"M": {}}})
    update = {"UpdateExpression": "SET #c.#o = :o", "ExpressionAttributeNames": {"#c": "call", "#o": "owner"}}

    for value in LONG, {"S": ""}:
        values = {":o": value}
        table.update_item(TableName=TABLE, Key=KEY, **update, ExpressionAttributeValues=values)
        assert table.get_item(TableName=TABLE, Key=KEY)["Item"]["call"] == {"M": {"owner": value}}
    table.delete_item(TableName=TABLE, Key=KEY)


def test_an_update_may_not_add_up_to_a_number_out_of_range(table: Any) -> None:
    table.put_item(TableName=TABLE, Item=KEY | {"amount": {"N": "9" + "0" * 125}})

    update = {"UpdateExpression": "ADD amount :n", "ExpressionAttributeValues": {":n": {"N": "9" + "0" * 125}}}
    assert message(table.update_item, TableName=TABLE, Key=KEY, **update) == value_rules.OVERFLOW
    table.delete_item(TableName=TABLE, Key=KEY)


def test_the_last_member_of_a_set_may_be_deleted(table: Any) -> None:
    table.put_item(TableName=TABLE, Item=KEY | {"tags": {"SS": ["a"]}})

    update = {"UpdateExpression": "DELETE tags :t", "ExpressionAttributeValues": {":t": {"SS": ["a"]}}}
    table.update_item(TableName=TABLE, Key=KEY, **update)
    assert table.get_item(TableName=TABLE, Key=KEY)["Item"] == KEY
    table.delete_item(TableName=TABLE, Key=KEY)


def test_a_long_key_in_a_condition_is_refused(table: Any) -> None:
    query = {"TableName": TABLE, "IndexName": "by_owner", "KeyConditionExpression": "#o = :o AND begins_with(#t, :t)"}
    names = {"#o": "owner", "#t": "time"}

    def with_values(owner: Any, time: Any) -> str:
        values = {":o": owner, ":t": time}
        return message(table.query, **query, ExpressionAttributeNames=names, ExpressionAttributeValues=values)

    assert with_values(LONG, {"S": "a"}) == item_rules.TOO_LONG["HASH"]
    assert with_values({"S": "a"}, LONG_SORT) == item_rules.TOO_LONG["RANGE"]
    assert with_values({"S": ""}, {"S": "a"}) == item_rules.EMPTY.format(kind="string", name="owner")
    legacy = {"owner": {"ComparisonOperator": "EQ", "AttributeValueList": [LONG]}}
    refusal = message(table.query, TableName=TABLE, IndexName="by_owner", KeyConditions=legacy)
    assert refusal == item_rules.TOO_LONG["HASH"]


def test_an_empty_key_is_refused(table: Any) -> None:
    assert "Key: pk" in message(table.put_item, TableName=TABLE, Item=KEY | {"pk": {"S": ""}})
    of_index = message(table.put_item, TableName=TABLE, Item=KEY | {"owner": {"S": ""}})
    assert "IndexName: by_owner, IndexKey: owner" in of_index


def test_a_deep_value_and_a_large_item_are_refused(table: Any) -> None:
    deep: Any = {"S": "a"}
    for _ in range(32):
        deep = {"L": [deep]}

    assert message(table.put_item, TableName=TABLE, Item=KEY | {"deep": deep}) == item_rules.TOO_DEEP
    large = KEY | {"text": {"S": "a" * 400 * 1024}}
    assert message(table.put_item, TableName=TABLE, Item=large) == item_rules.TOO_LARGE
    assert message(table.batch_write_item, RequestItems={TABLE: [{"PutRequest": {"Item": large}}]}) == (
        item_rules.TOO_LARGE
    )


def test_the_bytes_of_a_binary_value_count(table: Any) -> None:
    rest = 400 * 1024 - len("pkpsks") - len("content")
    item = KEY | {"content": {"B": bytes(rest)}}

    table.put_item(TableName=TABLE, Item=item)
    assert table.get_item(TableName=TABLE, Key=KEY)["Item"] == item
    larger = KEY | {"content": {"B": bytes(rest + 1)}}
    assert message(table.put_item, TableName=TABLE, Item=larger) == item_rules.TOO_LARGE
    table.delete_item(TableName=TABLE, Key=KEY)


def test_a_number_with_too_many_digits_is_refused_in_every_request(table: Any) -> None:
    precise, refusal = {":n": {"N": "1" * 39}}, value_rules.TOO_PRECISE
    of_value = f"ExpressionAttributeValues contains invalid value: {refusal} for key :n"
    item, update = KEY | {"count": precise[":n"]}, {"UpdateExpression": "SET n = :n"}

    assert message(table.put_item, TableName=TABLE, Item=item) == refusal
    assert message(table.batch_write_item, RequestItems={TABLE: [{"PutRequest": {"Item": item}}]}) == refusal
    values = {"TableName": TABLE, "ExpressionAttributeValues": precise}
    assert message(table.update_item, Key=KEY, **update, **values) == of_value
    assert message(table.delete_item, Key=KEY, ConditionExpression="n = :n", **values) == of_value
    assert message(table.scan, FilterExpression="n = :n", **values) == of_value
    assert message(table.query, KeyConditionExpression="pk = :n", **values) == of_value
    changes = [{"Update": {"Key": KEY, **update, **values}}]
    assert message(table.transact_write_items, TransactItems=changes) == of_value


def test_a_set_with_equal_members_is_refused_in_every_write(table: Any) -> None:
    tags = {"SS": ["a", "a"]}
    item, refusal = KEY | {"tags": {"M": {"all": tags}}}, value_rules.INVALID + "Input collection [a, a] contains"

    assert message(table.put_item, TableName=TABLE, Item=item).startswith(refusal)
    put = {"Put": {"TableName": TABLE, "Item": item}}
    assert message(table.transact_write_items, TransactItems=[put]).startswith(refusal)
    update = {"UpdateExpression": "ADD tags :t", "ExpressionAttributeValues": {":t": tags}}
    assert refusal in message(table.update_item, TableName=TABLE, Key=KEY, **update)


def test_a_batch_and_a_transaction_are_bounded(table: Any) -> None:
    items = [KEY | {"sk": {"S": str(number)}} for number in range(101)]
    puts = [{"PutRequest": {"Item": item}} for item in items]

    assert message(table.batch_write_item, RequestItems={TABLE: puts[:26]}) == item_rules.TOO_MANY
    assert "100" in message(table.batch_get_item, RequestItems={TABLE: {"Keys": items}})
    changes = [{"Put": {"TableName": TABLE, "Item": item}} for item in items]
    assert "100" in message(table.transact_write_items, TransactItems=changes)
    large = [{"Put": {"TableName": TABLE, "Item": item | {"text": {"S": "a" * 400_000}}}} for item in items[:11]]
    assert message(table.transact_write_items, TransactItems=large) == item_rules.TRANSACTION_TOO_LARGE
    assert table.transact_write_items(TransactItems=large[:10])["ResponseMetadata"]["HTTPStatusCode"] == 200
