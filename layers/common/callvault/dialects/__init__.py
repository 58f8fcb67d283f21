"""Answer requests in the HTTP APIs of the providers. Each package is a dialect: it serves one API.

`answer` chooses the dialect by the path. The package `readers` decides about authorization.
"""

import traceback
from dataclasses import replace

from aws_lambda_powertools import Logger

from callvault import accounts, web
from callvault.dialects import bandwidth, cors, kazoo, laml, relay
from callvault.dialects.base import Dialect
from callvault.errors import CallvaultError, ConfigurationError, RequestError, UnavailableError
from callvault.readers import description
from callvault.web import Request, Response

DIALECTS: dict[str, Dialect] = {
    "kazoo": kazoo,
    "bandwidth": bandwidth,
    "laml": laml,  # SignalWire's and Twilio's
    "relay": relay,  # SignalWire's Recordings API of SWML and Relay
}

MAX_BODY_BYTES = 64 * 1024
"""Maximum size of a request's body. The largest valid one changes 16 KB of user metadata, which
JSON may spell with up to three times as many bytes."""

logger = Logger(child=True)


def answer(request: Request) -> Response:
    """Return the response to a request, or the error response, in the dialect of its path.

    The path of the OpenAPI description belongs to no dialect. An unknown path is a 404.

    HEAD is answered as GET (RFC 9110 9.3.2), with the body. The gateway computes Content-Length
    from the body, and drops the body. Without a body, the gateway would send the length 0, which
    RFC 9110 8.6 forbids here. AWS documents neither; that the body is dropped is observed in
    github.com/DataBiosphere/azul/issues/6514.
    """
    if request.method == "HEAD":
        request = replace(request, method="GET")
    return cors.mark(request, _answer(request))


def _answer(request: Request) -> Response:
    """Answer a request as its dialect does, whatever page sent it."""
    if request.path == description.PATH:
        return description.answer(request)
    dialect = next((known for known in DIALECTS.values() if request.path.startswith(known.PREFIXES)), None)
    if dialect is None:
        return web.json_response(404, {"error": "not_found", "message": "There is no such path."})
    try:
        web.check_size(request)
        return dialect.answer(request)
    except CallvaultError as error:
        _log(error)
        return dialect.refuse(error, request)
    except Exception as error:  # noqa: BLE001 - the caller gets a 500, and the log gets the stack trace
        # Log the frames only: the text of the error may quote a row, a token or a phone number.
        frames = traceback.format_tb(error.__traceback__)
        logger.error("A request raised an unexpected error", extra={"error": type(error).__name__, "frames": frames})  # noqa: TRY400
        return dialect.refuse(CallvaultError(), request)


def _log(error: CallvaultError) -> None:
    """Log an error: at level INFO if the caller caused it, at level ERROR otherwise."""
    match error:
        case RequestError():
            logger.info("A request was refused", extra={"status": error.status, "code": error.code})
        case ConfigurationError():
            accounts.log_invalid(error)
        case UnavailableError():
            logger.error("A request could not be answered", extra={"reason": error.reason})
        case _:
            logger.error("A request raised an error without a status", extra={"error": type(error).__name__})
