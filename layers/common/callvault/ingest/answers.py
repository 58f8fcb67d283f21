"""Turn an error of a callback or an upload into the HTTP response to the sender."""

from collections.abc import Callable
from typing import Literal

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, web
from callvault.errors import CallvaultError, ConfigurationError, RequestError, UnavailableError
from callvault.web import Response

REFUSED = {"callback": alarm_messages.CALLBACK_REFUSED, "upload": alarm_messages.UPLOAD_REFUSED}
UNSTORED = {"callback": "A callback could not be stored", "upload": "An upload could not be stored"}

logger = Logger(child=True)


def failure(
    error: CallvaultError, sent: Literal["callback", "upload"], refuse: Callable[[RequestError], Response] = web.refusal
) -> Response:
    """Log an error and return the response to it.

    A RequestError gets the response that `refuse` returns, a ConfigurationError gets a 500, and an
    UnavailableError gets a 503 with Retry-After. Every other error is raised again.
    """
    match error:
        case RequestError():
            logger.info(REFUSED[sent], extra={"status": error.status, "code": error.code})
            return refuse(error)
        case ConfigurationError():
            accounts.log_invalid(error)
            message = "The account is not configured correctly."
            return web.json_response(500, {"error": "configuration", "message": message})
        case UnavailableError():
            logger.error(UNSTORED[sent], extra={"reason": error.reason}, exc_info=error)
            message = f"The {sent} could not be stored; send it again."
            content = {"error": "unavailable", "message": message}
            # If Retry-After has one or two digits, KAZOO's HTTP client waits and sends again by
            # itself.
            return web.json_response(503, content, {"retry-after": str(web.RETRY_AFTER)})
    raise error
