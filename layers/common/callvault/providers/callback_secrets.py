"""Check the secrets of a callback: the account's callback token in the path, HTTP Basic, or both.

Signatures of callbacks are checked in each provider's own modules.
"""

import hmac

from callvault.account_parameter import Account
from callvault.errors import ForbiddenError, UnauthenticatedError
from callvault.web import Request

CHALLENGE = 'Basic realm="callvault"'


def check(account: Account, request: Request) -> None:
    """Accept a request that has every secret that the account has configured.

    Raises UnauthenticatedError with a challenge if only the Basic credentials are missing or wrong,
    and ForbiddenError if the token is missing or wrong. An account without such secrets accepts
    nothing.
    """
    if account.callback.token is None and account.callback.password is None:
        raise ForbiddenError("The account accepts no callbacks.")
    check_configured(account, request)


def check_configured(account: Account, request: Request) -> None:
    """Check as `check` does, but also allow an account that has no such secrets.

    This is for callbacks that are also authenticated by a signature. If the account has no token, a
    request with a token in its URL is refused.
    """
    callback, given = account.callback, request.parameters.get("token")
    right = given is None if callback.token is None else same(given or "", callback.token.get_secret_value())
    if not right:
        raise ForbiddenError("The token in the URL is missing or wrong.")
    if callback.password is not None:
        user, password = request.basic() or ("", "")
        known = f"{callback.username}:{callback.password.get_secret_value()}"
        if not same(f"{user}:{password}", known):
            raise UnauthenticatedError("The Basic credentials are missing or wrong.", CHALLENGE)


def same(given: str, known: str) -> bool:
    """Return whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), known.encode())
