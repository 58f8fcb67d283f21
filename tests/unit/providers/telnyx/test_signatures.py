"""Telnyx's signatures: Ed25519 over timestamp and body, for five minutes."""

import base64
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from callvault import providers
from callvault.errors import Check, ConfigurationError, ForbiddenError, UnauthenticatedError
from callvault.providers.telnyx import signatures
from callvault.web import Request
from tests import samples
from tools.local.providers import telnyx_recordings

CONTRACT = samples.of("telnyx")
SAMPLE = CONTRACT.sample("call_recording_saved.json").request
OTHER = SigningKey(bytes(range(32)))
KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
"""Test 2 of RFC 8032, section 7.1: the message is the byte 0x72."""


def accept(request: Request, **changes: Any) -> None:
    providers.of(CONTRACT.account(**changes)).authenticate(request)


def refusal(request: Request, **changes: Any) -> Check | None:
    with pytest.raises(ForbiddenError) as caught:
        accept(request, **changes)
    return caught.value.check


def signed(body: bytes = b"{}", *, key: SigningKey = telnyx_recordings.KEY, late: float = 0) -> Request:
    """Return a request that was signed so many seconds before it arrived."""
    seconds = SAMPLE.arrived.timestamp() - late
    return replace(SAMPLE, body=body, headers=telnyx_recordings.headers(body, key=key, seconds=seconds))


def test_a_signature_of_the_rfc_is_right_and_a_changed_one_is_wrong() -> None:
    assert signatures._is_signed(b"\x72", SIGNATURE, KEY)
    assert not signatures._is_signed(b"\x73", SIGNATURE, KEY)


def test_a_signature_by_another_key_is_wrong() -> None:
    assert refusal(signed(key=OTHER)) is Check.SIGNATURE


def test_any_of_several_public_keys_verifies() -> None:
    keys = [base64.b64encode(bytes(OTHER.verify_key)).decode(), telnyx_recordings.PUBLIC_KEY]
    for key in (OTHER, telnyx_recordings.KEY):
        accept(signed(key=key), callback={"public_keys": keys})


def test_a_changed_body_is_refused() -> None:
    assert refusal(replace(SAMPLE, body=SAMPLE.body.replace(b"single", b"dual"))) is Check.SIGNATURE


def test_a_changed_timestamp_is_refused() -> None:
    later = str(int(SAMPLE.headers["telnyx-timestamp"]) + 1)
    assert refusal(replace(SAMPLE, headers={**SAMPLE.headers, "telnyx-timestamp": later})) is Check.SIGNATURE


@pytest.mark.parametrize("late", [0, 299, -299])
def test_a_signature_of_less_than_five_minutes_is_accepted(late: float) -> None:
    accept(signed(late=late))


@pytest.mark.parametrize("late", [302, -302, 86_400])
def test_a_signature_of_more_than_five_minutes_is_refused(late: float) -> None:
    assert refusal(signed(late=late)) is Check.AGE


def test_a_replayed_callback_is_refused_after_five_minutes() -> None:
    accept(SAMPLE)
    assert refusal(replace(SAMPLE, arrived=SAMPLE.arrived + timedelta(minutes=5))) is Check.AGE


@pytest.mark.parametrize("name", ["telnyx-timestamp", "telnyx-signature-ed25519"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1e9", "\ud800", "A" * 88, "é", "1 , 2"])
def test_a_malformed_header_is_refused(name: str, value: str) -> None:
    assert refusal(replace(SAMPLE, headers={**SAMPLE.headers, name: value})) is Check.SIGNATURE


def test_a_get_is_refused_because_its_fields_are_not_signed() -> None:
    request = replace(signed(b""), method="GET", raw_query="RecordingSid=r-1&RecordingStatus=completed")
    assert refusal(request) is Check.SIGNATURE


def test_a_signature_of_an_account_without_a_public_key_is_refused() -> None:
    assert refusal(SAMPLE, callback={"token": "s3cret"}) is Check.CONFIGURED


def test_a_signed_callback_also_needs_the_token_and_the_basic_credentials_of_the_account() -> None:
    keys = {"public_keys": [telnyx_recordings.PUBLIC_KEY]}
    assert refusal(SAMPLE, callback=keys | {"token": "s3cret"}) is Check.TOKEN
    accept(replace(SAMPLE, parameters={"token": "s3cret"}), callback=keys | {"token": "s3cret"})
    with pytest.raises(UnauthenticatedError):
        accept(SAMPLE, callback=keys | {"username": "u", "password": "p"})


def test_a_public_key_is_never_a_secret_of_another_providers_signature() -> None:
    account = CONTRACT.account()
    assert account.callback.signing_keys == ()
    other = samples.of("twilio").samples[0].request
    with pytest.raises(ForbiddenError):
        providers.PROVIDERS["twilio"](account).authenticate(other)


@pytest.mark.parametrize("key", ["", "x", "AAAA", base64.b64encode(bytes(33)).decode(), 7, "é", bytes(32).hex()])
def test_a_malformed_public_key_makes_the_parameter_invalid(key: object) -> None:
    with pytest.raises(ConfigurationError, match=r"callback\.public_keys\.0"):
        CONTRACT.account(callback={"public_keys": [key]})


def test_the_library_is_loaded_only_when_a_signature_is_verified() -> None:
    environment = {"PYTHONPATH": str(Path(__file__).parents[4] / "layers/common")}
    code = "import sys, callvault.providers; print('nacl' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
