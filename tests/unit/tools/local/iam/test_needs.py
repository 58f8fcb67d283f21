"""Which permissions each request needs."""

import json
from typing import Any

import pytest

from tools.local.emulator.wire import Head
from tools.local.iam import services
from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import UnknownError

TABLE = "arn:aws:dynamodb:us-east-1:1:table/t"
QUEUE = "arn:aws:sqs:us-east-1:1:q"
KEY = "arn:aws:kms:us-east-1:1:key/k"
PLAIN = Surroundings(
    account="1", region="us-east-1", partition_keys={TABLE: "pk", f"{TABLE}/index/by_call": "call_key"}
)
ENCRYPTED = Surroundings(
    account="1",
    region="us-east-1",
    kms_keys={"arn:aws:s3:::b": KEY, QUEUE: KEY, TABLE: KEY, "arn:aws:ssm:us-east-1:1:parameter/": KEY},
)


def needs(call: Call, around: Surroundings = PLAIN) -> list[tuple[str, str]]:
    return [(need.action, need.resource) for need in services.needs(call, around)]


def actions(call: Call, around: Surroundings = PLAIN) -> list[str]:
    return [action for action, _ in needs(call, around)]


def s3(method: str, target: str, **headers: str) -> Call:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Call(head=Head(method=method, target=target, version="HTTP/1.1", headers=named), body=b"")


def of_json(target: str, **request: Any) -> Call:
    head = Head(method="POST", target="/", version="HTTP/1.1", headers=(("x-amz-target", target),))
    return Call(head=head, body=json.dumps(request).encode())


def dynamodb(operation: str, **request: Any) -> Call:
    return of_json(f"DynamoDB_20120810.{operation}", **request)


def sqs(operation: str, **request: Any) -> Call:
    return of_json(f"AmazonSQS.{operation}", QueueUrl="http://127.0.0.1:1/1/q", **request)


@pytest.mark.parametrize(
    ("method", "query", "action"),
    [
        ("GET", "", "GetObject"),
        ("HEAD", "", "GetObject"),
        ("GET", "?versionId=v", "GetObjectVersion"),
        ("HEAD", "?versionId=v", "GetObjectVersion"),
        ("PUT", "", "PutObject"),
        ("POST", "?uploads", "PutObject"),
        ("PUT", "?partNumber=1&uploadId=u", "PutObject"),
        ("POST", "?uploadId=u", "PutObject"),
        ("DELETE", "?uploadId=u", "AbortMultipartUpload"),
        ("GET", "?uploadId=u", "ListMultipartUploadParts"),
        ("GET", "?tagging", "GetObjectTagging"),
        ("GET", "?tagging&versionId=v", "GetObjectVersionTagging"),
        ("PUT", "?tagging", "PutObjectTagging"),
        ("PUT", "?tagging&versionId=v", "PutObjectVersionTagging"),
        ("DELETE", "", "DeleteObject"),
        ("DELETE", "?versionId=v", "DeleteObjectVersion"),
    ],
)
def test_a_request_for_an_object_needs_its_permission(method: str, query: str, action: str) -> None:
    assert needs(s3(method, f"/b/media/a%20b.wav{query}")) == [(f"s3:{action}", "arn:aws:s3:::b/media/a b.wav")]


@pytest.mark.parametrize(
    ("query", "action"),
    [
        ("?list-type=2&prefix=media%2F", "ListBucket"),
        ("?versions", "ListBucketVersions"),
        ("?uploads&prefix=media%2F", "ListBucketMultipartUploads"),
    ],
)
def test_a_request_for_a_bucket_needs_its_permission(query: str, action: str) -> None:
    assert needs(s3("GET", f"/b{query}")) == [(f"s3:{action}", "arn:aws:s3:::b")]


@pytest.mark.parametrize("query", ["?list-type=2", "?versions"])
def test_a_list_tells_its_prefix_delimiter_and_limit(query: str) -> None:
    (need,) = services.needs(s3("GET", f"/b{query}&prefix=media%2F&delimiter=%2F&max-keys=5"), PLAIN)
    assert need.context == {"s3:prefix": ("media/",), "s3:delimiter": ("/",), "s3:max-keys": ("5",)}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/b/k?prefix=media%2F"),
        ("PUT", "/b/k?prefix=media%2F&delimiter=%2F"),
        ("HEAD", "/b?prefix=media%2F"),
        ("GET", "/b?uploads&prefix=media%2F"),
        ("GET", "/b?location&max-keys=5"),
    ],
)
def test_no_other_request_tells_a_prefix(method: str, target: str) -> None:
    assert [need.context for need in services.needs(s3(method, target), PLAIN)] == [{}]


