"""Say what went wrong, and by its type who has to act.

CallvaultError
├── RequestError              the caller has to act; `status` is the HTTP status that says so
│   ├── InvalidRequestError       400, names the field
│   ├── UnauthenticatedError      401, may carry a challenge
│   ├── ForbiddenError            403
│   ├── NotFoundError             404
│   ├── TooLargeError             413
│   ├── UnsupportedError          415
│   └── UnprocessableError        422, says what to do instead
├── ConfigurationError        the operator has to act: an account's parameter does not validate (500)
├── RejectedError             nobody can act: trying again is hopeless, the recording becomes `failed`
└── UnavailableError          time acts: try again later (503 to a caller)
    └── ConflictError             another writer was there first

Reasons are short constants (`gone`, `not_audio`, …): they are stored on the row and searched for.
"""


class CallvaultError(Exception):
    """Be the root of every error that Callvault raises on purpose."""


class RequestError(CallvaultError):
    """Refuse a request for a reason that its sender can mend."""

    status = 400
    code = "invalid_request"


class InvalidRequestError(RequestError):
    """Refuse a request whose `field` is missing or wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnauthenticatedError(RequestError):
    """Refuse a request without usable credentials; `challenge` becomes WWW-Authenticate."""

    status = 401
    code = "unauthenticated"

    def __init__(self, message: str, challenge: str | None = None) -> None:
        super().__init__(message)
        self.challenge = challenge


class ForbiddenError(RequestError):
    """Refuse a request whose credentials do not allow it."""

    status = 403
    code = "forbidden"


class NotFoundError(RequestError):
    """Refuse a request for something that is not there, or not there for this caller."""

    status = 404
    code = "not_found"


class TooLargeError(RequestError):
    """Refuse a request whose body is over the limit."""

    status = 413
    code = "too_large"


class UnsupportedError(RequestError):
    """Refuse a request whose body is not of a kind that is taken here."""

    status = 415
    code = "not_audio"


class UnprocessableError(RequestError):
    """Refuse a well-formed request that the account's provider cannot or will not carry out.

    The message says what to do instead, if anything helps; `number` is the provider's own error number, if it gave one.
    """

    status = 422
    code = "unprocessable"

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.number = number


class ConfigurationError(CallvaultError):
    """Report an account's parameter that does not validate: names account and fields, never values."""

    def __init__(self, account_id: str, fields: list[str]) -> None:
        super().__init__(f"The parameter of account {account_id} does not validate: {', '.join(fields)}.")
        self.account_id = account_id
        self.fields = fields


class RejectedError(CallvaultError):
    """Give up on a recording: no later attempt can succeed."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class UnavailableError(CallvaultError):
    """Put something off: a later attempt may succeed, not before `retry_after` seconds if given."""

    def __init__(self, reason: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after


class ConflictError(UnavailableError):
    """Report that a conditional write found something else than it was told to expect."""
