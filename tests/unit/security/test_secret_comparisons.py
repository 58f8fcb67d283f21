"""Secrets are compared in constant time.

These tests verify that `hmac.compare_digest` decides wherever a secret is accepted or refused. They
replace it by a function that always returns true, and every secret is accepted; then by one that
always returns false, and every secret is refused. A comparison by `==`, `in` or a dictionary would
not follow. They do not verify that other steps take equally long for all secrets, such as finding
out whether an account exists.
"""

import base64
import hmac
from dataclasses import replace

import pytest

from callvault import accounts, providers, times
from callvault.account_parameter import Account
from callvault.errors import ForbiddenError, UnauthenticatedError
from callvault.providers import PROVIDERS
from callvault.web import Request
from tests import samples, worlds

REFUSED = (ForbiddenError, UnauthenticatedError)
CONTRACTS = {
    name: contract
    for name in PROVIDERS
    if not (contract := samples.of(name)).account().callback.public_keys  # there is no secret to compare
}
BASIC = worlds.basic_header("user", "wrong")


def say(monkeypatch: pytest.MonkeyPatch, *, same: bool) -> None:
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: same)


def accepts(account: Account, request: Request) -> bool:
    try:
        providers.of(account).authenticate(request)
    except REFUSED:
        return False
    return True


def callbacks() -> list[tuple[str, Account, Request]]:
    """Return a right and then a wrong callback for every way to prove a callback."""
    found = []
    for name, contract in CONTRACTS.items():
        right = contract.samples[0].request
        found.append((f"{name} by its samples", contract.account(), right))
    bandwidth = CONTRACTS["bandwidth"]
    request = bandwidth.samples[0].request
    found.append(
        (
            "basic",
            bandwidth.account(callback={"username": "user", "password": "right"}),
            replace(
                request,
                parameters={},
                headers={"authorization": "Basic " + base64.b64encode(b"user:right").decode()},
            ),
        )
    )
    data, seconds = b'{"id":"x"}', int(times.now().timestamp()) + times.GREGORIAN_EPOCH
    digest = base64.b64encode(hmac.digest(b"key", str(seconds).encode() + data, "sha256")).decode()
    body = b'{"action":"event","data":%s,"hmac":"%s","timestamp":%d}' % (data, digest.encode(), seconds)
    kazoo = CONTRACTS["kazoo"].account(callback={"hmac_key": "key"})
    found.append(
        (
            "kazoo's hmac",
            kazoo,
            Request(method="POST", path="/", body=body, headers={"content-type": "application/json"}),
        )
    )
    return found


CALLBACKS = callbacks()


def wrong(request: Request) -> Request:
    """Return a request whose every secret is another one of the same shape."""
    headers = dict(request.headers)
    for name, value in request.headers.items():
        if "signature" in name:
            headers[name] = "A" * 27 + "=" if value.endswith("=") else value[::-1]
    if "authorization" in headers:
        headers |= BASIC
    parameters = {name: f"{value}x" if name == "token" else value for name, value in request.parameters.items()}
    body = request.body.replace(b'"hmac":"', b'"hmac":"A')
    return replace(request, headers=headers, parameters=parameters, body=body)


@pytest.mark.parametrize(("way", "account", "request_"), CALLBACKS, ids=[way for way, *_ in CALLBACKS])
def test_secrets_of_a_callback_are_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch, way: str, account: Account, request_: Request
) -> None:
    assert accepts(account, request_)
    assert not accepts(account, wrong(request_))
    say(monkeypatch, same=True)
    assert accepts(account, wrong(request_))
    say(monkeypatch, same=False)
    assert not accepts(account, request_)


def test_secrets_of_a_reader_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    account = worlds.account("a1", readers=[worlds.reader("ops", "right")])
    monkeypatch.setattr(accounts, "get", lambda *_, **__: account)
    assert accounts.authenticate("a1", "right")[1].name == "ops"
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate("a1", "wrong")
    say(monkeypatch, same=True)
    assert accounts.authenticate("a1", "wrong")[1].name == "ops"
    say(monkeypatch, same=False)
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate("a1", "right")
