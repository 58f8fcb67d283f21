"""Notice an account that usually has recordings and has none now: its callbacks may go astray.

Nights, weekends and quiet seasons differ from account to account, so an account is measured by itself, against the same
hours of the week in the two weeks before. With at least ten recordings in each, none at all by chance would be one
case in 22,000 of callers who do not know of each other. An account with fewer in a week is not judged.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, times
from callvault.messaging import metrics
from callvault.upkeep import activity

METRIC = "SilentAccounts"
WEEKS = (timedelta(days=7), timedelta(days=14))
USUAL = 10
"""Recordings in the same hours of each of those weeks."""
LATE = timedelta(hours=2)
"""An account may begin its day that much later than a week ago: clocks change."""
LONGEST = timedelta(days=14)
"""After that long, no recordings are what is usual."""

logger = Logger(child=True)


def run(deadline: float) -> dict[str, int]:
    """Look at every account until `deadline` (of time.monotonic()) and return how many are silent.

    Raises UnavailableError.
    """
    silent = looked_at = 0
    for account_id in accounts.names():
        if time.monotonic() > deadline:
            logger.error("Not every account could be looked at in time", extra={"looked_at": looked_at})
            break
        looked_at += 1
        now = times.now()
        newest = activity.newest(account_id, now - LONGEST, now)
        if newest and is_silent(newest, now, partial(activity.count, account_id, most=USUAL)):
            silent += 1
            logger.warning(alarm_messages.ACCOUNT_SILENT, extra={"account": account_id, "newest": times.write(newest)})
    metrics.publish({METRIC: silent})
    return {"accounts": looked_at, "silent": silent}


def is_silent(newest: datetime, now: datetime, count: Callable[[datetime, datetime], int]) -> bool:
    """Say whether an account should have had recordings since its newest one.

    `count` returns how many there were between two times, or USUAL if there were more.
    """
    if not LATE < now - newest <= LONGEST:
        return False
    return all(count(newest - week, now - week - LATE) >= USUAL for week in WEEKS)
