"""Make moto deliver S3's event notifications as S3 does: some twice, and some late.

`deliver` replaces a part of moto 5.2.5. Only the AWS process imports this module.
"""

# ruff: noqa: ANN401 - this module handles moto's own types

import contextlib
import json
from typing import Any

from moto.s3 import notifications
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from tools.local.aws.deliveries import Deliveries
from tools.local.aws.moto_fixes import replace


def deliver(deliveries: Deliveries) -> None:
    """Deliver each event to its queue as `deliveries` says.

    All copies of an event are equal, with its sequencer. A delay is SQS's DelaySeconds, so that the
    event counts as waiting in the queue. The test event, which is no event of an object, is
    delivered once and at once.
    """

    def send(account_id: str, event_body: Any, queue_name: str, region_name: str) -> None:
        queues = sqs_backends[account_id][region_name]
        delays: tuple[int, ...] = (0,)
        for record in event_body.get("Records", ()):
            delays = deliveries.draw(record["s3"]["object"]["key"], record["eventName"])
        # S3 drops an event whose queue was deleted.
        with contextlib.suppress(QueueDoesNotExist):
            for seconds in delays:
                queues.send_message(
                    queue_name=queue_name, message_body=json.dumps(event_body), delay_seconds=seconds or None
                )

    replace(notifications, _send_sqs_message=send)
