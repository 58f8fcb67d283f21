"""Look up accounts by their id, cache them, and authenticate their readers.

`account_parameter` defines what the parameter of an account contains.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger

from callvault import account_parameter, alarm_messages, clients, settings
from callvault.account_parameter import ACCOUNT_ID, Account, Reader
from callvault.errors import ConfigurationError, NotFoundError, UnauthenticatedError, UnavailableError

logger = Logger(child=True)

_validated: dict[str, tuple[float, Account]] = {}


def get(account_id: str) -> Account:
    """Return an account; raises NotFoundError, ConfigurationError, UnavailableError.

    A validated account is cached for `account_cache_seconds`. While SSM is unavailable, the cached
    account is used for longer, because a callback that is refused during the outage may be lost.
    """
    cached_at, cached = _validated.get(account_id, (float("-inf"), None))
    if cached is not None and time.monotonic() - cached_at < settings.get().account_cache_seconds:
        return cached
    try:
        account = account_parameter.parse(account_id, _fetch(account_id))
    except UnavailableError:
        if cached is None:
            raise
        account = cached
    except (NotFoundError, ConfigurationError):
        _validated.pop(account_id, None)
        raise
    _validated[account_id] = (time.monotonic(), account)
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

    An unknown account and a wrong secret raise the same UnauthenticatedError.
    """
    try:
        account = get(account_id)
    except NotFoundError:
        raise UnauthenticatedError("The credentials are not valid.") from None
    digest = hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
    for reader in account.readers:
        if hmac.compare_digest(reader.sha256, digest):
            return account, reader
    raise UnauthenticatedError("The credentials are not valid.")


def forget() -> None:
    """Empty the cache."""
    _validated.clear()


def _fetch(account_id: str) -> str:
    """Return the text of an account's parameter from SSM."""
    if not ACCOUNT_ID.fullmatch(account_id):
        raise NotFoundError("There is no such account.")
    with clients.guard("accounts"):
        try:
            name = f"{settings.get().accounts_path}/{account_id}"
            return clients.ssm().get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except clients.ssm().exceptions.ParameterNotFound:
            raise NotFoundError("There is no such account.") from None
