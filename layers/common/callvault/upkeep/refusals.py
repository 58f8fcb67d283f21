"""Find accounts of whose callbacks a large share is refused: their recordings may be lost.

A stack's sum of refused callbacks hides a small account: three refused callbacks a day are nothing
in it, and may be all that the account has. So each account's refused callbacks are compared with
its own recordings.
"""

from aws_lambda_powertools import Logger

from callvault import alarm_messages, times
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from callvault.upkeep import activity

METRIC = "RefusedAccounts"
MIN_REFUSED = 3
"""Minimum number of refused callbacks, today and yesterday. A test by hand is not reported."""
RECORDINGS_PER_REFUSAL = 9
"""Number of recordings for each refused callback at which less than a tenth is refused."""
MAX_COUNTED = 10_000
"""Maximum number of recordings that are counted.

An account with more of them has enough refused callbacks for the alarm CallbacksRefused.
"""

logger = Logger(child=True)


def is_refused(account_id: str) -> bool:
    """Return whether a tenth or more of an account's callbacks is refused, and log that.

    A recording stands for one accepted callback. Raises UnavailableError.
    """
    refused = daily_counts.recent(Kind.REFUSED, account_id)
    if refused < MIN_REFUSED:
        return False
    enough = min(RECORDINGS_PER_REFUSAL * refused + 1, MAX_COUNTED)
    recordings = activity.count(account_id, daily_counts.since(), times.now(), most=enough)
    if recordings >= enough:
        return False
    fields = {"account": account_id, "refused": refused, "recordings": recordings}
    logger.warning(alarm_messages.ACCOUNT_REFUSED, extra=fields)
    return True
