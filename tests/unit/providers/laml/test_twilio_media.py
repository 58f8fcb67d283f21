"""What Twilio's resource of a recording says about media that cannot be fetched as announced."""

from typing import Any

import pytest

from callvault import transport
from callvault.errors import UnavailableError
from callvault.models import Recording, State
from callvault.providers import look_ups
from callvault.providers.base import Explainer
from callvault.providers.laml import twilio_media
from callvault.providers.laml.signalwire import SignalWire
from callvault.providers.laml.twilio import Twilio
from tests import samples, worlds

CONTRACT = samples.of("twilio")
LOOK_UPS = {one.name: one for one in CONTRACT.look_ups}
ID = str(LOOK_UPS["finished"].recording["recording_id"])
ORIGIN = "https://api.twilio.com"
BUCKET = "https://acme-calls.s3.us-east-1.amazonaws.com/voice/RE1"
DETAILS = {"encryption_public_key_sid": "CR1", "encryption_cek": "x", "encryption_iv": "y"}


def recording(**fields: Any) -> Recording:
    return worlds.recording(ID, provider="twilio", format="mp3", **fields)


def explain(**resource: Any) -> Recording | None:
    return twilio_media.explain(recording(), {"sid": ID, **resource}, ORIGIN, "http_404")


def place(url: object) -> str | None:
    found = explain(media_url=url)
    return None if found is None else look_ups.external_url(found)


def test_the_sample_of_media_in_a_bucket_makes_the_recording_absent_with_the_place() -> None:
    found = twilio_media.explain(recording(), LOOK_UPS["stored elsewhere"].body, ORIGIN, "http_404")
    assert found is not None
    assert (found.state, found.reason) == (State.ABSENT, "stored_elsewhere")
    assert look_ups.external_url(found) == BUCKET


@pytest.mark.parametrize(
    "url",
    [
        f"{ORIGIN}/2010-04-01/Accounts/AC1/Recordings/{ID}",
        f"http://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/{ID}",
        f"https://API.Dublin.IE1.Twilio.com/2010-04-01/Accounts/AC1/Recordings/{ID}",
        f"https://twilio.com/{ID}",
        f"/2010-04-01/Accounts/AC1/Recordings/{ID}",
        None,
        "",
        7,
        {},
        [],
        "https://",
        "https://[::1",
        "javascript://acme/%0aalert(1)",
        "file:///etc/passwd",
        "x" * 5000,
    ],
)
def test_a_url_at_twilio_or_none_at_all_is_no_other_place(url: object) -> None:
    assert explain(media_url=url) is None


def test_the_host_of_the_accounts_api_is_no_other_place() -> None:
    resource = {"sid": ID, "media_url": "https://proxy.example.com:8443/x.wav"}
    assert twilio_media.explain(recording(), resource, "https://proxy.example.com", "http_404") is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (BUCKET, BUCKET),
        (f"{BUCKET}?X-Amz-Credential=AKIA&X-Amz-Signature=0a1b", BUCKET),
        (f"{BUCKET}#fragment", BUCKET),
        (BUCKET.replace("https://", "https://key:secret@"), BUCKET),
        ("s3://acme-calls/voice/RE1", "s3://acme-calls/voice/RE1"),
        ("https://s3.amazonaws.com/acme-calls/RE1", "https://s3.amazonaws.com/acme-calls/RE1"),
        ("http://169.254.169.254/latest/meta-data", "http://169.254.169.254/latest/meta-data"),
        ("https://twilio.com.evil.example/RE1", "https://twilio.com.evil.example/RE1"),
        ("https://eviltwilio.com/RE1", "https://eviltwilio.com/RE1"),
    ],
)
def test_the_place_has_no_credentials_and_no_signed_query(url: str, shown: str) -> None:
    assert place(url) == shown
    found = explain(media_url=url)
    assert found is not None
    assert not [word for word in ("secret", "X-Amz", "fragment") if word in found.model_dump_json()]


def test_a_place_is_shown_only_of_a_recording_that_is_stored_elsewhere() -> None:
    extra = {look_ups.EXTERNAL_URL: BUCKET}
    assert look_ups.external_url(recording(extra=extra)) is None
    assert look_ups.external_url(recording(state=State.ABSENT, reason="16101", extra=extra)) is None


@pytest.mark.parametrize("details", [DETAILS, "sealed"])
def test_encryption_details_make_the_media_encrypted_wave(details: object) -> None:
    found = explain(encryption_details=details)
    assert found is not None
    assert (found.state, found.format, twilio_media.is_encrypted(found)) == (State.PENDING, "wav", True)


@pytest.mark.parametrize("details", [None, {}, ""])
def test_a_resource_without_details_explains_nothing(details: object) -> None:
    assert explain(encryption_details=details) is None


def test_details_that_are_known_already_explain_nothing() -> None:
    known = recording(extra={"EncryptionDetails": DETAILS})
    assert twilio_media.explain(known, {"sid": ID, "encryption_details": DETAILS}, ORIGIN, "http_404") is None


def test_of_encrypted_media_in_a_bucket_place_and_details_are_kept() -> None:
    found = explain(encryption_details=DETAILS, media_url=BUCKET)
    assert found is not None
    assert (found.state, look_ups.external_url(found)) == (State.ABSENT, BUCKET)
    assert found.extra["EncryptionDetails"] == DETAILS


def test_the_resource_of_another_recording_explains_nothing() -> None:
    assert explain(sid="RE2", media_url=BUCKET) is None
    assert twilio_media.explain(recording(), {}, ORIGIN, "http_404") is None


@pytest.mark.parametrize("reason", ["not_audio", "empty", "short_body", "http_400", "http_403", "http_404", "http_410"])
def test_the_resource_may_explain_what_the_media_url_answered(reason: str) -> None:
    assert twilio_media.EXPLAINED(reason)


@pytest.mark.parametrize(
    "reason", ["http_429", "http_500", "http_503", "unreachable", "too_slow", "too_large", "conflict", "http_4040"]
)
def test_the_resource_is_not_requested_after_a_failure_that_it_cannot_explain(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(transport, "call", lambda *_, **__: pytest.fail("a request"))
    assert Twilio(CONTRACT.account()).explain(recording(), reason) is None


def test_without_a_password_the_resource_is_not_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "call", lambda *_, **__: pytest.fail("a request"))
    account = CONTRACT.account(api={"origin": "https://origin.example.com"})
    assert Twilio(account).explain(recording(), "http_404") is None


def test_a_resource_that_cannot_be_reached_is_no_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnavailableError("unreachable", "No.")

    monkeypatch.setattr(transport, "call", refuse)
    with pytest.raises(UnavailableError):
        Twilio(CONTRACT.account()).explain(recording(), "http_404")


def test_only_twilio_explains_failed_fetches() -> None:
    assert isinstance(Twilio(CONTRACT.account()), Explainer)
    assert not isinstance(SignalWire(samples.of("signalwire").account()), Explainer)
