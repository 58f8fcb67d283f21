"""Clients that act under the role of a function."""

import pytest
from botocore.exceptions import ClientError

from tests.unit.tools.local.iam.guards import client, guard
from tools.local.iam.errors import DeniedError

URL = "http://127.0.0.1:1/1/q"


@pytest.mark.parametrize("operation", ["receive_message", "get_queue_attributes"])
def test_a_client_is_refused_what_the_role_does_not_allow(operation: str) -> None:
    one = guard({"Action": "sqs:DeleteMessage", "Resource": "*"})
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client(one, "sqs"), operation)(QueueUrl=URL)
    with pytest.raises(DeniedError, match="Fetch was denied sqs:"):
        one.end()


def test_what_the_role_allows_is_sent() -> None:
    one = guard({"Action": "sqs:ReceiveMessage", "Resource": "*"})
    sqs = client(one, "sqs", answer=b'{"Messages": [{"Body": "x"}]}')
    assert sqs.receive_message(QueueUrl=URL)["Messages"][0]["Body"] == "x"
    assert [str(used) for used in one.used] == ["Fetch sqs:ReceiveMessage *"]


def test_a_refused_head_has_no_body() -> None:
    with pytest.raises(ClientError, match="Forbidden"):
        client(guard(), "s3").head_object(Bucket="b", Key="k")


def test_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(guard(), "sqs", key="AKIAUNKNOWN").receive_message(QueueUrl=URL)
