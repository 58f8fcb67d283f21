"""Build the event that a schedule sends, so that it can be sent on demand."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.local.aws.process import ACCOUNT, REGION


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What starts a function by the clock."""

    function: str
    """The logical id."""
    name: str
    arn: str
    input: str | None = None
    """The JSON that it sends instead of the usual event."""


def event(schedule: Schedule) -> Any:  # noqa: ANN401 - any JSON value
    """Return the event as EventBridge sends it ("Scheduled events")."""
    if schedule.input is not None:
        return json.loads(schedule.input)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [schedule.arn],
        "detail": {},
    }
