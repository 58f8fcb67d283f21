"""Turn an error of a callback or an upload into the HTTP response to the sender."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from aws_lambda_powertools import Logger

from callvault import account_parameter, accounts, alarm_messages, web
from callvault.errors import CallvaultError, ConfigurationError, ForbiddenError, RequestError, UnavailableError
from callvault.messaging import attempt_logs
from callvault.providers import PROVIDERS
from callvault.web import Request, Response

REFUSED = {"callback": alarm_messages.CALLBACK_REFUSED, "upload": alarm_messages.UPLOAD_REFUSED}
UNSTORED = {"callback": "A callback could not be stored", "upload": "An upload could not be stored"}
NOT_ACCEPTED = "The credentials are missing or wrong, or there is no such account."
"""The text for a callback or an upload that is not authenticated. It does not say whether there is
such an account."""

MAX_SEARCHED_BYTES = 64 * 1024
"""Length of the part of a body in which a refused recording's id is searched."""

logger = Logger(child=True)


@contextmanager
def before_authentication(request: Request) -> Iterator[None]:
    """Turn an unexpected error into the refusal of a callback, and log the error for an alarm.

    The sender may be a stranger. An answer of 500 would show a stranger that the account exists,
    because a callback of an unknown account gets 403. Raises ForbiddenError.
    """
    try:
        yield
    except CallvaultError:
        raise
    except Exception as error:  # noqa: BLE001 - any other error is a bug, and the log names its place
        logger.error(alarm_messages.MESSAGE_CRASHED, extra={**named(request, "callback"), **attempt_logs.crash(error)})  # noqa: TRY400
        raise ForbiddenError(NOT_ACCEPTED) from None


@contextmanager
def authenticated() -> Iterator[None]:
    """Mark the errors of a request whose sender is authenticated, for an alarm.

    A stranger's request may be refused. One of the provider was meant to be stored.
    """
    try:
        yield
    except RequestError as error:
        error.authenticated = True
        raise


def failure(
    error: CallvaultError,
    sent: Literal["callback", "upload"],
    request: Request,
    refuse: Callable[[RequestError], Response] = web.refusal,
) -> Response:
    """Log an error and return the response to it.

    A RequestError gets the response that `refuse` returns, a ConfigurationError gets a 500, and an
    UnavailableError gets a 503 with Retry-After. Every other error is raised again.
    """
    match error:
        case RequestError():
            response = refuse(error)
            logger.info(REFUSED[sent], extra={**refusal(error, request, sent), "status": response.status})
            return response
        case ConfigurationError():
            accounts.log_invalid(error)
            return web.json_response(500, {"error": "configuration", "message": accounts.INVALID})
        case UnavailableError():
            logger.error(UNSTORED[sent], extra={**named(request, sent), "reason": error.reason}, exc_info=error)
            message = f"The {sent} could not be stored; send it again."
            content = {"error": "unavailable", "message": message}
            # If Retry-After has one or two digits, KAZOO's HTTP client waits and sends again by
            # itself.
            return web.json_response(503, content, {"retry-after": str(web.RETRY_AFTER)})
    raise error


def refusal(error: RequestError, request: Request, sent: str = "callback") -> dict[str, object]:
    """Return the fields of the log line of a refusal: who sent what, and which check it failed."""
    check = {} if error.check is None else {"check": error.check.value}
    known = {"authenticated": True} if error.authenticated else {}
    return {**named(request, sent), "status": error.status, "code": error.code, **check, **known}


def named(request: Request, sent: str) -> dict[str, object]:
    """Return `account`, `provider` and `recording`, as far as a refused request names them.

    The request may be forged, so each is only a claim. A value that cannot be one is left out: it
    may be a secret in the wrong place.
    """
    parameters = request.parameters
    fields: dict[str, object] = {}
    if account_parameter.ACCOUNT_ID.fullmatch(parameters.get("account_id", "")):
        fields["account"] = parameters["account_id"]
    name = "kazoo" if sent == "upload" else parameters.get("provider", "")
    text = request.raw_query.encode(errors="replace") + b"\n" + request.body[:MAX_SEARCHED_BYTES]
    if sender := PROVIDERS.get(name):
        found = sender.MENTION.search(text)
        fields |= {"provider": name} | ({"recording": found[1].decode()} if found else {})
    return fields
