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


def age(stack: Stack, rows: Iterable[dict[str, Any]], share: float, chance: random.Random) -> None:
    """Move the times of a share of the waiting rows back by AGE."""
    then = {"S": times.write(times.now() - AGE)}
    for row in rows:
        if "due_shard" in row and chance.random() < share:
            # The row may have changed in the meantime.
            with suppress(ClientError):
                stack.client("dynamodb").update_item(
                    TableName=stack.outputs["TableName"],
                    Key={"pk": {"S": row["pk"]}},
                    UpdateExpression="SET due_time = :then, updated_time = :then",
                    ConditionExpression="revision = :revision",
                    ExpressionAttributeValues={":then": then, ":revision": {"N": str(row["revision"])}},
                )


def sweep(stack: Stack) -> None:
    """Run the sweep as its schedule does. If it fails, the next run repeats its work."""
    with suppress(FailedError):
        stack.run_schedule("SweepRecordings")
