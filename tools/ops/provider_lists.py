"""Read the lists of recordings of one account at its provider, for as long as that takes.

A request that fails is repeated after the time that the provider names (Retry-After), or else after
the gaps of the fetches. After MAX_FAILURES in succession, or if the provider wants a long wait, the
command ends with an error: nothing is lost by that, because it can be repeated.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from callvault import accounts, providers
from callvault.account_parameter import Account
from callvault.errors import RejectedError, UnavailableError
from callvault.messaging import next_attempts
from callvault.providers.listings import Lister, Page, Span
from callvault.upkeep.reconcile import run
from tools.ops import printing
from tools.ops.stack_settings import OperatorError, UsageError

MAX_FAILURES = 4
"""Number of failures of one page after which the command ends."""
MAX_WAIT = timedelta(minutes=15)
"""Longest time for which the command waits because the provider asks to."""


def lister_of(account_id: str) -> tuple[Account, Lister]:
    """Return an account and the lister of its provider.

    Raises UsageError if the account has no list, ConfigurationError if its parameter is invalid,
    and UnavailableError.
    """
    account = accounts.get(account_id)
    provider = providers.of(account)
    if not isinstance(provider, Lister):
        raise UsageError(
            f"Recordings of {account_id} cannot be listed: Callvault knows no list of the provider {account.provider}."
        )
    if account.api is None:
        raise UsageError(
            f"Recordings of {account_id} cannot be listed, because its parameter has no `api`: "
            f"add it, with credentials that may list recordings (docs/connect/{account.provider}.md)."
        )
    return account, provider


def pages(lister: Lister, span: Span) -> Iterator[Page]:
    """Yield the pages of all lists; raises OperatorError if one cannot be read."""
    for name in lister.LISTS:
        cursor: str | None = None
        while True:
            page = _page(lister, name, span, cursor)
            if cursor is not None and page.cursor == cursor:
                raise OperatorError(f"The provider's list of {name} does not go on. Try a shorter time.")
            yield page
            cursor = page.cursor
            if cursor is None:
                break


def _page(lister: Lister, name: str, span: Span, cursor: str | None) -> Page:
    """Return a page; raises OperatorError."""
    failures = 0
    while True:
        try:
            return lister.list_page(name, span, cursor)
        except RejectedError as error:
            raise OperatorError(f"The provider refuses its list of {name}: {error.reason}. {error}") from error
        except UnavailableError as error:
            failures += 1
            _wait(name, error, failures)


def _wait(name: str, error: UnavailableError, failures: int) -> None:
    """Wait before a page is requested again; raises OperatorError if that is useless."""
    seconds = next_attempts.gap(failures, error.retry_after)
    if error.reason in run.FINAL:
        raise OperatorError(
            f"The provider does not accept the account's credentials for its list of {name} ({error.reason}): "
            "correct `api` in the account's parameter, and repeat the command."
        ) from error
    if failures >= MAX_FAILURES:
        raise OperatorError(
            f"The provider's list of {name} could not be read ({error.reason}). Repeat the command later."
        ) from error
    if seconds > MAX_WAIT.total_seconds():
        raise OperatorError(
            f"The provider asks to wait for {seconds} seconds ({error.reason}). Repeat the command after that."
        ) from error
    printing.error(f"The list of {name} could not be read ({error.reason}); the next attempt is in {seconds} seconds.")
    time.sleep(seconds)
