"""The events that the pollers build from messages, and the messages that they keep as failed."""

import json
from typing import Any

import pytest

from tools.local.emulator import batches
from tools.local.emulator.sandbox import Outcome

SENT = ["a", "b"]


def failed(answer: Any, *, reports_failures: bool = True) -> set[str]:
    return batches.failed(Outcome(payload=json.dumps(answer).encode()), SENT, reports_failures=reports_failures)


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"other": 1}])
def test_an_answer_without_failures_is_success(answer: Any) -> None:
    assert failed(answer) == set()


def test_only_the_named_messages_fail() -> None:
    assert failed({"batchItemFailures": [{"itemIdentifier": "b"}]}) == {"b"}


@pytest.mark.parametrize(
    "answer",
    [
        "text",
        [1],
        {"batchItemFailures": [{}]},
        {"batchItemFailures": ["b"]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"itemIdentifier": ["b"]}]},
        {"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "stranger"}]},
    ],
)
def test_a_malformed_answer_fails_all_messages(answer: Any) -> None:
    assert failed(answer) == set(SENT)


def test_without_the_setting_an_answer_is_ignored() -> None:
    assert failed({"batchItemFailures": [{"itemIdentifier": "b"}]}, reports_failures=False) == set()


def test_a_failed_function_fails_all_messages() -> None:
    outcome = Outcome(payload=b"{}", failed=True)

    assert batches.failed(outcome, SENT, reports_failures=True) == set(SENT)
    assert batches.failed(outcome, SENT, reports_failures=False) == set(SENT)


def test_a_message_becomes_a_record() -> None:
    message = {
        "MessageId": "m1",
        "ReceiptHandle": "r1",
        "Body": "hello",
        "MD5OfBody": "5d41",
        "Attributes": {"ApproximateReceiveCount": "2", "MessageGroupId": "g"},
        "MessageAttributes": {"kind": {"StringValue": "x", "DataType": "String"}},
    }

    assert batches.event([message], "arn:aws:sqs:eu-west-1:123456789012:q") == {
        "Records": [
            {
                "messageId": "m1",
                "receiptHandle": "r1",
                "body": "hello",
                "attributes": {"ApproximateReceiveCount": "2", "MessageGroupId": "g"},
                "messageAttributes": {
                    "kind": {"stringValue": "x", "dataType": "String", "stringListValues": [], "binaryListValues": []}
                },
                "md5OfBody": "5d41",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q",
                "awsRegion": "eu-west-1",
            }
        ]
    }
