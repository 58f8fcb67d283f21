"""Know the accounts: each one's provider, credentials and readers, from its SSM parameter.

The parameter `<accounts_path>/<account_id>` is a SecureString of JSON; the fields are those of `Account`.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from aws_lambda_powertools import Logger
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from callvault import alarm_messages, clients, settings, web
from callvault.errors import ConfigurationError, NotFoundError, UnauthenticatedError, UnavailableError
from callvault.models import Format

ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def check_origin(value: str) -> str:
    """Return an origin, `scheme://host[:port]`, without a slash at the end; http only on loopback."""
    try:
        parts, origin = urlsplit(value.rstrip("/")), web.origin_of(value)
    except ValueError:
        parts, origin = urlsplit(""), ""
    if not origin or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ValueError("must be scheme://host[:port]")  # and not what urllib says: that quotes the value
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("must be https")
    return origin


def check_url(value: str) -> str:
    """Return an https URL; http only on loopback."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("must be a URL") from None
    check_origin(f"{parts.scheme}://{parts.netloc}")
    return value


Origin = Annotated[str, AfterValidator(check_origin)]
Url = Annotated[str, AfterValidator(check_url)]
Secret = Annotated[SecretStr, Field(min_length=1)]
"""A secret that is not blank: everybody knows a blank one."""


class Section(BaseModel):
    """Refuse fields that nobody reads: a misspelt one would otherwise be silently off."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SigningKey(Section):
    """A key that the provider signs callbacks with."""

    id: str | None = None
    """The provider's name for it, where it has several: Twilio's SharedKeys."""
    secret: Secret


def _with_name(value: object) -> object:
    """Return a key that is written as a text in its longer form."""
    return {"secret": value} if isinstance(value, str) else value


class Callback(Section):
    """What a callback must bring; with none of them set, no callback is accepted."""

    token: Secret | None = None
    username: str | None = None
    password: Secret | None = None
    signing_keys: tuple[Annotated[SigningKey, BeforeValidator(_with_name)], ...] = ()
    """Each a text, or `{"id": …, "secret": …}`; several while one replaces another."""
    hmac_key: Secret | None = None

    @model_validator(mode="after")
    def check_pair(self) -> Self:
        """Refuse a user without a password, and the reverse."""
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


class Api(Section):
    """Where the provider's API is, and our credentials for it."""

    origin: Origin
    token_url: Url | None = None
    """Present: OAuth2 client credentials with username and password as id and secret. Absent: Basic."""
    username: str | None = None
    password: SecretStr | None = None
    api_key: SecretStr | None = None


class Reader(Section):
    """Somebody who may read: known by the SHA-256 of their secret."""

    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    user_id: str | None = None
    """Set: sees only the recordings of this owner."""
    can_delete: bool = False
    can_control: bool = False
    """May start, pause, resume and stop recordings at the provider."""
    is_admin: bool = False
    """May have what failed tried again."""


class Account(Section):
    """One account of one provider, and who may read its recordings."""

    account_id: str
    provider: str
    provider_account_id: str
    callback: Callback = Callback()
    api: Api | None = None
    media_format: Format = "wav"
    """What to fetch where the provider has both."""
    media_origins: tuple[Origin, ...] = ()
    """Origins that a redirect may lead to although they are not public or not https."""
    forward_origins: tuple[Origin, ...] = ()
    """Origins that callbacks may be forwarded to although they are not public or not https."""
    readers: tuple[Reader, ...] = ()
    retention_days: Annotated[int, Field(gt=0)] | None = None
    delete_at_source_after_days: Annotated[int, Field(gt=0)] | None = None


logger = Logger(child=True)

_validated: dict[str, tuple[float, Account]] = {}


def get(account_id: str) -> Account:
    """Return an account; raises NotFoundError, ConfigurationError, UnavailableError.

    A validated account is kept for `account_cache_seconds`, and used beyond that while SSM does not answer: a callback
    that was refused because of an outage of ours would be lost.
    """
    known_at, known = _validated.get(account_id, (float("-inf"), None))
    if known is not None and time.monotonic() - known_at < settings.get().account_cache_seconds:
        return known
    try:
        account = parse(account_id, _fetch(account_id))
    except UnavailableError:
        if known is None:
            raise
        account = known
    except (NotFoundError, ConfigurationError):
        _validated.pop(account_id, None)
        raise
    _validated[account_id] = (time.monotonic(), account)
    return account


def names() -> Iterator[str]:
    """Yield the id of every account that has a parameter, whether it validates or not; raises UnavailableError.

    The values come along, encrypted as they are.
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
    """Return an account for who can wait until it is there and validates; raises UnavailableError, told to the log."""
    try:
        return get(account_id)
    except NotFoundError as error:
        logger.warning("Something waits for an account that is not there", extra={"account": account_id})
        raise UnavailableError("no_account", str(error)) from error
    except ConfigurationError as error:
        log_invalid(error)
        raise UnavailableError("configuration", str(error)) from error


def parse(account_id: str, text: str) -> Account:
    """Return the account that a parameter's text describes; raises ConfigurationError naming what is wrong."""
    try:
        fields = json.loads(text)
        return Account.model_validate({"provider_account_id": account_id, **fields, "account_id": account_id})
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, item['loc'])) or 'account'} ({item['msg']})" for item in error.errors()]
        raise ConfigurationError(account_id, wrong) from None
    except (ValueError, TypeError):
        raise ConfigurationError(account_id, ["account (must be a JSON object)"]) from None


def log_invalid(error: ConfigurationError) -> None:
    """Log that an account's parameter is invalid, for the alarm AccountsInvalid."""
    logger.error(alarm_messages.ACCOUNT_INVALID, extra={"account": error.account_id, "fields": error.fields})


def authenticate(account_id: str, secret: str) -> tuple[Account, Reader]:
    """Return the account and the reader whose secret it is; raises UnauthenticatedError for all that do not fit."""
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
    """Forget every account that was read."""
    _validated.clear()


def _fetch(account_id: str) -> str:
    """Return the parameter's text as SSM has it now."""
    if not ACCOUNT_ID.fullmatch(account_id):
        raise NotFoundError("There is no such account.")
    with clients.guard("accounts"):
        try:
            name = f"{settings.get().accounts_path}/{account_id}"
            return clients.ssm().get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except clients.ssm().exceptions.ParameterNotFound:
            raise NotFoundError("There is no such account.") from None
