"""Count the refused callbacks of an account, so that `upkeep.refusals` can find their share.

Only an account that exists is counted, so that nobody makes rows for made-up accounts. A process
writes its first refusals of an account at once, and then at most every WRITE_SECONDS, so that a
flood of refused callbacks costs few writes.
"""

import time
from collections import Counter

from aws_lambda_powertools import Logger

from callvault.errors import UnavailableError
from callvault.storage import refused_counts

WRITE_SECONDS = 10
"""Minimum time between two writes of an account's count by a process, in seconds.

The callbacks in between are written with the next one, and lost if the process ends before.
"""
WRITTEN_AT_ONCE = 3
"""Number of refusals that a process writes at once: as many as `upkeep.refusals` needs."""

logger = Logger(child=True)

_written: dict[str, tuple[float, int]] = {}
"""When an account's count was last written by this process, and how often; by account."""
_waiting: Counter[str] = Counter()
"""How many refusals of each account are not written yet."""


def note(account_id: str) -> None:
    """Count a refused callback of an account that exists. A failure is only logged."""
    written_at, times_written = _written.get(account_id, (float("-inf"), 0))
    _waiting[account_id] += 1
    if times_written >= WRITTEN_AT_ONCE and time.monotonic() - written_at < WRITE_SECONDS:
        return
    try:
        refused_counts.add(account_id, _waiting.pop(account_id))
    except UnavailableError as error:
        logger.warning("A refused callback could not be counted", extra={"reason": error.reason})
    _written[account_id] = (time.monotonic(), times_written + 1)


def forget() -> None:
    """Forget what was not yet written."""
    _written.clear()
    _waiting.clear()
