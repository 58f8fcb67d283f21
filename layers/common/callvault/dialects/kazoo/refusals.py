"""Word refusals as Crossbar does: its `message` is a constant that clients compare, its `data` tells more.

The constants are those of KAZOO 4.3's cb_context.erl and api_util.erl; some are spelt with a space on purpose.
"""

from collections.abc import Mapping

from callvault import web
from callvault.dialects.base import MethodNotAllowedError
from callvault.errors import (
    CallvaultError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RequestError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnprocessableError,
)


class CrossbarError(RequestError):
    """Refuse a request in Crossbar's own words; `code` is its `message`."""

    def __init__(self, status: int, code: str, data: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.data = data
        self.headers = headers or {}


def translate(error: CallvaultError, *, credentials: bool) -> CrossbarError:
    """Return an error in Crossbar's words; `credentials`: the request had some that could have been good."""
    refusal = CrossbarError(500, "unspecified_fault", {"message": "unspecified fault"})
    match error:
        case CrossbarError():
            refusal = error
        case InvalidRequestError():
            refusal = invalid("start_key" if error.field == "token" else error.field, "invalid", str(error))
        case UnauthenticatedError():
            refusal = CrossbarError(401, "invalid credentials", {}) if credentials else unusable_credentials()
        case ForbiddenError():
            refusal = CrossbarError(403, "forbidden", {"message": "forbidden"})
        case NotFoundError():
            refusal = CrossbarError(404, "not_found", {"message": "not found"})
        case MethodNotAllowedError():
            allowed = {"allow": ", ".join([*error.allowed, "OPTIONS"])}
            refusal = CrossbarError(405, "invalid_method", {"message": "method not allowed"}, allowed)
        case UnprocessableError():
            number = {} if error.number is None else {"cause": error.number}
            refusal = CrossbarError(422, "unprocessable", {"message": str(error), **number})
        case TooLargeError():
            refusal = CrossbarError(413, "too_large", {"message": str(error)})
        case UnavailableError():
            data = {"message": "datastore fault", "cause": error.reason}
            refusal = CrossbarError(503, "datastore_fault", data, web.retry_after(error))
    return refusal


def invalid(field: str, rule: str, message: str, cause: object = None) -> CrossbarError:
    """Return the refusal of a request whose `field` breaks a `rule` of its schema."""
    reason = {"message": message} | ({} if cause is None else {"cause": cause})
    return CrossbarError(400, "validation error", {field: {rule: reason}})


def unusable_credentials() -> CrossbarError:
    """Return the refusal of a request without credentials, or with some that can be nobody's."""
    return CrossbarError(401, "invalid_credentials", {"message": "invalid credentials"})


def unknown_recording(recording_id: str) -> CrossbarError:
    """Return the refusal of a request for a recording that is not there.

    KAZOO finds the month's database by the id; an id that names no month gets another answer, although the same status.
    """
    month, dash, _ = recording_id.partition("-")
    if dash and len(month) == len("YYYYMM") and month.isdecimal():
        return CrossbarError(404, "bad_identifier", {"message": "bad identifier", "cause": recording_id})
    return CrossbarError(404, "bad identifier", [recording_id])


def no_audio(recording_id: str) -> CrossbarError:
    """Return the refusal of a request for the audio of a recording that has none."""
    return CrossbarError(404, "bad_identifier", {"message": "bad identifier", "details": recording_id})


def too_much() -> CrossbarError:
    """Return the refusal of a list that does not fit into one answer."""
    return CrossbarError(416, "range not satisfiable", {})
