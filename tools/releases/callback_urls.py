"""URLs of callbacks and uploads that a provider keeps and calls after an update of the stack."""

import json
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from callvault import providers
from callvault.account_parameter import Account, parse
from callvault.providers import callback_secrets, callback_urls, forward_parameter
from callvault.providers.base import Signer
from callvault.providers.commands import Forward, Start
from callvault.providers.laml import controls
from callvault.transport import Answer
from callvault.web import Request
from tools.releases import world

BASE = "https://api.example.com"
FORWARDS = {
    "POST": Forward(url="https://example.com/hook?a=1&b=%20"),
    "GET, all events": Forward(
        url="http://127.0.0.1:8080/ü", method="GET", events=("in-progress", "completed", "absent")
    ),
}


class SentError(Exception):
    """Hold the form that would be sent to the provider."""

    def __init__(self, form: dict[str, str]) -> None:
        super().__init__()
        self.form = form


def write() -> dict[str, Any]:
    """Return each provider's callback URL and KAZOO's upload URL.

    For providers that sign URLs, also return the callback URLs of started recordings, with their
    parameters.
    """
    written = {}
    for provider in providers.PROVIDERS:
        parameter = world.account(provider)
        account = _account(parameter)
        written[f"{provider} callback"] = {"account": parameter, "url": callback_urls.callback(account, BASE)}
        if provider == "kazoo":
            token = quote(world.CALLBACK_SECRETS[provider]["token"], safe="")
            url = callback_urls.upload(account, BASE).replace(callback_urls.HIDDEN_SEGMENT, token)
            written["kazoo upload"] = {"account": parameter, "url": url}
        if not isinstance(providers.of(account), Signer):
            continue
        for name, forward in FORWARDS.items():
            command = Start(call_id="CA1", format="mp3", owner_id="u1", forward=forward)
            written[f"{provider} callback, {name}"] = {"account": parameter, "url": _started(account, command)}
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return whether a callback to a URL is accepted, with its parameters.

    The provider's signature is made anew, as the provider makes it for the URL that it keeps.
    """
    account, parts = _account(written["account"]), urlsplit(written["url"])
    provider = providers.of(account)
    names = dict(zip(("provider", "account_id", "token"), map(unquote, parts.path.split("/")[2:]), strict=False))
    headers = {"content-type": "application/json", "authorization": "Basic a2F6b286cGFzcw=="}  # kazoo:pass
    if isinstance(provider, Signer):
        headers = {"content-type": "application/x-www-form-urlencoded", **provider.sign(written["url"], b"")}
    if sign := world.SIGN.get(account.provider):
        headers |= sign(b"")
    request = Request(
        method="POST",
        path=unquote(parts.path),
        raw_query=parts.query,
        headers=headers,
        parameters=names,
        origin=f"{parts.scheme}://{parts.netloc}",
        arrived=world.NOW,
    )
    if parts.path.startswith("/uploads/"):
        callback_secrets.check(account, request)
    else:
        provider.authenticate(request)
    forward = provider.forward(request) if isinstance(provider, Signer) else None
    return {
        "accepted": True,
        "owner_id": request.query.get("owner_id"),
        "format": forward_parameter.read_format(request),
        "forward": None if forward is None else asdict(forward) | {"events": list(forward.events)},
    }


def _account(parameter: dict[str, Any]) -> Account:
    """Return the account of a parameter."""
    return parse(world.account_id(parameter["provider"]), json.dumps(parameter))


def _started(account: Account, command: Start) -> str:
    """Return the callback URL that a start of a recording gives to the provider."""

    def post(_: str, form: Any) -> Answer:  # noqa: ANN401 - the form
        raise SentError(dict(form))

    try:
        controls.start(account, command, BASE, post, bool)
    except SentError as sent:
        return sent.form["RecordingStatusCallback"]
    raise AssertionError
