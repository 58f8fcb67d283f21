"""A callback needs all secrets of its account, and an account without secrets accepts none."""

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.account_parameter import Account
from callvault.errors import ForbiddenError, UnauthenticatedError
from callvault.providers import callback_secrets
from callvault.web import Request
from tests import worlds

unhurried = settings(deadline=None)
"""Settings without a deadline, because the machine may be busy."""
TOKEN = {"token": "t0ken-ü"}
BASIC = {"username": "user", "password": "pass:word"}


def account(callback: dict[str, Any]) -> Account:
    return worlds.account(provider_account_id="9900000", callback=callback)


def request(token: str | None = None, basic: str | None = None) -> Request:
    encoded = base64.b64encode((basic or "").encode()).decode()
    return Request(
        method="POST",
        path="/",
        parameters={} if token is None else {"token": token},
        headers={} if basic is None else {"authorization": f"Basic {encoded}"},
    )


def accepted(callback: dict[str, Any], brought: Request) -> bool:
    try:
        callback_secrets.check(account(callback), brought)
    except (ForbiddenError, UnauthenticatedError):
        return False
    return True


@pytest.mark.parametrize(
    ("callback", "brought"),
    [
        (TOKEN, request("t0ken-ü")),
        (BASIC, request(basic="user:pass:word")),
        (TOKEN | BASIC, request("t0ken-ü", "user:pass:word")),
        (TOKEN, request("t0ken-ü", "whatever:else")),
    ],
)
def test_a_callback_with_all_secrets_is_accepted(callback: dict[str, Any], brought: Request) -> None:
    assert accepted(callback, brought)


@pytest.mark.parametrize("callback", [{}, {"signing_keys": ["k"]}, {"hmac_key": "k"}])
@pytest.mark.parametrize("brought", [request(), request(""), request("", ":"), request("k", "k:k")])
def test_an_account_without_these_secrets_accepts_nothing(callback: dict[str, Any], brought: Request) -> None:
    with pytest.raises(ForbiddenError):
        callback_secrets.check(account(callback), brought)


def test_a_signed_callback_needs_no_secrets_if_none_are_configured() -> None:
    callback_secrets.check_configured(account({"signing_keys": ["k"]}), request())


@pytest.mark.parametrize("callback", [TOKEN, BASIC, TOKEN | BASIC])
def test_a_signed_callback_needs_the_configured_secrets(callback: dict[str, Any]) -> None:
    with pytest.raises((ForbiddenError, UnauthenticatedError)):
        callback_secrets.check_configured(account(callback), request())


@pytest.mark.parametrize("callback", [TOKEN, TOKEN | BASIC])
@pytest.mark.parametrize("token", [None, "", "t0ken-", "t0ken-ü ", "T0KEN-Ü", "t0ken-u", "\ud800"])
def test_a_wrong_token_is_forbidden_despite_other_secrets(callback: dict[str, Any], token: str | None) -> None:
    with pytest.raises(ForbiddenError):
        callback_secrets.check(account(callback), request(token, "user:pass:word"))


@pytest.mark.parametrize(
    "basic", [None, "", ":", "user:", "user:pass", "user:pass:word2", "User:pass:word", "pass:word:user", "user"]
)
def test_wrong_credentials_get_a_challenge(basic: str | None) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        callback_secrets.check(account(TOKEN | BASIC), request("t0ken-ü", basic))
    assert caught.value.challenge == 'Basic realm="callvault"'


def test_a_token_is_refused_if_none_is_configured() -> None:
    assert not accepted(BASIC, request("t0ken-ü", "user:pass:word"))


def test_a_refusal_does_not_echo_the_secrets() -> None:
    for brought in (request("guess"), request("t0ken-ü", "user:guess")):
        with pytest.raises((ForbiddenError, UnauthenticatedError)) as caught:
            callback_secrets.check(account(TOKEN | BASIC), brought)
        assert not any(word in str(caught.value) for word in ("t0ken", "pass", "user", "guess"))


@unhurried
@given(st.text(st.characters()), st.text())
def test_only_equal_texts_are_the_same(given_text: str, known: str) -> None:
    assert callback_secrets.same(given_text, known) is (given_text == known)
    assert callback_secrets.same(known, known)
