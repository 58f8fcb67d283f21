"""Obtain an access token of Crossbar, KAZOO's API, for an account's API key.

Source: Crossbar, "API Authentication". A token is valid for an hour after its last use, unless the
installation configures another duration.
"""

import json

from callvault import transport
from callvault.errors import UnavailableError
from callvault.providers import api_tokens
from callvault.providers.api_tokens import ApiToken
from callvault.providers.fields import json_object_or_empty


def obtain(origin: str, api_key: str) -> ApiToken:
    """Obtain a token; raises UnavailableError."""
    answer = transport.call(
        "PUT",
        f"{origin}/v2/api_auth",
        headers={"content-type": "application/json", "accept": "application/json"},
        body=json.dumps({"data": {"api_key": api_key}}).encode(),
        timeout=transport.QUICK,
    )
    token = json_object_or_empty(answer.body).get("auth_token") if answer.status in {200, 201} else None
    if not api_tokens.is_token(token):
        retry_after = transport.retry_after(answer.headers.get("retry-after"))
        raise UnavailableError("no_token", f"Crossbar gave no token, status {answer.status}.", retry_after)
    return api_tokens.lasting(token, api_tokens.DEFAULT_LIFETIME_SECONDS)
