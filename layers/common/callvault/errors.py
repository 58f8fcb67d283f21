"""Define the errors. The type of an error says who has to act on it.

CallvaultError
├── RequestError              the caller has to act; `status` is the HTTP status
│   ├── InvalidRequestError       400, with the field
│   ├── UnauthenticatedError      401, perhaps with a challenge
│   ├── ForbiddenError            403
│   ├── NotFoundError             404
│   ├── TooLargeError             413
│   ├── UnsupportedError          415
│   └── UnprocessableError        422, with advice
├── ConfigurationError        the operator has to correct an account's parameter (500)
│   └── OtherProviderError        a genuine callback of another provider came
├── RejectedError             no retry can succeed; the recording becomes `failed`
│   └── ExhaustedError            the attempts of one message are used up
└── UnavailableError          a later attempt may succeed (503 to a caller)
    ├── ConflictError             another writer was first
    ├── HeldError                 no attempt was made, because the provider fails
    └── MissingObjectError        the object that a write should replace is gone

Reasons are short constants (`gone`, `not_audio`, …), so that rows can be searched for them.
"""

from datetime import datetime
from enum import StrEnum


class Check(StrEnum):
    """A check of a callback or an upload. The log of a refusal names it, never what was sent."""

    ACCOUNT = "account"
    """The recording belongs to the account in the path."""
    AGE = "age"
    """The signature of the webhook is not too old."""
    BASIC = "basic"
    """The Basic credentials are right."""
    CONFIGURED = "configured"
    """The account has secrets for callbacks at all."""
    HMAC = "hmac"
    """The HMAC of KAZOO's webhook is right."""
    SIGNATURE = "signature"
    """The provider's signature is right, over the URL or the body that was signed."""
    TOKEN = "token"  # noqa: S105 - a name
    """The token in the path is right."""


class CallvaultError(Exception):
    """The base class of every error that Callvault raises deliberately."""


class RequestError(CallvaultError):
    """A request is refused for a reason that its sender can correct."""

    status = 400
    code = "invalid_request"
    check: Check | None = None
    """What the sender did not pass, for the log."""
    authenticated: bool = False
    """The sender is authenticated: it is the provider, and what it reported may be lost."""


class InvalidRequestError(RequestError):
    """The `field` of a request is missing or wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnauthenticatedError(RequestError):
    """A request has no valid credentials. `challenge` becomes WWW-Authenticate."""

    status = 401
    code = "unauthenticated"

    def __init__(self, message: str, challenge: str | None = None, *, check: Check | None = None) -> None:
        super().__init__(message)
        self.challenge = challenge
        self.check = check


class ForbiddenError(RequestError):
    """The credentials of a request do not permit what it asks for."""

    status = 403
    code = "forbidden"

    def __init__(self, message: str, *, check: Check | None = None) -> None:
        super().__init__(message)
        self.check = check


class NotFoundError(RequestError):
    """The resource does not exist, or is not visible to the caller."""

    status = 404
    code = "not_found"


class TooLargeError(RequestError):
    """The body of a request is over the limit."""

    status = 413
    code = "too_large"


class UnsupportedError(RequestError):
    """The body of a request is of an unsupported type."""

    status = 415
    code = "not_audio"


class UnprocessableError(RequestError):
    """The account's provider cannot carry out a well-formed request, or refuses it.

    The message says what to do instead, if anything helps. `number` is the error number that the
    provider sent, if any.
    """

    status = 422
    code = "unprocessable"

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.number = number


class ConfigurationError(CallvaultError):
    """The parameter of an account is invalid. The error names the fields, never their values."""

    def __init__(self, account_id: str, fields: list[str]) -> None:
        super().__init__(f"The parameter of account {account_id} is invalid: {', '.join(fields)}.")
        self.account_id = account_id
        self.fields = fields


class OtherProviderError(ConfigurationError):
    """A callback of another provider than the account's came, and it has the account's secrets."""

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id, ["provider (a callback of another provider came)"])


class RejectedError(CallvaultError):
    """No later attempt can succeed for this recording or message."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ExhaustedError(RejectedError):
    """The attempts of a message are used up. Another message may still have some."""


class UnavailableError(CallvaultError):
    """A later attempt may succeed. `retry_after` is the time until then in seconds, if known."""

    def __init__(self, reason: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after
        self.origin: str | None = None
        """The origin that failed, if the failure speaks of the provider (`storage.breaker`)."""
        self.until: datetime | None = None
        """When the next attempt is due, if the provider fails for the whole account."""


class HeldError(UnavailableError):
    """No attempt was made, because the provider fails for the account, or has just recovered.

    `until` is when the next attempt is due. `is_down` says that the provider fails.
    """

    def __init__(self, reason: str, message: str, until: datetime, origin: str, *, is_down: bool) -> None:
        super().__init__(reason, message)
        self.until = until
        self.origin = origin
        self.is_down = is_down


class ConflictError(UnavailableError):
    """The condition of a write was not met, because another writer was first."""


class MissingObjectError(UnavailableError):
    """The condition of a write was not met, because the object that it should replace is gone."""
