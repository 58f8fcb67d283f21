"""Count the callbacks of an account that leave no recording behind.

The sweep compares the counts with the account's recordings (`upkeep.refusals`, `upkeep.ignored`).
Only an account that exists is counted, so that nobody makes rows for made-up accounts. A process
writes its first callbacks of an account at once, and then at most every WRITE_SECONDS, so that a
flood of such callbacks costs few writes.
"""

import time
from collections import Counter

from aws_lambda_powertools import Logger

from callvault.errors import UnavailableError
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind

WRITE_SECONDS = 10
"""Minimum time between two writes of an account's count by a process, in seconds.

The callbacks in between are written with the next one, and lost if the process ends before.
"""
WRITTEN_AT_ONCE = 3
"""Number of callbacks that a process writes at once: as many as `upkeep.refusals` needs."""

logger = Logger(child=True)

_written: dict[tuple[Kind, str], tuple[float, int]] = {}
"""When a count was last written by this process, and how often; by kind and account."""
_waiting: Counter[tuple[Kind, str]] = Counter()
"""How many callbacks are not written yet; by kind and account."""


def note(kind: Kind, account_id: str) -> None:
    """Count a callback of an account that exists. A failure is only logged."""
    tally = (kind, account_id)
    written_at, times_written = _written.get(tally, (float("-inf"), 0))
    _waiting[tally] += 1
    if times_written >= WRITTEN_AT_ONCE and time.monotonic() - written_at < WRITE_SECONDS:
        return
    try:
        daily_counts.add(kind, account_id, _waiting.pop(tally))
    except UnavailableError as error:
        logger.warning("A callback could not be counted", extra={"kind": kind, "reason": error.reason})
    _written[tally] = (time.monotonic(), times_written + 1)


def forget() -> None:
    """Forget what was not yet written."""
    _written.clear()
    _waiting.clear()
