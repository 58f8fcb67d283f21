"""Authenticate readers, authorize requests and find recordings, with Crossbar's own errors."""

from collections.abc import Callable

from callvault import account_parameter
from callvault.dialects.dispatch import Names
from callvault.dialects.kazoo import refusals, requests
from callvault.dialects.kazoo.refusals import CrossbarError
from callvault.dialects.kazoo.requests import OWN_ACCOUNT
from callvault.errors import NotFoundError
from callvault.models import Recording
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.web import Request

type Finder = Callable[[Principal, Names], Recording]
"""Finds the recording that the names in a path identify; raises NotFoundError."""


def authenticate(request: Request) -> Principal:
    """Return the principal of a request, whose token may be in the envelope."""
    return access.authenticate(requests.with_token(request))


def enter(request: Request, names: Names) -> Principal:
    """Return a request's principal, if it may read the account and the user in the path.

    Raises UnauthenticatedError, ForbiddenError, CrossbarError.
    """
    account_id = names["account_id"]
    if account_id != OWN_ACCOUNT and not account_parameter.ACCOUNT_ID.fullmatch(account_id):
        raise CrossbarError(404, "bad identifier", {"message": f"invalid account_id '{account_id}'"})
    principal = authenticate(request)
    own = principal.account.account_id
    access.check(principal, own if account_id == OWN_ACCOUNT else account_id, names.get("user_id"))
    return principal


def find(principal: Principal, names: Names, finder: Finder = access.find_named) -> Recording:
    """Return the recording that a path names; raises CrossbarError if there is none.

    The error tells an admin whether the recording was removed or is unknown.
    """
    recording_id = names["recording_id"]
    try:
        return finder(principal, {"recording_id": recording_id})
    except NotFoundError:
        raise refusals.unknown_recording(recording_id, access.removed_state(principal, recording_id)) from None
