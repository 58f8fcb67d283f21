"""Credentials and card numbers of a provider's fields are shown to no reader."""

import json
import time
from typing import Any

import pytest

from callvault.dialects import redaction

CARD = "4111111111111111"
"""A number of the form of a Visa card, which payment services publish for tests."""


@pytest.mark.parametrize(
    "name",
    [
        "password", "Password", "callback_password", "AuthToken", "CallToken", "auth_token", "X-Twilio-Signature",
        "X-Amz-Credential", "signature", "hmac", "hmac_key", "client_secret", "apiKey", "api_key", "AccessKeyId",
        "Authorization", "auth", "Cookie", "sig", "userPin", "pwd", "cvv", "jwt", "url", "pvt_attachments", "_rev",
    ],
)  # fmt: skip
def test_a_member_with_the_name_of_a_secret_is_left_out_at_every_level(name: str) -> None:
    value = {name: "abc", "kept": [{name: 7, "also": "kept"}]}
    assert redaction.clean(value) == {"kept": [{"also": "kept"}]}


@pytest.mark.parametrize(
    "name",
    [
        "applicationId", "authorizing_id", "authorizing_type", "auth_user_id", "callUrl", "eventTime", "AccountSid",
        "RecordingStatus", "ParentCallSid", "encryption_public_key_sid", "spinner", "Digits", "design", "StirVerstat",
    ],
)  # fmt: skip
def test_any_other_member_is_kept(name: str) -> None:
    assert redaction.clean({name: "abc"}) == {name: "abc"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ann:s3cret@example.com/x", "https://***@example.com/x"),
        ("https://ann@example.com/x", "https://***@example.com/x"),
        ("https://a:b@c:d@example.com/x", "https://***@example.com/x"),
        (r"https://ann:s3cret\@example.com/x", "https://***@example.com/x"),
        ("HTTPS://example.com/x?X-Amz-Signature=abc&b=1", "HTTPS://example.com/x?***"),
        ("https://example.com/x?sv=1&sig=a%2Fb#f", "https://example.com/x?***"),
        ("https://example.com/x#token=abc", "https://example.com/x?***"),
        ("see https://h/a?x=1 and ftp://u:p@h/b.", "see https://h/a?*** and ftp://***@h/b."),
        ('{"a": "https://h/a?x=1", "b": 2}', '{"a": "https://h/a?***", "b": 2}'),
        ("https://h/to/https://ann:s3cret@example.com", "https://h/to/https://***@example.com"),
        ("https://h/callbacks/bandwidth/acme/s3cret", "https://h/callbacks/bandwidth/acme/***"),
        ("sip:ann:s3cret@example.com", "sip:ann:***@example.com"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("Basic dXNlcjpwNHNzd29yZA==", "***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"),
        ("a=1&auth_token=abc&b=2", "a=1&auth_token=***&b=2"),
        ('{"password": "abc", "b": 2}', '{"password": "***", "b": 2}'),
    ],
)
def test_credentials_in_a_text_are_hidden(text: str, shown: str) -> None:
    assert redaction.clean({"field": [text]}) == {"field": [shown]}


@pytest.mark.parametrize(
    "text",
    [
        "https://voice.bandwidth.com/api/v2/accounts/9900000/calls/c-1", "sip:ann@example.com", "1000@realm.com",
        "2026-06-17T22:20:03.375833Z", "callflow : main", "levitating", "-0.0025", "basic support", "",
    ],
)  # fmt: skip
def test_any_other_text_is_shown_as_it_is(text: str) -> None:
    assert redaction.clean(text) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (CARD, "***"),
        (int(CARD), "***"),
        ("4111 1111 1111 1111", "***"),
        ("card 4111-1111-1111-1111, thanks", "card ***, thanks"),
        ("378282246310005", "***"),
        ({CARD: 1}, {"***": 1}),
    ],
)
def test_a_number_that_may_be_a_cards_is_hidden(value: Any, shown: Any) -> None:
    assert redaction.clean(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "4111111111111112", "+4111111111111111", "+15551112222", "491511234567890", 1795167036217461, 1795167036217,
        63871672800123, "63871672799-1a2b3c4d", "3b5d8f0a-1111-4222-8333-444455556666", "0.4111111111111111",
        0.4111111111111111, True, None,
    ],
)  # fmt: skip
def test_a_phone_number_a_time_and_an_id_are_not_taken_for_cards(value: Any) -> None:
    assert redaction.clean(value) == value


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a-",
        "1",
        "1 ",
        "https://",
        "a:",
        "token",
        "token=",
        "@",
        "sip:a:",
        "%25",
        "eyJ",
        "-eyJ",
        "eyJ.",
        "//",
        '"',
        "4 ",
    ],
)
def test_the_longest_field_takes_little_time(unit: str) -> None:
    text = unit * (256 * 1024 // len(unit))
    started = time.process_time()
    json.dumps(redaction.clean(text))
    assert time.process_time() - started < 3
