"""Write error responses as SignalWire and Twilio do: `{code, message, more_info, status}`.

Codes: https://www.twilio.com/docs/api/errors and
https://developer.signalwire.com/rest/compatibility-api/overview/error-codes.
"""

from callvault import accounts, web
from callvault.dialects import responses
from callvault.dialects.dispatch import MethodNotAllowedError
from callvault.errors import (
    CallvaultError,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    RequestError,
    UnauthenticatedError,
    UnavailableError,
    UnprocessableError,
)
from callvault.web import Response

CODES = {401: 20003, 403: 20403, 404: 20404, 405: 20004, 500: 20500, 503: 20503}
"""Error codes by status."""
INVALID = {False: 20001, True: 10000}
"""Error codes for every other status, by whether the API is SignalWire's (True) or Twilio's."""
MORE_INFO = {False: "https://www.twilio.com/docs/errors/", True: "https://www.signalwire.com/docs/errors/"}
"""URLs of the pages about error codes, by whether the API is SignalWire's (True) or Twilio's."""


class InvalidParameterError(InvalidRequestError):
    """Refuse a parameter; `number` is the providers' own error code, if they have one."""

    def __init__(self, field: str, message: str, number: int | None = None) -> None:
        super().__init__(field, message)
        self.number = number


def refuse(error: CallvaultError, path: str, *, signalwire: bool) -> Response:
    """Return the error response."""
    status, message, headers = _translate(error, path)
    number = error.number if isinstance(error, InvalidParameterError | UnprocessableError) else None
    code = number or CODES.get(status, INVALID[signalwire])
    content = {"code": code, "message": message, "more_info": f"{MORE_INFO[signalwire]}{code}", "status": status}
    return responses.as_json(status, content, headers)


def _translate(error: CallvaultError, path: str) -> tuple[int, str, dict[str, str]]:
    """Return status, message and headers for an error."""
    match error:
        case UnauthenticatedError():
            return 401, "Authenticate", responses.BASIC_CHALLENGE
        case NotFoundError():
            return 404, f"The requested resource {path} was not found. {error}", {}
        case MethodNotAllowedError():
            return 405, str(error), {"allow": ", ".join(error.allowed)}
        case RequestError():
            return error.status, str(error), {}
        case UnavailableError():
            return 503, "Service unavailable. Try again later.", web.retry_after(error)
    return 500, accounts.INVALID if isinstance(error, ConfigurationError) else "Internal server error", {}
