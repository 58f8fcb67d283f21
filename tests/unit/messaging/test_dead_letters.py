"""Dead letters: what they say, and whose they are."""

import json
from datetime import datetime
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import clients, times
from callvault.errors import RejectedError, UnavailableError
from callvault.messaging import bucket_events, dead_letters
from callvault.messaging.dead_letters import DeadLetter
from callvault.messaging.queues import Queue

unhurried = settings(deadline=None, max_examples=40)
BODY = '{"account_id": "a1", "recording_id": "r1"}'


def send(body: str = BODY, error: Exception | None = None, **attributes: str) -> None:
    """Bury a message that was received with such attributes."""
    record = SQSRecord({"body": body, "attributes": attributes})
    dead_letters.send(record, Queue.OBJECTS, "crashed", error or KeyError("secret"))


def found() -> list[dict[str, Any]]:
    """Return what the queue of dead letters holds."""
    answer = clients.sqs().receive_message(
        QueueUrl=Queue.OBJECTS.dead_letters_url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [dict(message) for message in answer.get("Messages", [])]


def read() -> DeadLetter:
    """Return the only dead letter."""
    (message,) = found()
    return dead_letters.read(message, Queue.OBJECTS)


def test_a_dead_letter_has_its_reason_recording_time_and_queue() -> None:
    before = times.now()
    send(MessageGroupId="a1")
    letter = read()
    assert (letter.reason, letter.error, letter.source) == ("crashed", "KeyError", Queue.OBJECTS)
    assert (letter.account_id, letter.recording_id, letter.group, letter.body) == ("a1", "r1", "a1", BODY)
    assert before <= letter.time <= times.now()
    (message,) = found()
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert said.pop("buried") == times.write(letter.time)
    assert said == {"reason": "crashed", "error": "KeyError", "account": "a1", "recording": "r1", "source": "objects"}


def test_the_error_is_the_cause_of_the_error_that_was_raised() -> None:
    ours = RejectedError("unreadable", "The message carries no recording.")
    ours.__cause__ = TypeError("secret")
    send(error=ours)
    assert read().error == "TypeError"


def test_a_message_that_sqs_dead_lettered_is_unexplained_and_has_the_time_it_was_sent() -> None:
    before = times.now()
    clients.sqs().send_message(QueueUrl=Queue.OBJECTS.dead_letters_url, MessageBody=BODY)
    letter = read()
    assert (letter.reason, letter.error, letter.account_id) == (dead_letters.UNEXPLAINED, None, "a1")
    assert isinstance(letter.time, datetime)
    assert abs((letter.time - before).total_seconds()) < 60


def test_a_queue_that_refuses_raises() -> None:
    clients.sqs().delete_queue(QueueUrl=Queue.OBJECTS.dead_letters_url)
    with pytest.raises(UnavailableError):
        send()


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (BODY, ("a1", "r1")),
        (bucket_events.write("media/a 1/2026/01/02/r%201.wav", None), ("a 1", "r 1")),
        (bucket_events.write("incoming/kazoo/a1/202601-abc/call.mp3", "v1"), ("a1", None)),
        (bucket_events.write("elsewhere/x", None), (None, None)),
        ("not json", (None, None)),
        ("[" * 100_000, (None, None)),
        ("7", (None, None)),
        ('{"account_id": 7, "recording_id": "r1"}', (None, None)),
        ('{"Records": []}', (None, None)),
        ('{"account_id": "a1", "path": "/callbacks/bandwidth/a1"}', ("a1", None)),
    ],
)
def test_a_dead_letter_has_the_account_and_recording_of_its_body_if_readable(
    body: str, subject: tuple[str | None, str | None]
) -> None:
    assert dead_letters.subject(body) == subject


@unhurried
@given(account=st.text(min_size=1), recording=st.text(min_size=1))
def test_sqs_accepts_the_attributes_of_any_ids(account: str, recording: str) -> None:
    body = json.dumps({"account_id": account, "recording_id": recording})
    send(body)
    (message,) = found()
    clients.sqs().delete_message(QueueUrl=Queue.OBJECTS.dead_letters_url, ReceiptHandle=message["ReceiptHandle"])
    said = message["MessageAttributes"]
    assert not dead_letters.REFUSED.search(said["account"]["StringValue"])
    assert 0 < len(said["recording"]["StringValue"]) <= dead_letters.MAX_CHARACTERS
