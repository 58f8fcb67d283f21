"""Exchange an API key for a token, and return the account and user that a token belongs to.

The token is the key itself: `<account_id>.<secret>`.
"""

from callvault.dialects.dispatch import Names
from callvault.dialects.kazoo import authorization, envelopes, refusals, requests
from callvault.dialects.kazoo.documents import Document
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.web import Request, Response


def log_in(request: Request, _: Names) -> Response:
    """Exchange an API key for a token, which is the key itself."""
    key = requests.data(request).get("api_key")
    if not isinstance(key, str) or not key:
        raise refusals.invalid("api_key", "required", "Field is required but missing")
    principal = access.authenticate(Request(method="PUT", path=request.path, headers={"x-auth-token": key}))
    return envelopes.succeed(request, _identity(principal), status=201, members={"auth_token": key})


def refuse_user(_: Request, __: Names) -> Response:
    """Refuse a login by user name and password, because readers have API keys only."""
    raise refusals.unusable_credentials()


def get_identity(request: Request, _: Names) -> Response:
    """Return the account and the user of a token."""
    return envelopes.succeed(request, _identity(authorization.authenticate(request)))


def _identity(principal: Principal) -> Document:
    """Return a reader's account and, if the reader is limited to one user, that user."""
    owner = {"owner_id": principal.reader.user_id} if principal.reader.user_id else {}
    return {"account_id": principal.account.account_id, **owner, "is_reseller": False, "apps": []}
