"""Know the dialects: each is one line here, and one module (its parts begin with its name)."""

import traceback

from aws_lambda_powertools import Logger

from callvault import accounts, web
from callvault.dialects.bandwidth import routes as bandwidth
from callvault.dialects.base import Dialect
from callvault.dialects.kazoo import routes as kazoo
from callvault.dialects.laml import routes as laml
from callvault.errors import CallvaultError, ConfigurationError, RequestError, UnavailableError
from callvault.readers import description
from callvault.web import Request, Response

DIALECTS: dict[str, Dialect] = {
    "kazoo": kazoo,
    "bandwidth": bandwidth,
    "laml": laml,  # SignalWire's and Twilio's
}

logger = Logger(child=True)


def answer(request: Request) -> Response:
    """Answer a request in the dialect of its path; whatever is refused is shaped by that dialect too.

    The description of all dialects is in none of them.
    """
    if request.path == description.PATH:
        return description.answer(request)
    dialect = next((known for known in DIALECTS.values() if request.path.startswith(known.PREFIXES)), None)
    if dialect is None:
        return web.json_response(404, {"error": "not_found", "message": "There is no such path."})
    try:
        return dialect.answer(request)
    except CallvaultError as error:
        _log(error)
        return dialect.refuse(error, request)
    except Exception as error:  # noqa: BLE001 - clients get the dialect's own 500, and we the place
        # Where, but not what: the text of a foreign error may quote a row, a token or a phone number.
        frames = traceback.format_tb(error.__traceback__)
        logger.error("A request met what nobody expected", extra={"error": type(error).__name__, "frames": frames})  # noqa: TRY400
        return dialect.refuse(CallvaultError(), request)


def _log(error: CallvaultError) -> None:
    """Tell the operator what is theirs to mend, and quietly the rest."""
    match error:
        case RequestError():
            logger.info("A request was refused", extra={"status": error.status, "code": error.code})
        case ConfigurationError():
            accounts.log_invalid(error)
        case UnavailableError():
            logger.error("A request could not be answered", extra={"reason": error.reason})
        case _:
            logger.error("A request met an error that is not a caller's", extra={"error": type(error).__name__})
