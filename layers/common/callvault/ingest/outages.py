"""Make the requests of one fetch, unless its provider fails for the whole account.

A fetch that may not make a request raises HeldError at once: it costs no time-out, and no request
to a provider that is down.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import HeldError, RejectedError, UnavailableError
from callvault.storage import breaker, breakers, pace, paces
from callvault.storage.breaker import Breaker

logger = Logger(child=True)


@contextmanager
def watched(account: Account) -> Iterator[None]:
    """Run the requests of one fetch to the account's API, and count what it says of the provider.

    Raises HeldError before the first request if the account's breaker forbids it, or if the origin
    recovers and has no slot left. An account without an API is not watched. The error of a failure
    that speaks of the provider gets the `origin`, and `until` if the account's breaker is open.
    """
    if account.api is None:
        yield
        return
    origin = account.api.origin
    known = _enter(account.account_id, origin)
    try:
        yield
    except UnavailableError as error:
        if breaker.speaks_of_provider(error.reason):
            error.origin = origin
            _count(account.account_id, origin, error)
        elif error.reason.startswith("http_"):
            _end(account.account_id, origin, known, answered=True)
        raise
    except RejectedError:
        _end(account.account_id, origin, known, answered=True)
        raise
    _end(account.account_id, origin, known, answered=False)


def _enter(account_id: str, origin: str) -> Breaker | None:
    """Return the account's breaker; raises HeldError, and UnavailableError."""
    known = breakers.recent(account_id, origin)
    if known is not None and breaker.blocks(known, times.now()):
        raise _held(known, origin)
    is_probe = known is not None and known.is_open
    # A probe takes a slot too, because all accounts of an origin come back in the same moment. It
    # takes it first: a probe that was refused a slot would hold its account for nothing.
    if is_probe or paces.recovers(origin):
        _take_slot(origin)
    if known is None or not is_probe:
        return known
    first = breakers.probe(account_id, origin, known)
    if first is None:  # another fetch goes first
        raise _held(breakers.recent(account_id, origin) or known, origin)
    return first


def _take_slot(origin: str) -> None:
    """Wait for a slot of an origin; raises HeldError if none is free soon, and UnavailableError."""
    wait = paces.take(origin)
    if wait is None:
        until = times.now() + pace.REFUSED_FOR
        message = "The provider has just recovered, and many fetches have waited."
        raise HeldError("paced", message, until, origin, is_down=False)
    time.sleep(wait)


def _held(known: Breaker, origin: str) -> HeldError:
    """Return the error of a fetch that waits for a breaker."""
    message = "No request was made, because the provider fails for this account."
    return HeldError(known.reason, message, breaker.held_until(known, times.now()), origin, is_down=True)


def _count(account_id: str, origin: str, error: UnavailableError) -> None:
    """Count a failure. If the table refuses, the fetch still fails for its own reason."""
    try:
        known = breakers.fail(account_id, origin, error.reason, error.retry_after)
        error.until = breaker.held_until(known, times.now()) if known.is_open else None
    except UnavailableError:
        logger.warning("A failure of a provider could not be counted", extra={"account": account_id})


def _end(account_id: str, origin: str, known: Breaker | None, *, answered: bool) -> None:
    """End the counting of failures after an attempt that did not fail because of the provider.

    If the table refuses, a later success ends it.
    """
    if known is None or not breaker.closes(known, answered=answered):
        return
    try:
        if known.is_open and breaker.is_outage(known):
            paces.recover(origin)  # first, so that no other fetch makes a request without a slot
        breakers.close(account_id, origin, known)
    except UnavailableError:
        logger.warning("A provider's recovery could not be recorded", extra={"account": account_id})
