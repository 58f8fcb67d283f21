"""Ask DynamoDB about transactions."""

from typing import Any

from botocore.exceptions import ClientError

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, TABLE, Scene, item, probe

REFUSED = "400 ValidationException"


@probe("400 TransactionCanceledException None ConditionalCheckFailed", pages.DYNAMODB_TRANSACT)
def transaction_with_a_failed_condition(aws: Scene) -> str:
    aws.write(sk="2")
    put = {"TableName": TABLE, "Item": item(sk="2"), "ConditionExpression": "attribute_not_exists(pk)"}
    try:
        _transact(aws, {"Put": {"TableName": TABLE, "Item": item()}}, {"Put": put})
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        code = error.response["Error"]["Code"]
        return f"400 {code} {' '.join(reason['Code'] for reason in reasons)}"
    return ACCEPTED


@probe("0 items", pages.DYNAMODB_TRANSACT)
def items_of_a_transaction_with_a_failed_condition(aws: Scene) -> str:
    aws.write(sk="2")
    transaction_with_a_failed_condition(aws)
    return f"{aws.dynamodb.scan(TableName=TABLE)['Count'] - 1} items"


@probe(REFUSED, pages.DYNAMODB_TRANSACT)
def transaction_with_two_actions_on_one_item(aws: Scene) -> None:
    _transact(aws, *[{"Put": {"TableName": TABLE, "Item": item()}}] * 2)


@probe(REFUSED, pages.DYNAMODB_TRANSACT)
def transaction_of_101_actions(aws: Scene) -> None:
    _transact(aws, *({"Put": {"TableName": TABLE, "Item": item(sk=str(number))}} for number in range(101)))


@probe("400 IdempotentParameterMismatchException", pages.DYNAMODB_TRANSACT)
def transaction_with_the_token_of_another(aws: Scene) -> None:
    for sk in ("1", "2"):
        _transact(aws, {"Put": {"TableName": TABLE, "Item": item(sk=sk)}}, ClientRequestToken="token")


def _transact(aws: Scene, *actions: Any, **options: Any) -> None:
    aws.dynamodb.transact_write_items(TransactItems=list(actions), **options)
