"""Which permissions each request to DynamoDB, SQS, SSM or EventBridge needs."""

from typing import Any

import pytest

from tests.unit.tools.local.iam.requests import (
    ENCRYPTED,
    KEY,
    PLAIN,
    QUEUE,
    TABLE,
    actions,
    dynamodb,
    needs,
    of_json,
    sqs,
)
from tools.local.emulator.wire import Head
from tools.local.iam import services
from tools.local.iam.calls import Call
from tools.local.iam.errors import UnknownError


@pytest.mark.parametrize(
    ("operation", "request_", "values"),
    [
        ("GetItem", {"Key": {"pk": {"S": "a"}}}, ("a",)),
        ("PutItem", {"Item": {"pk": {"S": "a"}, "x": {"S": "b"}}}, ("a",)),
        ("UpdateItem", {"Key": {"pk": {"S": "#PARKED#a"}}}, ("#PARKED#a",)),
        ("DeleteItem", {"Key": {"pk": {"S": "a"}}}, ("a",)),
    ],
)
def test_an_operation_on_an_item_tells_its_partition(
    operation: str, request_: dict[str, Any], values: tuple[str, ...]
) -> None:
    (need,) = services.needs(dynamodb(operation, TableName="t", **request_), PLAIN)
    assert (need.action, need.resource) == (f"dynamodb:{operation}", TABLE)
    assert need.context == {"dynamodb:LeadingKeys": values}


def test_a_query_on_an_index_needs_the_index() -> None:
    request = dynamodb(
        "Query",
        TableName="t",
        IndexName="by_call",
        KeyConditionExpression="#k = :k AND listed_at = :l",
        ExpressionAttributeNames={"#k": "call_key"},
        ExpressionAttributeValues={":k": {"S": "a#c"}, ":l": {"S": "x"}},
    )
    (need,) = services.needs(request, PLAIN)
    assert (need.action, need.resource) == ("dynamodb:Query", f"{TABLE}/index/by_call")
    assert need.context == {"dynamodb:LeadingKeys": ("a#c",)}


def test_a_scan_tells_no_partition() -> None:
    (need,) = services.needs(dynamodb("Scan", TableName="t"), PLAIN)
    assert (need.action, need.context) == ("dynamodb:Scan", {})


def test_a_batch_has_its_own_permission_and_tells_every_partition() -> None:
    keys = {"t": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "b"}}]}}
    (need,) = services.needs(dynamodb("BatchGetItem", RequestItems=keys), PLAIN)
    assert (need.action, need.context) == ("dynamodb:BatchGetItem", {"dynamodb:LeadingKeys": ("a", "b")})
    writes = {"t": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}, {"DeleteRequest": {"Key": {"pk": {"S": "b"}}}}]}
    (need,) = services.needs(dynamodb("BatchWriteItem", RequestItems=writes), PLAIN)
    assert (need.action, need.context) == ("dynamodb:BatchWriteItem", {"dynamodb:LeadingKeys": ("a", "b")})


