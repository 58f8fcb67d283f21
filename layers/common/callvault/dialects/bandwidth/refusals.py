"""Word refusals as Bandwidth does: https://dev.bandwidth.com/docs/voice/errors/."""

from callvault import web
from callvault.dialects import responses
from callvault.dialects.base import MethodNotAllowedError
from callvault.errors import CallvaultError, RequestError, TooLargeError, UnauthenticatedError, UnavailableError
from callvault.web import Request, Response

CONTENT_TYPE = "application/json;charset=UTF-8"
CHALLENGE = {"www-authenticate": 'Basic realm="callvault"'}
TYPES = {401: "authentication-error", 403: "authorization-error", 500: "internal-error", 503: "system-overloaded"}
"""Everything else is `validation`, a 404 too."""


def refuse(error: CallvaultError, request: Request) -> Response:
    """Return the answer to a request that is refused; `id` is that of the request in the log."""
    status, description, headers = translate(error)
    content = {"type": TYPES.get(status, "validation"), "description": description, "id": request.request_id or None}
    return responses.as_json(status, content, headers, content_type=CONTENT_TYPE)


def translate(error: CallvaultError) -> tuple[int, str, dict[str, str]]:
    """Return status, description and headers for an error."""
    match error:
        case UnauthenticatedError():
            return 401, "Access is denied", CHALLENGE
        case MethodNotAllowedError():
            return 405, str(error), {"allow": ", ".join(error.allowed)}
        case RequestError():
            return error.status, str(error), {}
        case UnavailableError():
            return 503, "The service is unavailable. Try again later.", web.retry_after(error)
    return 500, "Internal error", {}


def too_much() -> TooLargeError:
    """Return the refusal of a list that does not fit into one answer."""
    return TooLargeError("The list does not fit into one answer. Ask for less by minStartTime and maxStartTime.")
