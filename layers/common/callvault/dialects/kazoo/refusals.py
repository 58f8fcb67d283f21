"""Write errors as Crossbar does.

`message` is a constant that clients compare, and `data` has the details.

The constants are those of KAZOO 4.3's cb_context.erl and api_util.erl. There, some are spelt with a
space and some with an underscore.
"""

from collections.abc import Mapping

from callvault import web
from callvault.dialects.dispatch import MethodNotAllowedError
from callvault.errors import (
    CallvaultError,
    ConfigurationError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RequestError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnprocessableError,
)

CODES = {403: ("forbidden", "forbidden"), 404: ("not_found", "not found")}
"""Crossbar's `message`, and the message in `data`, by status."""


class CrossbarError(RequestError):
    """Refuse a request as Crossbar does; `code` is Crossbar's `message`."""

    def __init__(self, status: int, code: str, data: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.data = data
        self.headers = headers or {}


def translate(error: CallvaultError, *, credentials: bool) -> CrossbarError:
    """Return an error as Crossbar writes it.

    `credentials` is whether the request has well-formed credentials.
    """
    match error:
        case CrossbarError():
            return error
        case UnauthenticatedError():
            return CrossbarError(401, "invalid credentials", {}) if credentials else unusable_credentials()
        case UnavailableError():
            data = {"message": "datastore fault", "cause": error.reason}
            return CrossbarError(503, "datastore_fault", data, web.retry_after(error))
        case RequestError():
            return _translate_request_error(error)
        case ConfigurationError():
            return _unspecified(cause="configuration")
    return _unspecified()


def invalid(field: str, rule: str, message: str, cause: object = None) -> CrossbarError:
    """Return the error for a request whose `field` breaks a `rule` of its schema."""
    reason = {"message": message} | ({} if cause is None else {"cause": cause})
    return CrossbarError(400, "validation error", {field: {rule: reason}})


def unusable_credentials() -> CrossbarError:
    """Return the error for a request with missing or malformed credentials."""
    return CrossbarError(401, "invalid_credentials", {"message": "invalid credentials"})


def unknown_recording(recording_id: str, state: str | None = None) -> CrossbarError:
    """Return the error for an unknown recording.

    `state` says, for an admin, that the recording is known and its audio was removed.

    In KAZOO, an id begins with a month, which selects the database to search. For an id without a
    month, KAZOO returns the same status with another message.
    """
    if state is not None:
        data = {"message": "bad identifier", "cause": recording_id, "archive": {"state": state}}
        return CrossbarError(404, "bad_identifier", data)
    month, dash, _ = recording_id.partition("-")
    if dash and len(month) == len("YYYYMM") and month.isdecimal():
        return CrossbarError(404, "bad_identifier", {"message": "bad identifier", "cause": recording_id})
    return CrossbarError(404, "bad identifier", [recording_id])


def no_audio(recording_id: str) -> CrossbarError:
    """Return the error for a recording without audio."""
    return CrossbarError(404, "bad_identifier", {"message": "bad identifier", "details": recording_id})


def list_too_large() -> CrossbarError:
    """Return the error for a list that does not fit into one response."""
    return CrossbarError(416, "range not satisfiable", {})


def _translate_request_error(error: RequestError) -> CrossbarError:
    """Return an error that the caller caused, as Crossbar writes it."""
    match error:
        case InvalidRequestError():
            return invalid(error.field, "invalid", str(error))
        case ForbiddenError() | NotFoundError():
            code, message = CODES[error.status]
            return CrossbarError(error.status, code, {"message": message})
        case MethodNotAllowedError():
            allowed = {"allow": ", ".join([*error.allowed, "OPTIONS"])}
            return CrossbarError(405, "invalid_method", {"message": "method not allowed"}, allowed)
        case TooLargeError():
            return CrossbarError(413, "too_large", {"message": str(error)})
        case UnprocessableError():
            number = {} if error.number is None else {"cause": error.number}
            return CrossbarError(422, "unprocessable", {"message": str(error), **number})
    return _unspecified()


def _unspecified(**cause: str) -> CrossbarError:
    """Return a 500 without details, apart from the cause if one is given."""
    return CrossbarError(500, "unspecified_fault", {"message": "unspecified fault", **cause})
