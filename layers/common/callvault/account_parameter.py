"""Define what an account's SSM parameter may contain, and validate it.

The parameter `<accounts_path>/<account_id>` is a SecureString of JSON. Its fields are those of
`Account`.
"""

import base64
import json
import re
from typing import Annotated, Self

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

from callvault import alarm_messages, urls
from callvault.errors import ConfigurationError
from callvault.models import OfferedFormat

ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
PROVIDER_NAMES = ("bandwidth", "kazoo", "signalwire", "telnyx", "twilio")
"""The names of the providers. The package `providers` has a class for each."""
PUBLIC_KEY_BYTES = 32
"""Length of a public key of Ed25519 (RFC 8032 5.1.5)."""
NOT_IN_FORCE = ("retention_days", "delete_at_source_after_days")
"""Fields that were once accepted but never had an effect.

They are ignored and logged as an error. If they were refused, an account that still has them
would lose callbacks.
"""

logger = Logger(child=True)


def check_provider(value: str) -> str:
    """Return the name of a provider; raises ValueError for any other text."""
    if value not in PROVIDER_NAMES:
        raise ValueError(f"must be one of {', '.join(PROVIDER_NAMES)}")
    return value


Origin = Annotated[str, AfterValidator(urls.check_origin)]
Url = Annotated[str, AfterValidator(urls.check_url)]
Secret = Annotated[SecretStr, Field(min_length=1)]
"""A secret that is not empty, because anyone could guess an empty one."""


class Section(BaseModel):
    """Base class that rejects unknown fields, so that a misspelt option is not ignored silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SigningKey(Section):
    """A key that the provider signs callbacks with."""

    id: str | None = None
    """The id of the key, at a provider that has several keys, such as Twilio's SharedKeys."""
    secret: Secret


def _expand_key(value: object) -> object:
    """Return the object form of a signing key, even if the key is written as a string."""
    return {"secret": value} if isinstance(value, str) else value


def _check_key(value: str) -> str:
    """Return a public key in Base64; raises ValueError for any other text."""
    try:
        is_key = len(base64.b64decode(value, validate=True)) == PUBLIC_KEY_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise ValueError("must be a public key of Ed25519, 32 bytes in Base64")
    return value


class Callback(Section):
    """The credentials that a callback must have. If none is set, no callback is accepted."""

    token: Secret | None = None
    upload_token: Secret | None = None
    """Opens KAZOO's uploads, and nothing else does; `token` then opens callbacks only."""
    read_back_minutes: Annotated[int, Field(ge=0)] | None = None
    """How long KAZOO may read pushed audio back, from when it was stored; by default, always."""
    username: str | None = None
    password: Secret | None = None
    signing_keys: tuple[Annotated[SigningKey, BeforeValidator(_expand_key)], ...] = ()
    """Each key is a string or `{"id": …, "secret": …}`.

    While a new key replaces an old one, list both.
    """
    hmac_key: Secret | None = None
    public_keys: tuple[Annotated[str, AfterValidator(_check_key)], ...] = ()
    """Public keys (Ed25519, 32 bytes in Base64) that verify the provider's signatures.

    They are not among `signing_keys`, so that no public key is ever used as a secret.
    """

    @model_validator(mode="after")
    def check_pair(self) -> Self:
        """Reject a username without a password, and a password without a username."""
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password must be set together")
        return self

    @model_validator(mode="after")
    def check_tokens(self) -> Self:
        """Reject an upload token that is the token: every user of a KAZOO account may see it."""
        if self.upload_token is not None and self.upload_token == self.token:
            raise ValueError("upload_token must differ from token")
        return self

    def for_uploads(self) -> Self:
        """Return the credentials of uploads, whose token is `upload_token` if that is set."""
        return self.model_copy(update={"token": self.upload_token or self.token})


class Api(Section):
    """The provider's API and the credentials for it."""

    origin: Origin
    token_url: Url | None = None
    """The token endpoint for OAuth2 client credentials.

    If it is set, `username` is the client id and `password` is the client secret. If it is not set,
    `username` and `password` are sent as HTTP Basic.
    """
    username: str | None = None
    password: SecretStr | None = None
    api_key: SecretStr | None = None


class Reader(Section):
    """A client that may read recordings. It is identified by the SHA-256 of its secret."""

    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    user_id: str | None = None
    """If set, the reader sees only the recordings of this owner."""
    can_delete: bool = False
    can_edit: bool | None = None
    """The reader may edit the metadata of recordings. If it is not set, `can_delete` decides."""
    can_control: bool = False
    """The reader may start, pause, resume and stop recordings at the provider."""
    is_admin: bool = False
    """The reader may retry failed recordings, and change the owner of a recording."""


class Account(Section):
    """One account of one provider, and its readers."""

    account_id: str
    provider: Annotated[str, AfterValidator(check_provider)]
    provider_account_id: str
    callback: Callback = Callback()
    api: Api | None = None
    media_format: OfferedFormat = "wav"
    """The format to fetch if the provider offers WAVE and MP3."""
    media_origins: tuple[Origin, ...] = ()
    """Origins that a redirect may lead to although they are not public or not https."""
    forward_origins: tuple[Origin, ...] = ()
    """Origins that callbacks may be forwarded to although they are not public or not https.

    A reader with a `user_id` may forward to no other origin.
    """
    readers: tuple[Reader, ...] = ()


def parse(account_id: str, text: str) -> Account:
    """Return the account that a parameter's text describes.

    The fields in NOT_IN_FORCE are ignored and logged as an error, which the alarm AccountsInvalid
    watches. Raises ConfigurationError, which names the wrong fields.
    """
    try:
        fields = {"provider_account_id": account_id, **json.loads(text), "account_id": account_id}
    except (ValueError, TypeError):
        raise ConfigurationError(account_id, ["account (must be a JSON object)"]) from None
    ignored = [name for name in NOT_IN_FORCE if name in fields]
    if ignored:
        logger.error(alarm_messages.ACCOUNT_FIELDS_NOT_IN_FORCE, extra={"account": account_id, "fields": ignored})
    try:
        return Account.model_validate({name: value for name, value in fields.items() if name not in ignored})
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, item['loc'])) or 'account'} ({item['msg']})" for item in error.errors()]
        raise ConfigurationError(account_id, wrong) from None
