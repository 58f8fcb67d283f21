"""Queues, as the template has them."""

from typing import Any

import pytest

from callvault import clients
from callvault.errors import UnavailableError
from callvault.messaging import queues
from callvault.messaging.queues import Queue


def received(url: str) -> dict[str, Any]:
    """Return the one visible message of a queue."""
    options: Any = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    (message,) = clients.sqs().receive_message(QueueUrl=url, VisibilityTimeout=0, **options)["Messages"]
    return dict(message)


def test_a_message_is_sent_with_its_group() -> None:
    queues.send(Queue.FETCH, "hello", group="a1")
    message = received(Queue.FETCH.url)
    assert (message["Body"], message["Attributes"]["MessageGroupId"]) == ("hello", "a1")


def test_a_message_may_have_no_group() -> None:
    queues.send(Queue.OBJECTS, "hello")
    assert "MessageGroupId" not in received(Queue.OBJECTS.url)["Attributes"]


def test_a_dead_letter_is_sent_with_its_attributes() -> None:
    queues.send(Queue.FETCH, "hello", attributes={"reason": "crashed"}, dead_letter=True)
    (name, attribute), *_ = received(Queue.FETCH.dead_letters_url)["MessageAttributes"].items()
    assert (name, attribute["StringValue"]) == ("reason", "crashed")


def test_a_hidden_message_is_not_received() -> None:
    queues.send(Queue.FETCH, "hello")
    queues.hide(Queue.FETCH, received(Queue.FETCH.url)["ReceiptHandle"], 60)
    assert "Messages" not in clients.sqs().receive_message(QueueUrl=Queue.FETCH.url)


def test_a_queue_counts_its_messages_with_the_hidden_ones() -> None:
    for _ in range(3):
        queues.send(Queue.FETCH, "hello")
    clients.sqs().receive_message(QueueUrl=Queue.FETCH.url, MaxNumberOfMessages=1)
    assert (queues.count(Queue.FETCH), queues.count(Queue.OBJECTS)) == (3, 0)


def test_a_queue_that_refuses_is_unavailable() -> None:
    clients.sqs().delete_queue(QueueUrl=Queue.FETCH.url)
    with pytest.raises(UnavailableError):
        queues.send(Queue.FETCH, "hello")


def test_every_queue_of_the_template_is_a_queue_here(template: dict[str, Any]) -> None:
    kept = {name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::SQS::Queue"}
    assert kept == {f"{name.title()}{kind}" for name in Queue for kind in ("Queue", "DeadLetters")}


def test_every_queue_and_dead_letter_queue_is_an_output_of_the_template(template: dict[str, Any]) -> None:
    for name in Queue:
        for kind in ("Queue", "DeadLetters"):
            assert template["Outputs"][f"{name.title()}{kind}Url"]["Value"] == {"Ref": f"{name.title()}{kind}"}


def test_a_dead_letter_queue_accepts_messages_of_the_same_size(template: dict[str, Any]) -> None:
    for name in Queue:
        sizes = [
            template["Resources"][f"{name.title()}{kind}"]["Properties"].get("MaximumMessageSize")
            for kind in ("Queue", "DeadLetters")
        ]
        assert sizes[0] == sizes[1]


def test_a_queue_has_its_urls() -> None:
    assert Queue.FETCH.url.endswith("/callvault-fetch")
    assert Queue.OBJECTS.dead_letters_url.endswith("/callvault-objects-dead-letters")


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_knows_its_own_arn(queue: Queue) -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:callvault-"
    assert [one for one in Queue if one.has(f"{arn}{queue}")] == [queue]
    assert not queue.has(f"{arn}{queue}-dead-letters")


def test_a_function_may_send_to_its_own_dead_letter_queue(template: dict[str, Any]) -> None:
    allowed = {
        statement["Resource"]["GetAtt"]: name
        for name, function in template["Resources"].items()
        if function["Type"] == "AWS::Serverless::Function"
        for policy in function["Properties"]["Policies"]
        for statement in policy["Statement"]
        if statement.get("Action") == "sqs:SendMessage" and "GetAtt" in statement["Resource"]
    }
    assert allowed["FetchDeadLetters.Arn"] == allowed["BackfillDeadLetters.Arn"] == "FetchMedia"
    assert allowed["ReconcileDeadLetters.Arn"] == "ReconcileAccounts"
    assert allowed["ObjectsDeadLetters.Arn"] == "VerifyMedia"
    assert allowed["ParkedDeadLetters.Arn"] == "IngestParked"