def test_the_bucket_may_stand_in_the_host() -> None:
    assert needs(s3("GET", "/k/l", host="b.s3.us-east-1.amazonaws.com")) == [("s3:GetObject", "arn:aws:s3:::b/k/l")]


def test_parameters_of_a_presigned_url_change_nothing() -> None:
    url = "/b/k?response-content-type=audio%2Fwav&versionId=v&X-Amz-Algorithm=x&X-Amz-Credential=y&X-Amz-Expires=9"
    assert actions(s3("GET", url)) == ["s3:GetObjectVersion"]
    assert actions(s3("GET", "/b/k?AWSAccessKeyId=a&Signature=s&Expires=9")) == ["s3:GetObject"]


def test_headers_of_an_upload_need_more() -> None:
    assert actions(s3("PUT", "/b/k", if_none_match="*")) == ["s3:PutObject"]
    assert actions(s3("PUT", "/b/k", x_amz_tagging="a=b")) == ["s3:PutObject", "s3:PutObjectTagging"]
    assert actions(s3("PUT", "/b/k", if_match='"e"')) == ["s3:PutObject", "s3:GetObject"]
    assert actions(s3("PUT", "/b/k", x_amz_acl="private")) == ["s3:PutObject", "s3:PutObjectAcl"]


def test_a_copy_reads_its_source() -> None:
    assert needs(s3("PUT", "/b/k", x_amz_copy_source="/c/l")) == [
        ("s3:PutObject", "arn:aws:s3:::b/k"),
        ("s3:GetObject", "arn:aws:s3:::c/l"),
    ]
    assert needs(s3("PUT", "/b/k", x_amz_copy_source="c/l?versionId=v"))[1:] == [
        ("s3:GetObjectVersion", "arn:aws:s3:::c/l")
    ]


@pytest.mark.parametrize("target", ["/open/k", "/open/k?partNumber=1&uploadId=u"])
def test_a_copy_decrypts_its_source(target: str) -> None:
    assert needs(s3("PUT", target, x_amz_copy_source="/b/l?versionId=v"), ENCRYPTED)[1:] == [
        ("s3:GetObjectVersion", "arn:aws:s3:::b/l"),
        ("kms:Decrypt", KEY),
    ]


def test_the_key_of_a_source_may_look_like_a_version() -> None:
    source = s3("PUT", "/c/k", x_amz_copy_source="/b/l%3FversionId%3Dv")
    assert needs(source)[1:] == [("s3:GetObject", "arn:aws:s3:::b/l?versionId=v")]


def test_objects_of_a_bucket_with_a_key_need_kms() -> None:
    assert needs(s3("GET", "/b/k"), ENCRYPTED)[1:] == [("kms:Decrypt", KEY)]
    assert actions(s3("PUT", "/b/k"), ENCRYPTED)[1:] == ["kms:GenerateDataKey"]
    assert actions(s3("PUT", "/b/k?partNumber=1&uploadId=u"), ENCRYPTED)[1:] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert actions(s3("DELETE", "/b/k"), ENCRYPTED)[1:] == []


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
        s3("GET", "/b/k?torrent"),
        s3("PUT", "/b"),
        s3("GET", "/"),
        s3("POST", "/b?delete"),
        s3("PUT", "/b/k", x_amz_copy_source="arn:aws:s3:us-east-1:1:accesspoint/p/object/k"),
        s3("PUT", "/b/k", x_amz_copy_source="/c"),
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
    ("condition", "expected"), [('"e"', ["s3:DeleteObject", "s3:GetObject"]), ("*", ["s3:DeleteObject"])]
)
def test_a_deletion_with_an_etag_reads_the_object(condition: str, expected: list[str]) -> None:
    assert sorted(actions(s3("DELETE", "/b/k", if_match=condition))) == expected


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