def test_a_transaction_needs_the_permission_of_each_of_its_operations() -> None:
    steps = [
        {"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}}}},
        {"ConditionCheck": {"TableName": "t", "Key": {"pk": {"S": "b"}}}},
    ]
    expected = ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"]
    assert actions(dynamodb("TransactWriteItems", TransactItems=steps)) == expected


def test_rows_of_a_table_with_a_key_need_kms() -> None:
    request = dynamodb("GetItem", TableName="t", Key={"pk": {"S": "a"}})
    assert needs(request, ENCRYPTED)[1:] == [("kms:Decrypt", KEY)]


@pytest.mark.parametrize(
    ("url", "arn"),
    [
        ("http://127.0.0.1:5000/1/q", QUEUE),
        ("http://127.0.0.1:5000/2/q", "arn:aws:sqs:us-east-1:2:q"),
        ("https://sqs.us-east-1.amazonaws.com/1/q", QUEUE),
        ("https://sqs.eu-west-1.amazonaws.com/1/q", "arn:aws:sqs:eu-west-1:1:q"),
        ("https://eu-west-1.queue.amazonaws.com/2/q", "arn:aws:sqs:eu-west-1:2:q"),
    ],
)
def test_the_account_and_region_of_a_queue_are_those_of_its_url(url: str, arn: str) -> None:
    assert needs(of_json("AmazonSQS.SendMessage", QueueUrl=url)) == [("sqs:SendMessage", arn)]


@pytest.mark.parametrize("url", ["q", "http://127.0.0.1:5000/q", "http://127.0.0.1:5000/1/", "/1/q", "http://a/b/1/q"])
def test_a_queue_whose_url_names_no_account_is_not_known(url: str) -> None:
    with pytest.raises(UnknownError, match="queue"):
        needs(of_json("AmazonSQS.SendMessage", QueueUrl=url))


def test_an_arn_names_the_account_of_its_parameter_table_or_bus() -> None:
    parameter, table = "arn:aws:ssm:us-east-1:2:parameter/s/a", "arn:aws:dynamodb:eu-west-1:2:table/t"
    bus = "arn:aws:events:us-east-1:2:event-bus/x"
    assert needs(of_json("AmazonSSM.GetParameter", Name=parameter)) == [("ssm:GetParameter", parameter)]
    assert needs(of_json("AmazonSSM.GetParameter", Name=f"{parameter}:3")) == [("ssm:GetParameter", parameter)]
    assert needs(dynamodb("Scan", TableName=table)) == [("dynamodb:Scan", table)]
    assert needs(of_json("AWSEvents.PutEvents", Entries=[{"EventBusName": bus}])) == [("events:PutEvents", bus)]


@pytest.mark.parametrize("name", ["/s/accounts/a:3", "/s/accounts/a:label"])
def test_a_version_or_label_of_a_parameter_is_no_part_of_its_arn(name: str) -> None:
    expected = [("ssm:GetParameter", "arn:aws:ssm:us-east-1:1:parameter/s/accounts/a")]
    assert needs(of_json("AmazonSSM.GetParameter", Name=name)) == expected


def test_a_batch_of_messages_has_the_permission_of_one() -> None:
    assert needs(sqs("SendMessageBatch", Entries=[])) == [("sqs:SendMessage", QUEUE)]
    assert needs(sqs("DeleteMessageBatch", Entries=[])) == [("sqs:DeleteMessage", QUEUE)]


def test_messages_of_a_queue_with_a_key_need_kms() -> None:
    assert actions(sqs("SendMessage"), ENCRYPTED)[1:] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert actions(sqs("ReceiveMessage"), ENCRYPTED)[1:] == ["kms:Decrypt"]
    assert actions(sqs("GetQueueAttributes"), ENCRYPTED)[1:] == []


def test_the_older_protocol_of_sqs_is_understood() -> None:
    head = Head(
        method="POST",
        target="/",
        version="HTTP/1.1",
        headers=(("content-type", "application/x-www-form-urlencoded; charset=utf-8"),),
    )
    call = Call(head=head, body=b"Action=SendMessage&QueueUrl=https%3A%2F%2Fsqs%2F1%2Fq&MessageBody=x")
    assert needs(call) == [("sqs:SendMessage", QUEUE)]


def test_a_form_that_also_has_the_header_of_json_is_not_known() -> None:
    """The AWS process may carry out the one, and the other would be allowed."""
    named = (("content-type", "application/x-www-form-urlencoded"), ("x-amz-target", "AmazonSQS.PurgeQueue"))
    head = Head(method="POST", target="/", version="HTTP/1.1", headers=named)
    with pytest.raises(UnknownError, match="form"):
        needs(Call(head=head, body=b"Action=ReceiveMessage&QueueUrl=https%3A%2F%2Fsqs%2F1%2Fq"))


def test_a_parameter_needs_its_permission_and_its_key() -> None:
    parameter = "arn:aws:ssm:us-east-1:1:parameter/s/accounts/a"
    request = of_json("AmazonSSM.GetParameter", Name="/s/accounts/a", WithDecryption=True)
    assert needs(request) == [("ssm:GetParameter", parameter)]
    assert needs(request, ENCRYPTED) == [("ssm:GetParameter", parameter), ("kms:Decrypt", KEY)]
    listed = of_json("AmazonSSM.GetParametersByPath", Path="/s/accounts")
    assert needs(listed, ENCRYPTED) == [("ssm:GetParametersByPath", "arn:aws:ssm:us-east-1:1:parameter/s/accounts")]


def test_events_need_their_bus() -> None:
    request = of_json("AWSEvents.PutEvents", Entries=[{"EventBusName": "x"}, {}])
    assert needs(request) == [
        ("events:PutEvents", "arn:aws:events:us-east-1:1:event-bus/default"),
        ("events:PutEvents", "arn:aws:events:us-east-1:1:event-bus/x"),
    ]


@pytest.mark.parametrize(
    "call",
    [
        dynamodb("ExecuteStatement"),
        sqs("CreateQueue"),
        of_json("AmazonSSM.PutParameter", Name="/a"),
        of_json("AWSEvents.PutRule"),
        of_json("Logs_20140328.PutLogEvents"),
    ],
)
def test_a_request_that_is_not_known_is_an_error(call: Call) -> None:
    with pytest.raises(UnknownError):
        list(services.needs(call, PLAIN))


@pytest.mark.parametrize(
    "request_",
    [
        {"KeyConditions": {"pk": {"AttributeValueList": [{"S": "x"}], "ComparisonOperator": "EQ"}}},
        {"KeyConditionExpression": ":v = pk", "ExpressionAttributeValues": {":v": {"S": "x"}}},
        {"KeyConditionExpression": "other = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
    ],
)
def test_a_query_whose_partition_is_not_found_is_not_known(request_: dict[str, Any]) -> None:
    with pytest.raises(UnknownError, match="partition"):
        needs(dynamodb("Query", TableName="t", **request_))
    assert actions(dynamodb("Scan", TableName="t")) == ["dynamodb:Scan"]
