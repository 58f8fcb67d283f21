"""Help schemathesis to ask what means something; it loads this in its own environment."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import unquote

import requests
import schemathesis

SIGNED = ("/callbacks/signalwire/", "/callbacks/twilio/")
SECRET, KEY, ACCOUNT, DELETING = "reader-secret", "fuzz-signing-key", "fuzz-kazoo", "fuzz-deleting"
"""As in `world.py`, which cannot be imported here."""
HEADER = "X-Twilio-Signature"


class Signature(requests.auth.AuthBase):
    """Sign a callback as SignalWire and Twilio do where the address vouches for the body."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the body's digest to the URL, and the signature unless the request has one."""
        if HEADER in request.headers:
            return request
        sent: Any = request.body or b""
        body = sent.encode() if isinstance(sent, str) else sent
        joint = "&" if "?" in str(request.url) else "?"
        request.url = f"{request.url}{joint}bodySHA256={hashlib.sha256(body).hexdigest()}"
        signature = hmac.digest(KEY.encode(), request.url.encode(), "sha1")
        request.headers[HEADER] = base64.b64encode(signature).decode()
        return request


@schemathesis.auth(refresh_interval=None)
class Reader:
    """Be a reader of the account that the path names, by Basic, where credentials are asked for.

    If it names none, a deletion is in the account whose reader may delete.
    """

    def get(self, _: Any, __: Any) -> str:
        """Return the secret of all of them."""
        return SECRET

    def set(self, case: Any, secret: str, _: Any) -> None:
        """Authenticate."""
        if case.operation.definition.raw.get("security") != []:
            own = DELETING if case.method == "DELETE" else ACCOUNT
            account = (case.path_parameters or {}).get("account_id", own)
            case.headers["Authorization"] = "Basic " + base64.b64encode(f"{account}:{secret}".encode()).decode()


@schemathesis.hook
def filter_case(_: Any, case: Any) -> bool:
    """Leave out cases that lead to another path.

    The HTTP API decodes the path first: then a slash separates and a question mark ends it.

    Some values are escaped already. `path` takes the rest of a path, slashes too.
    """
    values = {name: unquote(str(value)) for name, value in (case.path_parameters or {}).items()}
    return not any("?" in value or ("/" in value and name != "path") for name, value in values.items())


@schemathesis.hook
def before_call(_: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Have the callbacks signed that are to be."""
    if case.operation.path.startswith(SIGNED):
        kwargs["auth"] = Signature()
