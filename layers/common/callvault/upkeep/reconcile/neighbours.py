"""Find the accounts of the archive that have one account at a provider in common.

Each of them would read the same list, and nobody could say to which of them a recording belongs
that no callback has announced. If each took it in, the readers of one would see what is another's.
"""

import time
from collections import defaultdict
from collections.abc import Iterable

from aws_lambda_powertools import Logger

from callvault import accounts
from callvault.account_parameter import Account
from callvault.errors import ConfigurationError, NotFoundError, UnavailableError

READS_PER_SECOND = 20
"""Maximum number of accounts that are read in a second.

SSM allows a whole AWS account 40 reads a second (AWS, "AWS Systems Manager endpoints and quotas"),
and callbacks need some of them.
"""
MAX_ATTEMPTS = 3
"""Number of attempts to read an account."""

logger = Logger(child=True)


def sharing(account_ids: Iterable[str], deadline: float) -> frozenset[str] | None:
    """Return the ids of the accounts that share their account at the provider with another one.

    Return None if the time was not enough to read them all; `deadline` is a time of
    time.monotonic(). The origins of their APIs are not compared, because one account may be reached
    at several, and an account without `api` may share it too. An account whose parameter cannot be
    read is left out: it receives no callbacks either.
    """
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for account_id in account_ids:
        if time.monotonic() > deadline:
            return None
        account = _read(account_id)
        if account is not None:
            found[account.provider, account.provider_account_id].add(account_id)
        time.sleep(1 / READS_PER_SECOND)
    shared = [sorted(one) for one in found.values() if len(one) > 1]
    if shared:
        logger.warning("Accounts have the same account at their provider", extra={"accounts": shared})
    return frozenset(account_id for one in shared for account_id in one)


def _read(account_id: str) -> Account | None:
    """Return an account, or None if it is missing, invalid, or cannot be read."""
    for _ in range(MAX_ATTEMPTS):
        try:
            return accounts.get(account_id)
        except (ConfigurationError, NotFoundError):
            return None
        except UnavailableError:
            time.sleep(accounts.PAUSE_SECONDS)
    logger.warning("An account could not be read, and was not compared with others", extra={"account": account_id})
    return None
