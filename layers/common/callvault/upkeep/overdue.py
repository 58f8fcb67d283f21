"""Find accounts that the reconciliation has not covered for a day."""

from datetime import timedelta

from aws_lambda_powertools import Logger

from callvault import alarm_messages, times
from callvault.storage import cursors
from callvault.upkeep.reconcile import outcomes

METRIC = "AccountsNotReconciled"
MAX_AGE = timedelta(days=1)
"""Time after the last success, or after the archive first knew of the account."""

logger = Logger(child=True)


def is_overdue(account_id: str) -> bool:
    """Return whether an account was not reconciled for a day, and log that.

    An account that cannot be reconciled, because its provider has no list, it has no `api`, or it
    shares its account at the provider, is not overdue: its days' reports say so. Raises
    UnavailableError.
    """
    cursor = cursors.of_known(account_id)
    since = cursor.last_success or cursor.first_seen
    if cursor.failed_reason in outcomes.UNACCOUNTABLE or times.now() - since < MAX_AGE:
        return False
    fields = {"account": account_id, "since": times.write(since), "reason": cursor.failed_reason}
    logger.warning(alarm_messages.ACCOUNT_NOT_RECONCILED, extra=fields)
    return True
