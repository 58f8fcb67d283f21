"""Look up accounts by their id, cache them, and authenticate their readers.

`account_parameter` defines what the parameter of an account contains.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from aws_lambda_powertools import Logger

from callvault import account_parameter, alarm_messages, clients, settings
from callvault.account_parameter import ACCOUNT_ID, Account, Reader
from callvault.errors import ConfigurationError, NotFoundError, UnauthenticatedError, UnavailableError

UNKNOWN = "There is no such account."
INVALID = "The account is not configured correctly."
"""The text for a sender or a reader of an account whose parameter is invalid. The log names the
fields."""
UNUSABLE_SECONDS = 5
"""Time for which it is remembered that an account is unknown or invalid, in seconds.

Without that, every request for such an account would cost one of the 40 reads a second that SSM
allows a whole AWS account (AWS, "AWS Systems Manager endpoints and quotas"). A new or corrected
account works after this time at the latest.
"""
MAX_UNUSABLE = 1_000
"""Maximum number of unknown and invalid accounts that are remembered. The oldest is forgotten
first."""
PAUSE_SECONDS = 1
"""Time after a failed read from SSM during which no account that was never read is asked for.

Otherwise requests with invented account ids would use up SSM's reads, and keep it throttled.
"""
MAX_STALE_SECONDS = 300
"""Seconds beyond `account_cache_seconds` for which a cached account still authenticates readers
while SSM does not answer.

Callbacks and fetches may use it for longer: refusing them would lose recordings. A reader can wait,
and a reader who was removed must not get in for the whole time of an outage.
"""

logger = Logger(child=True)


@dataclass(frozen=True)
class _Known:
    """A validated account, when it was last read, and when SSM was last asked for it.

    Both are times of the monotonic clock.
    """

    account: Account
    read_at: float
    asked_at: float
    """When SSM was last asked for it. This is later than `read_at` if SSM did not answer."""


_validated: dict[str, _Known] = {}
_failed_at = float("-inf")
"""When SSM last did not answer, by the monotonic clock."""
_unusable: dict[str, tuple[float, list[str] | None]] = {}
"""When SSM was last asked for an unknown or invalid account, and its invalid fields; None for an
unknown account."""


def get(account_id: str, *, max_age: float = float("inf")) -> Account:
    """Return an account; raises NotFoundError, ConfigurationError, UnavailableError.

    A validated account is cached for `account_cache_seconds`. While SSM is unavailable, the cached
    account is used until it is `max_age` seconds old, because a callback that is refused during the
    outage may be lost.
    """
    global _failed_at  # noqa: PLW0603
    known, now = _validated.get(account_id), time.monotonic()
    if known is not None and now - known.asked_at < settings.get().account_cache_seconds:
        if now - known.read_at <= max_age:
            return known.account
    else:
        _check_usable(account_id, now)
    if known is None and now - _failed_at < PAUSE_SECONDS:
        raise UnavailableError("accounts_unavailable", "SSM did not answer a moment ago.")
    try:
        account = account_parameter.parse(account_id, _fetch(account_id))
    except UnavailableError:
        _failed_at = time.monotonic()
        if known is None or now - known.read_at > max_age:
            raise
        _validated[account_id] = replace(known, asked_at=now)
        return known.account
    except (NotFoundError, ConfigurationError) as error:
        _validated.pop(account_id, None)
        _remember(account_id, now, error)
        raise
    _validated[account_id] = _Known(account, now, now)
    return account


def names() -> Iterator[str]:
    """Yield the id of every account that has a parameter, valid or not; raises UnavailableError.

    SSM returns the values with the names; the values stay encrypted.
    """
    path, position = settings.get().accounts_path, ""
    while True:
        with clients.guard("accounts"):
            following: Any = {"NextToken": position} if position else {}
            answer = clients.ssm().get_parameters_by_path(Path=path, WithDecryption=False, **following)
        yield from (parameter["Name"].removeprefix(f"{path}/") for parameter in answer["Parameters"])
        position = answer.get("NextToken", "")
        if not position:
            return


def await_usable(account_id: str) -> Account:
    """Return the account.

    If it is missing or invalid, log that and raise UnavailableError so that the caller retries.
    """
    try:
        return get(account_id)
    except NotFoundError as error:
        logger.warning("An account is missing; the attempt is repeated later", extra={"account": account_id})
        raise UnavailableError("no_account", str(error)) from error
    except ConfigurationError as error:
        log_invalid(error)
        raise UnavailableError("configuration", str(error)) from error


def log_invalid(error: ConfigurationError) -> None:
    """Log that an account's parameter is invalid; the alarm AccountsInvalid watches this."""
    logger.error(alarm_messages.ACCOUNT_INVALID, extra={"account": error.account_id, "fields": error.fields})


def authenticate(account_id: str, secret: str) -> tuple[Account, Reader]:
    """Return the account and the reader that has this secret.

    An unknown account, an invalid one, which is logged, and a wrong secret raise the same
    UnauthenticatedError, so that nobody without a secret learns which accounts there are. Raises
    UnavailableError if SSM does not answer and the cached account is missing or older than
    `account_cache_seconds` plus MAX_STALE_SECONDS.
    """
    try:
        account = get(account_id, max_age=settings.get().account_cache_seconds + MAX_STALE_SECONDS)
    except NotFoundError:
        raise UnauthenticatedError("The credentials are not valid.") from None
    except ConfigurationError as error:
        log_invalid(error)
        raise UnauthenticatedError("The credentials are not valid.") from None
    digest = hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
    for reader in account.readers:
        if hmac.compare_digest(reader.sha256, digest):
            return account, reader
    raise UnauthenticatedError("The credentials are not valid.")


def forget() -> None:
    """Empty the cache."""
    global _failed_at  # noqa: PLW0603
    _validated.clear()
    _unusable.clear()
    _failed_at = float("-inf")


def _check_usable(account_id: str, now: float) -> None:
    """Raise an error if the account was found unknown or invalid less than UNUSABLE_SECONDS ago.

    The error is the NotFoundError or ConfigurationError of then. A malformed id raises
    NotFoundError too.
    """
    asked_at, invalid = _unusable.get(account_id, (float("-inf"), None))
    recent = now - asked_at < UNUSABLE_SECONDS
    if recent and invalid is not None:
        raise ConfigurationError(account_id, invalid)
    if recent or not ACCOUNT_ID.fullmatch(account_id):
        raise NotFoundError(UNKNOWN)


def _remember(account_id: str, now: float, error: NotFoundError | ConfigurationError) -> None:
    """Remember that an account is unknown or invalid."""
    _unusable.pop(account_id, None)  # so that the dictionary stays sorted by time
    while len(_unusable) >= MAX_UNUSABLE:
        del _unusable[next(iter(_unusable))]
    _unusable[account_id] = (now, error.fields if isinstance(error, ConfigurationError) else None)


def _fetch(account_id: str) -> str:
    """Return the text of an account's parameter from SSM."""
    with clients.guard("accounts"):
        try:
            name = f"{settings.get().accounts_path}/{account_id}"
            return clients.ssm().get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except clients.ssm().exceptions.ParameterNotFound:
            raise NotFoundError(UNKNOWN) from None
