"""The pollers act under the role of their function."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests import worlds
from tests.unit.tools.local.iam.guards import client, guard
from tools.local.emulator.pollers import EventSourceMapping, Poller
from tools.local.iam.errors import DeniedError

QUEUE = "arn:aws:sqs:us-east-1:1:q"


def test_a_poller_whose_function_may_not_receive_fails_the_run() -> None:
    one = guard({"Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": QUEUE})
    operator = SimpleNamespace(get_queue_url=lambda **_: {"QueueUrl": "http://127.0.0.1:1/1/q"})
    function: Any = SimpleNamespace(limit=1)
    source = EventSourceMapping(function="Fetch", queue_arn=QUEUE)
    poller = Poller(client(one, "sqs", answer=b'{"Attributes": {}}'), source, function, operator=operator)
    poller.start()
    worlds.until(lambda: one.faults)
    poller.stop()
    poller.join()
    with pytest.raises(DeniedError, match=f"Fetch was denied sqs:ReceiveMessage on {QUEUE}"):
        one.end()
