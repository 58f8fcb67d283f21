"""Check the secrets of a callback: the account's callback token in the path, HTTP Basic, or both.

Signatures of callbacks are checked in each provider's own modules.
"""

import hmac

from callvault.account_parameter import Account
from callvault.errors import Check, ForbiddenError, UnauthenticatedError
from callvault.web import Request

CHALLENGE = 'Basic realm="callvault"'


def are_given(request: Request) -> bool:
    """Say whether a request has a token in its path or an Authorization header, right or wrong."""
    return bool(request.parameters.get("token") or request.headers.get("authorization"))


def check(account: Account, request: Request) -> None:
    """Accept a request that has every secret that the account has configured.

    Raises UnauthenticatedError with a challenge if only the Basic credentials are missing or wrong,
    and ForbiddenError if the token is missing or wrong. An account without such secrets accepts
    nothing.
    """
    if account.callback.token is None and account.callback.password is None:
        raise ForbiddenError("The account accepts no callbacks.", check=Check.CONFIGURED)
    check_configured(account, request)


def check_configured(account: Account, request: Request) -> None:
    """Check as `check` does, but also allow an account that has no such secrets.

    This is for callbacks that are also authenticated by a signature. If the account has no token, a
    request with a token in its URL is refused.
    """
    _check_token(account, request)
    if account.callback.password is not None and not _is_basic_right(account, request):
        raise UnauthenticatedError("The Basic credentials are missing or wrong.", CHALLENGE, check=Check.BASIC)


def check_token_or_basic(account: Account, request: Request) -> None:
    """Check as `check` does, but accept a right token alone if no Authorization came.

    It is for a provider that sends the credentials only after a challenge. API Gateway renames the
    header of the challenge, so the second request may never come. Credentials that did come must be
    right, or the request is forbidden: a second challenge could not correct them.
    """
    callback, brought = account.callback, bool(request.headers.get("authorization"))
    if brought or callback.token is None:
        if callback.password is not None and brought and not _is_basic_right(account, request):
            raise ForbiddenError("The Basic credentials are wrong.", check=Check.BASIC)
        check(account, request)
    else:
        _check_token(account, request)


def has_right_one(account: Account, request: Request) -> bool:
    """Say whether a request has the account's token or its Basic credentials; one is enough."""
    token = account.callback.token
    has_token = token is not None and same(request.parameters.get("token") or "", token.get_secret_value())
    return has_token or (account.callback.password is not None and _is_basic_right(account, request))


def _check_token(account: Account, request: Request) -> None:
    """Raise ForbiddenError unless the path has the account's token, or none if it has none."""
    token, given = account.callback.token, request.parameters.get("token")
    right = given is None if token is None else same(given or "", token.get_secret_value())
    if not right:
        raise ForbiddenError("The token in the URL is missing or wrong.", check=Check.TOKEN)


def _is_basic_right(account: Account, request: Request) -> bool:
    """Say whether a request has the account's Basic credentials."""
    callback = account.callback
    user, password = request.basic() or ("", "")
    known = f"{callback.username}:{callback.password.get_secret_value() if callback.password else ''}"
    return same(f"{user}:{password}", known)


def same(given: str, known: str) -> bool:
    """Return whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), known.encode())
