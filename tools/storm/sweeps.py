"""Make rows old enough for the sweep, and run it.

The sweep requeues a row that has waited for an hour or more by the function's clock. So the times
in the table are moved back. A row is changed only if it still has the revision that was read.
"""

import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from callvault import times
from tools.local.stack import FailedError, Stack

AGE = timedelta(days=30)
"""How far the times of a row are moved back: more than the longest gap of `due.due_time`."""


def age(
    stack: Stack, rows: Iterable[dict[str, Any]], share: float, chance: random.Random, *, first: bool = False
) -> None:
    """Move the times of a share of the waiting rows back by AGE.

    With `first`, those of first attempts too, so that a day has passed since then.
    """
    then = {"S": times.write(times.now() - AGE)}
    for row in rows:
        if "due_shard" in row and chance.random() < share:
            # The row may have changed in the meantime.
            with suppress(ClientError):
                stack.client("dynamodb").update_item(
                    TableName=stack.outputs["TableName"],
                    Key={"pk": {"S": row["pk"]}},
                    UpdateExpression=f"SET due_time = :then, updated_time = :then{_attempts(row, first=first)}",
                    ConditionExpression="revision = :revision",
                    ExpressionAttributeValues={":then": then, ":revision": {"N": str(row["revision"])}},
                )


def _attempts(row: dict[str, Any], *, first: bool) -> str:
    """Return what makes the attempts due that a row waits for, and the first ones old."""
    text = row.get("transcript", {})
    places = ["attempt"] if "next_time" in row.get("attempt", {}) else []
    places += ["transcript.attempt"] if "next_time" in text.get("attempt", {}) else []
    names = ["next_time", *(["first_time"] if first else [])]
    return "".join(f", {place}.{name} = :then" for place in places for name in names)


def sweep(stack: Stack) -> None:
    """Run the sweep as its schedule does. If it fails, the next run repeats its work."""
    with suppress(FailedError):
        stack.run_schedule("SweepRecordings")
