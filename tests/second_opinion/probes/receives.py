"""Ask SQS about receiving: long polls, visibility and receipt handles."""

import threading
import time
from typing import Any

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, Scene, probe, status_of


@probe("400", pages.SQS_RECEIVE)
def receive_of_11_messages(aws: Scene) -> str:
    return status_of(lambda: aws.receive(MaxNumberOfMessages=11))


@probe("400", pages.SQS_RECEIVE)
def long_poll_of_21_seconds(aws: Scene) -> str:
    aws.send()
    return status_of(lambda: aws.receive(WaitTimeSeconds=21))


@probe("0 messages after 1 s", pages.SQS_LONG_POLL)
def long_poll_of_an_empty_queue(aws: Scene) -> str:
    assert aws.queue
    began = time.monotonic()
    received = aws.receive(WaitTimeSeconds=1)
    return f"{len(received)} messages after {time.monotonic() - began:.0f} s"


@probe("1 message, early", pages.SQS_LONG_POLL)
def long_poll_during_which_a_message_arrives(aws: Scene) -> str:
    assert aws.queue
    began, sender = time.monotonic(), threading.Timer(0.3, aws.send)
    sender.start()
    received = aws.receive(WaitTimeSeconds=5)
    sender.join()
    return f"{len(received)} message, {'early' if time.monotonic() - began < 4 else 'late'}"


@probe("1, then 0", pages.SQS_VISIBILITY)
def message_that_was_received(aws: Scene) -> str:
    aws.send()
    return f"{len(aws.receive())}, then {len(aws.receive())}"


@probe("1, then 1", pages.SQS_RECEIVE)
def message_that_was_received_for_0_seconds(aws: Scene) -> str:
    aws.send()
    return f"{len(aws.receive(VisibilityTimeout=0))}, then {len(aws.receive())}"


@probe("received 2 times", pages.SQS_RECEIVE)
def message_that_was_made_visible(aws: Scene) -> str:
    aws.send()
    _hide(aws, aws.receive()[0], 0)
    again = aws.receive(MessageSystemAttributeNames=["All"])[0]
    return f"received {again['Attributes']['ApproximateReceiveCount']} times"


@probe("400 MessageNotInflight", pages.SQS_VISIBILITY)
def visibility_of_a_message_that_is_not_in_flight(aws: Scene) -> None:
    aws.send()
    message = aws.receive()[0]
    _hide(aws, message, 0)
    _hide(aws, message, 60)


@probe("400", pages.SQS_VISIBILITY)
def visibility_over_12_hours(aws: Scene) -> str:
    aws.send()
    message = aws.receive()[0]
    return status_of(lambda: _hide(aws, message, 43_201))


@probe("400 ReceiptHandleIsInvalid", pages.SQS_DELETE)
def delete_with_an_invalid_receipt_handle(aws: Scene) -> None:
    aws.sqs.delete_message(QueueUrl=aws.queue, ReceiptHandle="invalid")


@probe(ACCEPTED, pages.SQS_DELETE)
def delete_with_an_old_receipt_handle(aws: Scene) -> None:
    aws.send()
    handles = [aws.receive(VisibilityTimeout=0)[0]["ReceiptHandle"] for _ in range(2)]
    aws.sqs.delete_message(QueueUrl=aws.queue, ReceiptHandle=handles[0])


@probe("1 visible, 1 in flight", pages.SQS_RECEIVE)
def counts_of_a_queue(aws: Scene) -> str:
    for _ in range(2):
        aws.send()
    aws.receive(MaxNumberOfMessages=1)
    found = aws.sqs.get_queue_attributes(QueueUrl=aws.queue, AttributeNames=["All"])["Attributes"]
    hidden = found["ApproximateNumberOfMessagesNotVisible"]
    return f"{found['ApproximateNumberOfMessages']} visible, {hidden} in flight"


def _hide(aws: Scene, message: Any, seconds: int) -> None:
    handle = message["ReceiptHandle"]
    aws.sqs.change_message_visibility(QueueUrl=aws.queue, ReceiptHandle=handle, VisibilityTimeout=seconds)
