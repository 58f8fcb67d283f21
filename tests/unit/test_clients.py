"""The AWS clients, what they raise, and how values become DynamoDB's."""

from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from callvault import clients
from callvault.errors import ConflictError, MissingObjectError, UnavailableError

BUCKET = "callvault-bucket"


@pytest.mark.parametrize("client", [clients.dynamodb, clients.sqs, clients.ssm, clients.s3, clients.events])
def test_a_client_is_created_once(client: Any) -> None:
    assert client() is client()


def test_a_presigned_url_has_bucket_and_region_in_its_host() -> None:
    url = clients.s3().generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"})
    assert url.startswith(f"https://{BUCKET}.s3.amazonaws.com/k?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url


def test_clients_that_a_caller_waits_for_time_out_within_ten_seconds() -> None:
    for client in (clients.dynamodb(), clients.sqs(), clients.ssm(), clients.events()):
        config: Any = client.meta.config
        attempts = config.retries["total_max_attempts"]
        assert attempts * (config.connect_timeout + config.read_timeout) <= 10


def test_s3_refusing_to_overwrite_is_a_conflict() -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key="k", Body=b"first")
    with pytest.raises(ConflictError) as caught, clients.guard("bucket"):
        clients.s3().put_object(Bucket=BUCKET, Key="k", Body=b"second", IfNoneMatch="*")
    assert caught.value.reason == "bucket_unavailable"


def test_s3_finding_no_object_to_replace_is_a_missing_object() -> None:
    with pytest.raises(MissingObjectError) as caught, clients.guard("bucket"):
        clients.s3().put_object(Bucket=BUCKET, Key="k", Body=b"second", IfMatch='"etag"')
    assert caught.value.reason == "bucket_unavailable"


def test_a_refusal_by_aws_is_unavailable_with_its_error_code() -> None:
    with pytest.raises(UnavailableError, match="NoSuchBucket") as caught, clients.guard("bucket"):
        clients.s3().get_object(Bucket="nobody-has-this-one", Key="k")
    assert not isinstance(caught.value, ConflictError)
    assert isinstance(caught.value.__cause__, ClientError)


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="https://sqs"), NoCredentialsError()])
def test_an_aws_that_does_not_answer_is_unavailable(error: Exception) -> None:
    with pytest.raises(UnavailableError, match=type(error).__name__) as caught, clients.guard("queue"):
        raise error
    assert caught.value.reason == "queue_unavailable"


def test_another_error_is_left_alone() -> None:
    with pytest.raises(KeyError), clients.guard("queue"):
        raise KeyError("ours")


def test_values_survive_the_conversion_to_an_item_and_back() -> None:
    values = {"text": "naïve 日本", "number": 12, "yes": True, "list": ["a", {"b": 1}]}
    item = clients.to_item(values)
    assert item["number"] == {"N": "12"}
    assert item["list"] == {"L": [{"S": "a"}, {"M": {"b": {"N": "1"}}}]}
    assert clients.from_item(item) == values
    assert isinstance(clients.from_item(item)["number"], Decimal)
