"""Check the secrets that an account's callbacks bring: a token in the path, HTTP Basic, or both."""

import hmac

from callvault.accounts import Account
from callvault.errors import ForbiddenError, UnauthenticatedError
from callvault.web import Request

CHALLENGE = 'Basic realm="callvault"'


def check(account: Account, request: Request) -> None:
    """Accept a request that brings every secret that the account has configured; an account with none accepts nothing.

    Raises UnauthenticatedError with the challenge where only Basic is missing or wrong, else ForbiddenError.
    """
    if account.callback.token is None and account.callback.password is None:
        raise ForbiddenError("The account accepts no callbacks.")
    check_configured(account, request)


def check_configured(account: Account, request: Request) -> None:
    """Do the same, but accept everything where none is configured: for what is signed besides."""
    callback, given = account.callback, request.parameters.get("token")
    right = given is None if callback.token is None else same(given or "", callback.token.get_secret_value())
    if not right:
        raise ForbiddenError("The token is missing or wrong.")
    if callback.password is not None:
        user, password = request.basic() or ("", "")
        known = f"{callback.username}:{callback.password.get_secret_value()}"
        if not same(f"{user}:{password}", known):
            raise UnauthenticatedError("The credentials are missing or wrong.", CHALLENGE)


def same(given: str, known: str) -> bool:
    """Compare in constant time, over bytes."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), known.encode())
