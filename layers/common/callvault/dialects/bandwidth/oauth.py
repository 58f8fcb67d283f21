"""Issue access tokens for client credentials (RFC 6749 4.4), as Bandwidth's OAuth2 endpoint does.

https://dev.bandwidth.com/docs/credentials/. Client id and client secret are an account's id and a
reader's secret, sent by HTTP Basic or in the form. The token is the id and the secret, joined by a
dot, so that nothing has to be stored.
"""

from urllib.parse import parse_qs

from callvault.dialects import responses
from callvault.dialects.bandwidth import refusals
from callvault.dialects.dispatch import Names
from callvault.errors import CallvaultError, InvalidRequestError, UnauthenticatedError
from callvault.readers import access
from callvault.web import Request, Response

PATH = "/api/v1/oauth2/token"
EXPIRES_IN = 3600
"""Lifetime that is reported to SDKs, in seconds. The token is valid as long as the secret is."""
GRANT = "client_credentials"
MAX_FIELDS = 100
"""Maximum number of fields in the form. A client sends four at most."""


def give_token(request: Request, _: Names) -> Response:
    """Exchange client credentials for a token; raises UnauthenticatedError, InvalidRequestError.

    The form is read before the authentication only if it has the credentials.
    """
    basic = request.basic()
    form = _read(request) if basic is None else {}
    token = ".".join(basic or (form.get("client_id", [""])[0], form.get("client_secret", [""])[0]))
    access.authenticate(Request(method="POST", path=PATH, headers={"x-auth-token": token}))
    if (form or _read(request)).get("grant_type") != [GRANT]:
        raise InvalidRequestError("grant_type", f"grant_type must be {GRANT}.")
    return responses.as_json(200, {"access_token": token, "token_type": "Bearer", "expires_in": EXPIRES_IN})


def _read(request: Request) -> dict[str, list[str]]:
    """Return the fields of the form; raises InvalidRequestError if there are too many."""
    try:
        return parse_qs(request.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise InvalidRequestError("body", f"The form has more than {MAX_FIELDS} fields.") from None


def refuse(error: CallvaultError) -> Response:
    """Return the error response (RFC 6749 5.2)."""
    status, description, headers = refusals.translate(error)
    match error:
        case UnauthenticatedError():
            code = "invalid_client"
        case InvalidRequestError(field="grant_type"):
            code = "unsupported_grant_type"
        case _:
            code = "invalid_request" if status < 500 else "server_error"  # noqa: PLR2004
    return responses.as_json(status, {"error": code, "error_description": description}, headers)
