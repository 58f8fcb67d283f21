"""Find accounts that usually have recordings at this time but have none: callbacks may be lost.

Nights, weekends and quiet seasons differ between accounts. So each account is compared with itself
at the same hours of the two previous weeks. If calls are independent and ten are expected, the
chance of none is one in 22,000 (Poisson, e^-10). An account with fewer than ten recordings in
either week is not checked.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, times
from callvault.messaging import metrics
from callvault.storage import parked_counts
from callvault.upkeep import activity, ignored, overdue, refusals

METRIC = "SilentAccounts"
WEEKS = (timedelta(days=7), timedelta(days=14))
USUAL = 10
"""Minimum number of recordings in the same hours of each of WEEKS."""
LATE = timedelta(hours=2)
"""Allowance for daylight saving time.

In UTC, an account's day can start later than in a previous week. So the last LATE of the compared
hours is not counted, and a shorter silence is not reported.
"""
MAX_SILENCE = timedelta(days=14)
"""Maximum silence that is reported. After that, the account counts as no longer used."""

logger = Logger(child=True)


def run(deadline: float) -> dict[str, int]:
    """Check every account until `deadline`, a time of time.monotonic(), and return counts.

    It also makes each account known, so that its callbacks can be parked. `accounts` counts the
    accounts that were checked, `silent` those that are silent, `refused` those of whose callbacks a
    large share is refused, `ignored` those whose callbacks report no recording, and `unreconciled`
    those that were not reconciled for a day. Raises UnavailableError.
    """
    silent = refused = unkept = unreconciled = looked_at = 0
    for account_id in accounts.names():
        if time.monotonic() > deadline:
            logger.error("Not every account could be checked in time", extra={"looked_at": looked_at})
            break
        looked_at += 1
        parked_counts.know(account_id)
        refused += refusals.is_refused(account_id)
        unkept += ignored.is_ignored(account_id)
        unreconciled += overdue.is_overdue(account_id)
        now = times.now()
        newest = activity.newest(account_id, now - MAX_SILENCE, now)
        if newest and is_silent(newest, now, partial(activity.count, account_id, most=USUAL)):
            silent += 1
            logger.warning(alarm_messages.ACCOUNT_SILENT, extra={"account": account_id, "newest": times.write(newest)})
    values = {METRIC: silent, refusals.METRIC: refused, ignored.METRIC: unkept, overdue.METRIC: unreconciled}
    metrics.publish(values)
    counts = {"silent": silent, "refused": refused, "ignored": unkept, "unreconciled": unreconciled}
    return {"accounts": looked_at, **counts}


def is_silent(newest: datetime, now: datetime, count: Callable[[datetime, datetime], int]) -> bool:
    """Return whether an account is silent although it usually has recordings.

    A silent account's newest recording is more than LATE and at most MAX_SILENCE old. In the same
    hours of each of the two previous weeks, the account had at least USUAL recordings; the last
    LATE of these hours is not counted. `count` returns the number of recordings between two times,
    at most USUAL.
    """
    if not LATE < now - newest <= MAX_SILENCE:
        return False
    return all(count(newest - week, now - week - LATE) >= USUAL for week in WEEKS)
