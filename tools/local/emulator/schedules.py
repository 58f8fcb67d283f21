"""Build the event of a schedule, which the local stack sends on request only."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.local.aws.process import ACCOUNT, REGION


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A schedule that invokes a function."""

    function: str
    """The logical id of the function."""
    name: str
    arn: str
    input: str | None = None
    """The JSON that it sends instead of the default event."""


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
