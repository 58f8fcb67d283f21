"""Queues of the local stack: batches, failures, dead-letter queues."""

import threading
import time

import pytest

from tests import worlds
from tests.e2e.local.small_stack import bodies
from tools.local.stack import Stack


@pytest.fixture(scope="module")
def failures(local: Stack) -> None:
    """Send what fails to two functions, and wait once for both to have it twice."""
    sqs = local.client("sqs")
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(["good", "bad", "fine"])]
    sqs.send_message_batch(QueueUrl=local.outputs["QueueUrl"], Entries=entries)
    sqs.send_message(QueueUrl=local.outputs["StumblingUrl"], MessageBody="raise")
    local.drain()


def test_only_the_failed_messages_of_a_batch_are_retried(local: Stack, failures: None) -> None:
    log = local.log_text("Consume")
    assert log.count("got good") == 1
    assert log.count("got fine") == 1
    assert [line for line in log.splitlines() if "got bad" in line] == ["got bad 1", "got bad 2"]
    assert bodies(local, "DeadLettersUrl") == ["bad"]


def test_a_failing_function_retries_the_batch(local: Stack, failures: None) -> None:
    assert local.log_text("Stumble").count("got raise") == 2
    assert bodies(local, "DeadStumblingUrl") == ["raise"]


def test_each_of_many_concurrent_messages_is_processed_once(local: Stack) -> None:
    def send(sender: int) -> None:
        for number in range(10):
            entries = [{"Id": str(one), "MessageBody": f"many-{sender}-{number}-{one}-"} for one in range(10)]
            local.client("sqs").send_message_batch(QueueUrl=local.outputs["QueueUrl"], Entries=entries)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    local.drain(60)

    got = [line.split()[1] for line in local.log_text("Consume").splitlines() if line.startswith("got many-")]
    assert sorted(got) == sorted(f"many-{a}-{b}-{c}-" for a in range(3) for b in range(10) for c in range(10))


def test_a_message_reaches_the_function_at_once(local: Stack) -> None:
    local.client("sqs").send_message(QueueUrl=local.outputs["QueueUrl"], MessageBody="warm")
    local.drain()

    sent = time.monotonic()
    local.client("sqs").send_message(QueueUrl=local.outputs["QueueUrl"], MessageBody="quick")
    worlds.until(lambda: "got quick" in local.log_text("Consume"))

    assert time.monotonic() - sent < 1
