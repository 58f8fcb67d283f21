"""Take up again what has waited too long, and notice who has fallen silent."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.upkeep import silence, sweep

SPARE_SECONDS = 10
"""What stays of the function's time for the last row."""

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Lambda entry point; the hourly schedule says `{"look_at": "accounts"}`."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS
    return silence.run(deadline) if event.get("look_at") == "accounts" else sweep.run(deadline)
