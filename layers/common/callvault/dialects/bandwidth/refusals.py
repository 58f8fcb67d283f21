"""Write error responses as Bandwidth does: https://dev.bandwidth.com/docs/voice/errors/."""

from callvault import accounts, web
from callvault.dialects import responses
from callvault.dialects.dispatch import MethodNotAllowedError
from callvault.errors import (
    CallvaultError,
    ConfigurationError,
    RequestError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.web import Request, Response

CONTENT_TYPE = "application/json;charset=UTF-8"
TYPES = {401: "authentication-error", 403: "authorization-error", 500: "internal-error", 503: "system-overloaded"}
"""Bandwidth's error type by status; every other status, 404 included, has DEFAULT_TYPE."""
DEFAULT_TYPE = "validation"


def refuse(error: CallvaultError, request: Request) -> Response:
    """Return the error response; its `id` is the request's id in the log."""
    status, description, headers = translate(error)
    content = {"type": TYPES.get(status, DEFAULT_TYPE), "description": description, "id": request.request_id or None}
    return responses.as_json(status, content, headers, content_type=CONTENT_TYPE)


def translate(error: CallvaultError) -> tuple[int, str, dict[str, str]]:
    """Return status, description and headers for an error."""
    match error:
        case UnauthenticatedError():
            return 401, "Access is denied", responses.BASIC_CHALLENGE
        case MethodNotAllowedError():
            return 405, str(error), {"allow": ", ".join(error.allowed)}
        case RequestError():
            return error.status, str(error), {}
        case UnavailableError():
            return 503, "The service is unavailable. Try again later.", web.retry_after(error)
    return 500, accounts.INVALID if isinstance(error, ConfigurationError) else "Internal error", {}


def list_too_large() -> TooLargeError:
    """Return the error for a list that does not fit into one response."""
    return TooLargeError("The list does not fit into one response. Narrow it by minStartTime and maxStartTime.")
