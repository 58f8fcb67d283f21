"""Ask DynamoDB about queries of an index and their pages."""

from typing import Any

from tests.second_opinion import pages
from tests.second_opinion.scenes import TABLE, Scene, item, probe

REFUSED = "400 ValidationException"
PARTITION = {
    "IndexName": "by_index",
    "KeyConditionExpression": "index_pk = :pk",
    "ExpressionAttributeValues": {":pk": {"S": "i"}},
}


@probe("index_pk index_sk pk sk", pages.DYNAMODB_PAGES)
def last_evaluated_key_of_an_index(aws: Scene) -> str:
    _fill(aws)
    return " ".join(sorted(_query(aws, Limit=2)["LastEvaluatedKey"]))


@probe("1 2 | 3", pages.DYNAMODB_PAGES)
def pages_of_an_index(aws: Scene) -> str:
    _fill(aws)
    first = _query(aws, Limit=2)
    second = _query(aws, Limit=2, ExclusiveStartKey=first["LastEvaluatedKey"])
    return " | ".join(" ".join(one["sk"]["S"] for one in page["Items"]) for page in (first, second))


@probe("3 2 | 1", pages.DYNAMODB_PAGES)
def pages_of_an_index_backward(aws: Scene) -> str:
    _fill(aws)
    first = _query(aws, Limit=2, ScanIndexForward=False)
    second = _query(aws, Limit=2, ScanIndexForward=False, ExclusiveStartKey=first["LastEvaluatedKey"])
    return " | ".join(" ".join(one["sk"]["S"] for one in page["Items"]) for page in (first, second))


@probe("1 2 | 3", pages.DYNAMODB_PAGES)
def page_after_an_item_that_was_deleted(aws: Scene) -> str:
    _fill(aws)
    first = _query(aws, Limit=2)
    aws.dynamodb.delete_item(TableName=TABLE, Key=item(sk="2"))
    second = _query(aws, ExclusiveStartKey=first["LastEvaluatedKey"])
    return " | ".join(" ".join(one["sk"]["S"] for one in page["Items"]) for page in (first, second))


@probe("1 2 | 3", pages.DYNAMODB_PAGES)
def pages_of_items_with_one_sort_key(aws: Scene) -> str:
    for sk in "123":
        aws.write(sk=sk, index_pk={"S": "i"}, index_sk={"S": "same"})
    first = _query(aws, Limit=2)
    second = _query(aws, ExclusiveStartKey=first["LastEvaluatedKey"])
    found = [sorted(one["sk"]["S"] for one in page["Items"]) for page in (first, second)]
    whole = sorted(found[0] + found[1]) == ["1", "2", "3"] and len(found[0]) == 2
    return "1 2 | 3" if whole else str(found)


@probe("3 items, no key", pages.DYNAMODB_PAGES)
def last_page_without_a_limit(aws: Scene) -> str:
    _fill(aws)
    page = _query(aws)
    return f"{page['Count']} items, {'a' if 'LastEvaluatedKey' in page else 'no'} key"


@probe("3 items, a key", pages.DYNAMODB_PAGES)
def page_whose_limit_is_the_number_of_items(aws: Scene) -> str:
    _fill(aws)
    page = _query(aws, Limit=3)
    return f"{page['Count']} items, {'a' if 'LastEvaluatedKey' in page else 'no'} key"


@probe("0 of 2, a key", pages.DYNAMODB_QUERY)
def limit_counts_items_before_the_filter(aws: Scene) -> str:
    _fill(aws)
    values = PARTITION["ExpressionAttributeValues"] | {":x": {"S": "none"}}  # type: ignore[operator]
    page = _query(aws, Limit=2, FilterExpression="sk > :x", ExpressionAttributeValues=values)
    return f"{page['Count']} of {page['ScannedCount']}, {'a' if 'LastEvaluatedKey' in page else 'no'} key"


@probe("2 items, a key", pages.DYNAMODB_QUERY)
def page_of_a_table_over_1_mb(aws: Scene) -> str:
    for sk in "1234":
        aws.write(sk=sk, value={"S": "a" * 390 * 1024})
    page = aws.dynamodb.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "a"}}
    )
    return f"{page['Count']} items, {'a' if 'LastEvaluatedKey' in page else 'no'} key"


@probe(REFUSED, pages.DYNAMODB_QUERY)
def start_key_without_the_key_of_the_table(aws: Scene) -> None:
    _fill(aws)
    _query(aws, ExclusiveStartKey={"index_pk": {"S": "i"}, "index_sk": {"S": "1"}})


@probe(REFUSED, pages.DYNAMODB_QUERY)
def start_key_of_another_partition(aws: Scene) -> None:
    _fill(aws)
    start = item() | {"index_pk": {"S": "other"}, "index_sk": {"S": "1"}}
    _query(aws, ExclusiveStartKey=start)


@probe(REFUSED, pages.DYNAMODB_QUERY)
def consistent_read_of_an_index(aws: Scene) -> None:
    _query(aws, ConsistentRead=True)


@probe(REFUSED, pages.DYNAMODB_QUERY)
def limit_of_0(aws: Scene) -> None:
    _query(aws, Limit=0)


@probe(REFUSED, pages.DYNAMODB_QUERY)
def query_without_its_partition_key(aws: Scene) -> None:
    _query(aws, KeyConditionExpression="index_sk = :pk")


@probe(REFUSED, pages.DYNAMODB_QUERY)
def between_with_the_bounds_reversed(aws: Scene) -> None:
    values = {":pk": {"S": "i"}, ":low": {"S": "2"}, ":high": {"S": "1"}}
    condition = "index_pk = :pk AND index_sk BETWEEN :low AND :high"
    _query(aws, KeyConditionExpression=condition, ExpressionAttributeValues=values)


@probe("index_pk index_sk pk sk", pages.DYNAMODB_QUERY)
def attributes_of_a_keys_only_index(aws: Scene) -> str:
    aws.write(index_pk={"S": "i"}, index_sk={"S": "1"}, other={"S": "not projected"})
    return " ".join(sorted(_query(aws)["Items"][0]))


@probe("0", pages.DYNAMODB_QUERY)
def item_without_the_sort_key_of_an_index(aws: Scene) -> int:
    aws.write(index_pk={"S": "i"})
    return int(_query(aws)["Count"])


@probe("Z a é", pages.DYNAMODB_QUERY)
def order_of_text(aws: Scene) -> str:
    for sk in ("é", "a", "Z"):
        aws.write(sk=sk, index_pk={"S": "i"}, index_sk={"S": sk})
    return " ".join(one["sk"]["S"] for one in _query(aws)["Items"])


def _fill(aws: Scene) -> None:
    for sk in "312":
        aws.write(sk=sk, index_pk={"S": "i"}, index_sk={"S": sk})


def _query(aws: Scene, **options: Any) -> Any:
    return aws.dynamodb.query(TableName=TABLE, **PARTITION | options)
