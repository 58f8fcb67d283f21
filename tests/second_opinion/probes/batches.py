"""Ask SQS about batches and dead-letter queues."""

import json
from typing import Any

from botocore.exceptions import ClientError

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, Scene, probe


@probe("BatchEntryIdsNotDistinct", pages.SQS_SEND_BATCH)
def batch_with_one_id_twice(aws: Scene) -> str:
    return _refusal(aws, _entry("a"), _entry("a"))


@probe("EmptyBatchRequest", pages.SQS_SEND_BATCH)
def batch_without_entries(aws: Scene) -> str:
    return _refusal(aws)


@probe("TooManyEntriesInBatchRequest", pages.SQS_SEND_BATCH)
def batch_of_11_entries(aws: Scene) -> str:
    return _refusal(aws, *(_entry(str(number)) for number in range(11)))


@probe("InvalidBatchEntryId", pages.SQS_SEND_BATCH)
def batch_whose_id_has_a_space(aws: Scene) -> str:
    return _refusal(aws, _entry("a b"))


@probe("BatchRequestTooLong", pages.SQS_SEND_BATCH)
def batch_over_1_mib(aws: Scene) -> str:
    return _refusal(aws, *(_entry(id_, MessageBody="a" * 600_000) for id_ in "ab"))


@probe("sent a, failed b by the sender", pages.SQS_SEND_BATCH)
def batch_with_one_entry_that_is_invalid(aws: Scene) -> str:
    entries = [_entry("a"), _entry("b", DelaySeconds=901)]
    answer = aws.sqs.send_message_batch(QueueUrl=aws.queue, Entries=entries)
    sent = " ".join(one["Id"] for one in answer.get("Successful", []))
    failed = " ".join(one["Id"] for one in answer.get("Failed", []))
    fault = all(one["SenderFault"] for one in answer.get("Failed", []))
    return f"sent {sent}, failed {failed} by the {'sender' if fault else 'service'}"


@probe("deleted a, failed b", pages.SQS_DELETE)
def batch_that_deletes_with_one_invalid_receipt_handle(aws: Scene) -> str:
    aws.send()
    entries = [
        {"Id": "a", "ReceiptHandle": aws.receive()[0]["ReceiptHandle"]},
        {"Id": "b", "ReceiptHandle": "invalid"},
    ]
    answer = aws.sqs.delete_message_batch(QueueUrl=aws.queue, Entries=entries)
    deleted = " ".join(one["Id"] for one in answer.get("Successful", []))
    failed = " ".join(one["Id"] for one in answer.get("Failed", []))
    return f"deleted {deleted}, failed {failed}"


@probe("0 left, 1 dead letter of the queue", pages.SQS_DEAD_LETTERS)
def message_after_its_last_receive(aws: Scene) -> str:
    letters = aws.sqs.create_queue(QueueName="probed-dead-letters")["QueueUrl"]
    arn = _arn(aws, letters)
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    aws.sqs.set_queue_attributes(QueueUrl=aws.queue, Attributes={"RedrivePolicy": policy})
    aws.send()
    aws.receive(VisibilityTimeout=0)
    left = len(aws.receive())
    dead = aws.sqs.receive_message(QueueUrl=letters, MessageSystemAttributeNames=["All"]).get("Messages", [])
    source = dead[0]["Attributes"].get("DeadLetterQueueSourceArn") if dead else None
    return f"{left} left, {len(dead)} dead letter of {'the queue' if source == _arn(aws, aws.queue) else source}"


def _arn(aws: Scene, url: str) -> str:
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def _entry(entry_id: str, **options: Any) -> dict[str, Any]:
    return {"Id": entry_id, "MessageBody": "message", **options}


def _refusal(aws: Scene, *entries: dict[str, Any]) -> str:
    """Return the code of a refusal without the prefix that the older protocol has."""
    try:
        aws.sqs.send_message_batch(QueueUrl=aws.queue, Entries=list(entries))
    except ClientError as error:
        return str(error.response["Error"]["Code"]).rpartition(".")[2]
    return ACCEPTED
