"""What SQS, SSM and EventBridge refuse, the local stack refuses too."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.local.small_stack import bodies
from tools.local.aws.moto_limits import IN_FLIGHT_TAG
from tools.local.stack import Stack


def error(call: Any, **parameters: Any) -> tuple[int, str, str]:
    """Return the status, the code and the message of a call that fails."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.fixture
def queue(local: Stack) -> Iterator[str]:
    """Return the URL of a new queue without a poller."""
    url = local.client("sqs").create_queue(QueueName="limits")["QueueUrl"]
    yield url
    local.client("sqs").delete_queue(QueueUrl=url)


def test_a_message_that_sqs_refuses_is_refused(local: Stack, queue: str) -> None:
    send = local.client("sqs").send_message

    status, code, text = error(send, QueueUrl=queue, MessageBody="a\ufffe")
    assert (status, code) == (400, "InvalidMessageContents")
    assert text.startswith("Invalid characters found. Valid unicode characters are #x9 | ")
    status, code, text = error(send, QueueUrl=queue, MessageBody="a", MessageGroupId="a" * 129)
    assert (status, code) == (400, "InvalidParameterValue")
    assert text.endswith("can only include alphanumeric and punctuation characters. 1 to 128 in length.")
    status, code, text = error(send, QueueUrl=queue, MessageBody="ü" * (512 * 1024 + 1))
    assert (status, code) == (400, "InvalidParameterValue")
    assert text.endswith("Message must be shorter than 1048576 bytes.")
    assert error(send, QueueUrl=queue, MessageBody="a", DelaySeconds=-1)[1] == "InvalidParameterValue"
    send(QueueUrl=queue, MessageBody="\ufffd\U0010ffff", MessageGroupId="a" * 128)


def test_a_batch_is_refused_entry_by_entry(local: Stack, queue: str) -> None:
    entries = [
        {"Id": "good", "MessageBody": "good"},
        {"Id": "character", "MessageBody": "\uffff"},
        {"Id": "group", "MessageBody": "x", "MessageGroupId": "a b"},
    ]
    answer = local.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)

    assert [sent["Id"] for sent in answer["Successful"]] == ["good"]
    assert {failed["Id"]: (failed["Code"], failed["SenderFault"]) for failed in answer["Failed"]} == {
        "character": ("InvalidMessageContents", True),
        "group": ("InvalidParameterValue", True),
    }


def test_a_batch_that_is_too_large_in_bytes_is_refused_as_a_whole(local: Stack, queue: str) -> None:
    entries = [{"Id": str(number), "MessageBody": "ü" * 200_000} for number in range(3)]

    status, code, _ = error(local.client("sqs").send_message_batch, QueueUrl=queue, Entries=entries)
    assert status == 400
    assert code.endswith("BatchRequestTooLong")


def test_a_visibility_timeout_below_0_is_refused(local: Stack, queue: str) -> None:
    sqs = local.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    received = sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]

    parameters = {"QueueUrl": queue, "ReceiptHandle": received, "VisibilityTimeout": -1}
    assert error(sqs.change_message_visibility, **parameters)[:2] == (400, "InvalidParameterValue")


def test_an_old_receipt_handle_does_not_hide_a_message_again(local: Stack, queue: str) -> None:
    sqs = local.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message = {"QueueUrl": queue, "ReceiptHandle": sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]}

    sqs.change_message_visibility(**message, VisibilityTimeout=60)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    sqs.change_message_visibility(**message, VisibilityTimeout=0)
    sqs.change_message_visibility(**message, VisibilityTimeout=60)
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "x"


def test_a_queue_with_too_many_in_flight_delivers_nothing(local: Stack, queue: str) -> None:
    sqs = local.client("sqs")
    sqs.tag_queue(QueueUrl=queue, Tags={IN_FLIGHT_TAG: "3"})
    for number in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    first = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert len(first) == 3

    assert error(sqs.receive_message, QueueUrl=queue)[1] == "OverLimit"
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    assert time.monotonic() - began >= 1

    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first[0]["ReceiptHandle"])
    assert len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]) == 1


def test_a_function_gets_each_message_once_while_the_queue_has_too_many_in_flight(local: Stack) -> None:
    sqs, url = local.client("sqs"), local.outputs["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={IN_FLIGHT_TAG: "1"})
    for number in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=f"limited-{number}")
    local.drain()
    sqs.untag_queue(QueueUrl=url, TagKeys=[IN_FLIGHT_TAG])

    got = sorted(line for line in local.log_text("Consume").splitlines() if line.startswith("got limited-"))
    assert got == [f"got limited-{number} 1" for number in range(4)]


def test_a_standard_parameter_over_4_kb_is_refused(local: Stack) -> None:
    ssm, parameter = local.client("ssm"), {"Name": "/limits/large", "Value": "x" * 4097, "Type": "SecureString"}

    status, code, text = error(ssm.put_parameter, **parameter)
    assert (status, code) == (400, "ValidationException")
    assert text.startswith("Standard tier parameters support a maximum parameter value of 4096 characters.")
    assert ssm.put_parameter(**parameter, Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    assert ssm.put_parameter(**parameter, Overwrite=True)["Tier"] == "Advanced"


def test_an_account_may_have_5_kb(local: Stack) -> None:
    readers = [{"name": f"reader-{number}", "sha256": "0" * 64} for number in range(50)]
    local.put_account("many-readers", {"provider": "kazoo", "readers": readers})

    name = "/dummy/accounts/many-readers"
    value = local.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    assert len(value) > 5000
    assert json.loads(value)["readers"] == readers


def test_events_that_are_too_large_are_refused_together(local: Stack) -> None:
    entry = {"Source": "limits", "DetailType": "Large", "Detail": f'{{"a": "{"x" * 140_000}"}}'}

    status, code, text = error(local.client("events").put_events, Entries=[entry, entry])
    assert (status, code) == (400, "ValidationException")
    assert text == "Total size of the entries in the request is over the limit."
    assert local.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert bodies(local, "DeadLettersUrl") == []
