"""Requeue and reconcile rows that have waited too long, and find silent accounts."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.upkeep import silence, sweep

SPARE_SECONDS = 10
"""Time kept back for the last row, in seconds."""

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Lambda entry point.

    The hourly schedule sends `{"look_at": "accounts"}`. Every other event starts a sweep.
    """
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS
    return silence.run(deadline) if event.get("look_at") == "accounts" else sweep.run(deadline)
