"""Let hours pass for the rows that wait, and run the sweep.

The sweep takes up what has waited for an hour or more by the function's clock. So the rows are made older where they
are kept: nothing of what runs knows of it, and a writer who meets it writes a newer row, as ever.
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
"""More than the longest gap of due.due_time."""


def age(stack: Stack, rows: Iterable[dict[str, Any]], share: float, chance: random.Random) -> None:
    """Make a share of the rows that wait look as if nothing had happened to them for long."""
    then = {"S": times.write(times.now() - AGE)}
    for row in rows:
        if "due_shard" in row and chance.random() < share:
            # It may have moved on meanwhile.
            with suppress(ClientError):
                stack.client("dynamodb").update_item(
                    TableName=stack.outputs["TableName"],
                    Key={"pk": {"S": row["pk"]}},
                    UpdateExpression="SET due_time = :then, updated_time = :then",
                    ConditionExpression="revision = :revision",
                    ExpressionAttributeValues={":then": then, ":revision": {"N": str(row["revision"])}},
                )


def sweep(stack: Stack) -> None:
    """Run the sweep, as its schedule does: what fails in one run is taken up by the next."""
    with suppress(FailedError):
        stack.run_schedule("SweepRecordings")
