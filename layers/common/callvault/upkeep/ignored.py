"""Find accounts whose callbacks report no recording: the address is likely set at the wrong place.

A provider sends many kinds of callbacks, and each place where a URL is entered is for one of them.
An account whose callbacks are acknowledged, but of which the archive keeps none, has no recording,
and no other alarm would say so.
"""

from aws_lambda_powertools import Logger

from callvault import alarm_messages, times
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from callvault.upkeep import activity

METRIC = "IgnoredAccounts"
MIN_IGNORED = 5
"""Minimum number of ignored callbacks, today and yesterday, that is reported."""

logger = Logger(child=True)


def is_ignored(account_id: str) -> bool:
    """Return whether an account has only callbacks that are not kept, and log that.

    Raises UnavailableError.
    """
    ignored = daily_counts.recent(Kind.IGNORED, account_id)
    if ignored < MIN_IGNORED or activity.count(account_id, daily_counts.since(), times.now(), most=1):
        return False
    logger.warning(alarm_messages.ACCOUNT_IGNORED, extra={"account": account_id, "ignored": ignored})
    return True
