"""Count the refused callbacks of an account, so that `upkeep.refusals` can find their share.

Only an account that exists is counted, so that nobody makes rows for made-up accounts. A process
writes the count of an account at most every WRITE_SECONDS, so that a flood of refused callbacks
costs few writes.
"""

import time

from aws_lambda_powertools import Logger

from callvault.errors import UnavailableError
from callvault.storage import refused_counts

WRITE_SECONDS = 10
"""Minimum time between two writes of an account's count by a process, in seconds.

The callbacks in between are written with the next one, and lost if the process ends before.
"""

logger = Logger(child=True)

_noted: dict[str, tuple[float, int]] = {}
"""When an account's count was last written, and how many were refused since; by account."""


def note(account_id: str) -> None:
    """Count a refused callback of an account that exists. A failure is only logged."""
    written_at, waiting = _noted.get(account_id, (float("-inf"), 0))
    if time.monotonic() - written_at < WRITE_SECONDS:
        _noted[account_id] = (written_at, waiting + 1)
        return
    try:
        refused_counts.add(account_id, waiting + 1)
    except UnavailableError as error:
        logger.warning("A refused callback could not be counted", extra={"reason": error.reason})
    _noted[account_id] = (time.monotonic(), 0)


def forget() -> None:
    """Forget what was not yet written."""
    _noted.clear()
