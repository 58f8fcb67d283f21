"""Write error responses as SignalWire's REST APIs do.

401, 403, 404 and 500 are `{error}`. An invalid parameter is `{errors: [{detail, status, title,
code}]}`, which SignalWire sends with 422 and the archive with 400, as in its other dialects
(specs/signalwire-rest/types/status-codes of github.com/signalwire/docs).
"""

from http import HTTPStatus

from callvault import accounts, web
from callvault.dialects import responses
from callvault.dialects.dispatch import MethodNotAllowedError
from callvault.errors import (
    CallvaultError,
    ConfigurationError,
    InvalidRequestError,
    RequestError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.web import Response


def refuse(error: CallvaultError) -> Response:
    """Return the error response."""
    status, headers = _translate(error)
    if isinstance(error, InvalidRequestError):
        item = {"detail": str(error), "status": str(status), "title": "Invalid Attribute", "code": str(status)}
        return responses.as_json(status, {"errors": [item]}, headers)
    content = {"error": HTTPStatus(status).phrase}
    if isinstance(error, ConfigurationError):
        content["message"] = accounts.INVALID
    elif isinstance(error, RequestError) and not isinstance(error, UnauthenticatedError):
        content["message"] = str(error)
    return responses.as_json(status, content, headers)


def _translate(error: CallvaultError) -> tuple[int, dict[str, str]]:
    """Return status and headers for an error."""
    match error:
        case UnauthenticatedError():
            return 401, responses.BASIC_CHALLENGE
        case MethodNotAllowedError():
            return 405, {"allow": ", ".join(error.allowed)}
        case RequestError():
            return error.status, {}
        case UnavailableError():
            return 503, web.retry_after(error)
    return 500, {}
