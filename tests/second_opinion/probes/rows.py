"""Ask DynamoDB about limits, conditions and updates."""

from typing import Any

from botocore.exceptions import ClientError

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, TABLE, Scene, item, probe

REFUSED = "400 ValidationException"


@probe(ACCEPTED, pages.DYNAMODB_LIMITS)
def partition_key_of_2048_bytes(aws: Scene) -> None:
    aws.write(pk="é" * 1024)


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def partition_key_of_2049_bytes(aws: Scene) -> None:
    aws.write(pk="é" * 1024 + "a")


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def sort_key_of_1025_bytes(aws: Scene) -> None:
    aws.write(sk="a" * 1025)


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def partition_key_of_an_index_of_2049_bytes(aws: Scene) -> None:
    aws.write(index_pk={"S": "a" * 2049}, index_sk={"S": "1"})


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def sort_key_of_an_index_of_1025_bytes(aws: Scene) -> None:
    aws.write(index_pk={"S": "a"}, index_sk={"S": "1" * 1025})


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def empty_partition_key(aws: Scene) -> None:
    aws.write(pk="")


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def empty_key_of_an_index(aws: Scene) -> None:
    aws.write(index_pk={"S": ""}, index_sk={"S": "1"})


@probe(REFUSED, pages.DYNAMODB_PUT)
def number_as_the_key_of_an_index(aws: Scene) -> None:
    aws.write(index_pk={"N": "1"}, index_sk={"S": "1"})


@probe(REFUSED, pages.DYNAMODB_PUT)
def null_as_the_key_of_an_index(aws: Scene) -> None:
    aws.write(index_pk={"NULL": True}, index_sk={"S": "1"})


@probe(ACCEPTED, pages.DYNAMODB_LIMITS)
def value_nested_30_deep(aws: Scene) -> None:
    aws.write(value=_nested(30))


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def value_nested_34_deep(aws: Scene) -> None:
    aws.write(value=_nested(34))


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def item_over_400_kb(aws: Scene) -> None:
    aws.write(value={"S": "a" * 400 * 1024})


@probe(REFUSED, pages.DYNAMODB_LIMITS)
def number_of_39_digits(aws: Scene) -> None:
    aws.write(value={"N": "1" * 39})


@probe("400 ConditionalCheckFailedException", pages.DYNAMODB_PUT)
def put_of_an_item_that_exists(aws: Scene) -> None:
    aws.write()
    aws.write(options={"ConditionExpression": "attribute_not_exists(pk)"})


@probe("revision 1", pages.DYNAMODB_PUT)
def put_of_an_item_that_exists_with_all_old(aws: Scene) -> str:
    return _old(aws, ReturnValuesOnConditionCheckFailure="ALL_OLD")


@probe("no item", pages.DYNAMODB_PUT)
def put_of_an_item_that_exists_without_all_old(aws: Scene) -> str:
    return _old(aws)


@probe("400 ConditionalCheckFailedException", pages.DYNAMODB_PUT)
def condition_on_a_missing_item(aws: Scene) -> None:
    aws.write(options=_condition("revision = :one", {":one": {"N": "1"}}))


@probe("400 ConditionalCheckFailedException", pages.DYNAMODB_PUT)
def condition_that_compares_a_number_with_text(aws: Scene) -> None:
    aws.write(revision={"N": "1"})
    aws.write(options=_condition("revision = :one", {":one": {"S": "1"}}))


@probe(REFUSED, pages.DYNAMODB_EXPRESSIONS)
def reserved_word_in_a_condition(aws: Scene) -> None:
    aws.write(options=_condition("name = :one", {":one": {"S": "1"}}))


@probe(REFUSED, pages.DYNAMODB_ERRORS)
def value_that_no_expression_uses(aws: Scene) -> None:
    aws.write(options=_condition("attribute_not_exists(pk)", {":one": {"S": "1"}}))


@probe(REFUSED, pages.DYNAMODB_ERRORS)
def expression_with_a_value_that_is_not_given(aws: Scene) -> None:
    aws.write(options={"ConditionExpression": "revision = :one"})


@probe(REFUSED, pages.DYNAMODB_UPDATE)
def update_of_a_key(aws: Scene) -> None:
    _update(aws, "SET sk = :one", {":one": {"S": "2"}})


@probe("2", pages.DYNAMODB_UPDATE)
def add_to_an_item_that_does_not_exist(aws: Scene) -> str:
    return str(_update(aws, "ADD amount :two", {":two": {"N": "2"}})["Attributes"]["amount"]["N"])


@probe(REFUSED, pages.DYNAMODB_BATCH_GET)
def batch_get_of_101_items(aws: Scene) -> None:
    keys = [item(sk=str(number)) for number in range(101)]
    aws.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})


@probe(REFUSED, pages.DYNAMODB_BATCH_GET)
def batch_get_of_one_item_twice(aws: Scene) -> None:
    aws.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": [item(), item()]}})


def _nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "a"}
    for _ in range(depth):
        value = {"M": {"a": value}}
    return value


def _condition(expression: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"ConditionExpression": expression, "ExpressionAttributeValues": values}


def _old(aws: Scene, **options: Any) -> str:
    aws.write(revision={"N": "1"})
    try:
        aws.write(options={"ConditionExpression": "attribute_not_exists(pk)", **options})
    except ClientError as error:
        old: Any = error.response.get("Item")
        return f"revision {old['revision']['N']}" if old else "no item"
    return ACCEPTED


def _update(aws: Scene, expression: str, values: dict[str, Any]) -> Any:
    return aws.dynamodb.update_item(
        TableName=TABLE,
        Key=item(),
        UpdateExpression=expression,
        ExpressionAttributeValues=values,
        ReturnValues="ALL_NEW",
    )
