"""Find accounts of whose callbacks a large share is refused: their recordings may be lost.

A stack's sum of refused callbacks hides a small account: three refused callbacks a day are nothing
in it, and may be all that the account has. So each account's refused callbacks are compared with
its own recordings. So are its challenges, that is, refusals of callbacks without credentials: a
provider may never send the callback again with credentials.
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
CHALLENGES_PER_ANSWER = 10
"""Number of challenges for each answer at which almost none is answered."""
MAX_COUNTED = 10_000
"""Maximum number of recordings that are counted.

An account with more of them has enough refused callbacks for the alarm CallbacksRefused.
"""

logger = Logger(child=True)


def is_refused(account_id: str) -> bool:
    """Return whether a tenth or more of an account's callbacks is refused, and log that.

    A recording stands for one accepted callback. The same is true of an account to whose challenges
    almost no answer came. Raises UnavailableError.
    """
    refused, challenged = (daily_counts.recent(kind, account_id) for kind in (Kind.REFUSED, Kind.CHALLENGED))
    enough = max(_enough_for_refusals(refused), _enough_for_challenges(challenged, refused, account_id))
    if enough <= 0:
        return False
    recordings = activity.count(account_id, daily_counts.since(), times.now(), most=enough)
    if recordings >= enough:
        return False
    fields = {"account": account_id, "refused": refused, "challenged": challenged, "recordings": recordings}
    logger.warning(alarm_messages.ACCOUNT_REFUSED, extra=fields)
    return True


def _enough_for_refusals(refused: int) -> int:
    """Return the number of recordings at which less than a tenth of the callbacks is refused."""
    return min(RECORDINGS_PER_REFUSAL * refused + 1, MAX_COUNTED) if refused >= MIN_REFUSED else 0


def _enough_for_challenges(challenged: int, refused: int, account_id: str) -> int:
    """Return the number of recordings at which enough challenges were answered.

    A provider that answers a challenge sends a callback with credentials, which is accepted,
    ignored or refused. A recording may have several callbacks, and thus several challenges.
    """
    if challenged < MIN_REFUSED:
        return 0
    answered = refused + daily_counts.recent(Kind.IGNORED, account_id)
    return min(challenged // CHALLENGES_PER_ANSWER + 1 - answered, MAX_COUNTED)
