"""What differs at Twilio from SignalWire: named keys, algorithms and two-channel media."""

from dataclasses import replace
from typing import Any

import pytest
import twilio.request_validator as twilio

from callvault.errors import ForbiddenError, UnauthenticatedError
from callvault.providers.laml.signatures import FORM_SHA1, FORM_SHA256, RAW_SHA1
from callvault.providers.laml.twilio import Twilio
from callvault.web import Request
from tests import samples, worlds

CONTRACT = samples.of("twilio")
COMPLETED = CONTRACT.sample("completed.form").request
SHARED = CONTRACT.sample("completed_shared_key.form").request
SETTINGS = "x-twilio-webhooks-signature-settings"
AUTH_TOKEN, SHARED_KEY = CONTRACT.account().callback.signing_keys


def accepts(request: Request, **changes: Any) -> bool:
    try:
        Twilio(CONTRACT.account(**changes)).authenticate(request)
    except ForbiddenError:
        return False
    return True


def with_settings(request: Request, text: str) -> Request:
    return replace(request, headers={**request.headers, SETTINGS: text})


def get(signature: str, settings: str | None = None) -> Request:
    headers = {"x-twilio-signature": signature} | ({} if settings is None else {SETTINGS: settings})
    return replace(COMPLETED, method="GET", body=b"", headers=headers)


URL = (COMPLETED.origin + COMPLETED.path).encode()
BY_AUTH_TOKEN, BY_SHARED_KEY = FORM_SHA1.sign(AUTH_TOKEN, URL), FORM_SHA256.sign(SHARED_KEY, URL)
NAMED = f"key={SHARED_KEY.id}"


@pytest.mark.parametrize(
    ("signature", "settings"),
    [
        (BY_AUTH_TOKEN, None),
        (BY_AUTH_TOKEN, ""),
        (BY_AUTH_TOKEN, "algorithm="),
        (BY_AUTH_TOKEN, "algorithm=HMAC_SHA1"),
        (BY_AUTH_TOKEN, "key=,colour=red"),
        (BY_SHARED_KEY, f"{NAMED},algorithm=HMAC_SHA256"),
        (BY_SHARED_KEY, f" algorithm = hmac_sha256 , {NAMED} "),
        (BY_SHARED_KEY, f"{NAMED},algorithm=,algorithm=HMAC_SHA256"),
        (FORM_SHA1.sign(SHARED_KEY, URL), NAMED),
        (FORM_SHA256.sign(AUTH_TOKEN, URL), "algorithm=HMAC_SHA256"),
    ],
)
def test_the_header_selects_key_and_algorithm(signature: str, settings: str | None) -> None:
    assert accepts(get(signature, settings))
    assert twilio.get_signature_algorithm(settings).upper() == (
        "HMAC_SHA256" if len(signature) == len(BY_SHARED_KEY) else "HMAC_SHA1"
    )


@pytest.mark.parametrize(
    ("signature", "settings"),
    [
        (BY_AUTH_TOKEN, f"{NAMED},algorithm=HMAC_SHA1"),
        (BY_AUTH_TOKEN, "key=webhooks_sharedkey_other"),
        (BY_AUTH_TOKEN, "algorithm=HMAC_SHA512"),
        (BY_AUTH_TOKEN, "algorithm=none"),
        (BY_AUTH_TOKEN, "algorithm=HMAC_SHA256"),
        (BY_SHARED_KEY, None),
        (BY_SHARED_KEY, "algorithm=HMAC_SHA256"),
        (BY_SHARED_KEY, f"{NAMED},algorithm=HMAC_SHA512"),
        (BY_SHARED_KEY, f"{NAMED},algorithm=HMAC_SHA1,algorithm=HMAC_SHA256"),
        (BY_SHARED_KEY, f"key=webhooks_sharedkey_other,{NAMED},algorithm=HMAC_SHA256"),
        (FORM_SHA256.sign(AUTH_TOKEN, URL), f"{NAMED},algorithm=HMAC_SHA256"),
        (RAW_SHA1.sign(AUTH_TOKEN, URL), None),
        ("", None),
    ],
)
def test_another_key_or_algorithm_than_the_headers_is_refused(signature: str, settings: str | None) -> None:
    assert not accepts(get(signature, settings))


def test_an_unknown_algorithm_is_refused() -> None:
    assert accepts(SHARED)
    assert not accepts(with_settings(SHARED, SHARED.headers[SETTINGS].replace("SHA256", "SHA3")))


def test_shared_keys_may_overlap_while_one_replaces_another() -> None:
    keys = [{"id": "webhooks_sharedkey_new", "secret": "new"}, *CONTRACT.parameter["callback"]["signing_keys"]]
    assert accepts(SHARED, callback={"signing_keys": keys})
    assert accepts(COMPLETED, callback={"signing_keys": keys})
    assert not accepts(SHARED, callback={"signing_keys": keys[:2]})


def test_a_configured_token_is_required_in_addition_to_the_signature() -> None:
    callback = CONTRACT.parameter["callback"] | {"token": "s3cret"}
    assert not accepts(COMPLETED, callback=callback)


@pytest.mark.parametrize("userinfo", ["", "ann:s3cret@"])
def test_an_account_with_basic_credentials_accepts_a_signature_with_and_without_them(userinfo: str) -> None:
    callback = CONTRACT.parameter["callback"] | {"username": "ann", "password": "s3cret"}
    signature = FORM_SHA1.sign(AUTH_TOKEN, URL.replace(b"://", f"://{userinfo}".encode()))
    sent = get(signature)
    assert accepts(replace(sent, headers={**sent.headers, **worlds.basic_header("ann", "s3cret")}), callback=callback)
    with pytest.raises(UnauthenticatedError):
        accepts(replace(sent, headers={**sent.headers, **worlds.basic_header("ann", "other")}), callback=callback)


@pytest.mark.parametrize(("channels", "query"), [(2, "?RequestedChannels=2"), (1, ""), (None, "")])
def test_two_channels_are_requested_explicitly(channels: int | None, query: str) -> None:
    one = Twilio(CONTRACT.account(media_format="mp3"))
    recording = one.read(COMPLETED)
    assert recording is not None
    url = one.media_url(recording.model_copy(update={"channels": channels}))
    assert url.endswith(f"/Recordings/{recording.recording_id}.mp3{query}")
