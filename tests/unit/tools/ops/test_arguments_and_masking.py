"""How the operator's command line reads times, and how it masks messages."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault import times
from callvault.messaging import bucket_events
from tools.ops import masking, printing, time_arguments

SECONDS = 2
"""A time that a proportional search does not need, and a quadratic one exceeds by far."""


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259_200), ("1w", 604_800), ("1D12H", 129_600)]
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert time_arguments.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "2h3", "2 h", "1h1d", "soon", "9999999999h"])
def test_an_invalid_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        time_arguments.duration(text)


def test_a_time_is_absolute_or_a_duration_before_now() -> None:
    assert time_arguments.moment("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)
    assert time_arguments.moment("2026-11-20T10:00:00+02:00") == datetime(2026, 11, 20, 8, tzinfo=UTC)
    before = times.now()
    assert before - timedelta(hours=2) <= time_arguments.moment("2h") <= times.now() - timedelta(hours=2)


def test_the_end_of_a_period_may_be_a_whole_day() -> None:
    assert time_arguments.end("2026-11-20") == datetime(2026, 11, 21, tzinfo=UTC) - timedelta(milliseconds=1)
    assert time_arguments.end("2026-11-20T10:00:00Z") == datetime(2026, 11, 20, 10, tzinfo=UTC) + times.SECOND
    assert times.now() - time_arguments.end("2h") >= timedelta(hours=2)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "999999d"])
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        time_arguments.moment(text)


@pytest.mark.parametrize(
    ("content", "masked"),
    [
        ({"caller": "+15551112222", "callee": "Restricted"}, {"caller": "***22", "callee": "***ed"}),
        (
            {"extra": {"From": "1000", "caller_id_number": 15551112222}},
            {"extra": {"From": "***", "caller_id_number": "***22"}},
        ),
        ({"name": "call to +1 (555) 111-2222"}, {"name": "call to ***22"}),
        ({"list": ["sip:15551112222@example.com"]}, {"list": ["sip:***22@example.com"]}),
        (
            {"account_id": "9900000", "key": "media/9900000/x.wav"},
            {"account_id": "9900000", "key": "media/9900000/x.wav"},
        ),
        ({"start_time": "2026-11-20T10:00:00.000Z"}, {"start_time": "2026-11-20T10:00:00.000Z"}),
        ({"apiKey": "s3cret", "hmac": None, "partial": True}, {"apiKey": "***", "hmac": None, "partial": True}),
        (
            {"path": "/callbacks/x/a1/s3cret", "raw_query": "from=1000", "body": "aGVsbG8=", "method": "POST"},
            {"path": "***", "raw_query": "***", "body": "***", "method": "POST"},
        ),
        (
            {"headers": {"authorization": "Basic x", "x-twilio-signature": "x"}, "parameters": {"token": "x"}},
            {"headers": {"authorization": "***", "x-twilio-signature": "***"}, "parameters": {"token": "***"}},
        ),
        ({"url": "https://user:pw@example.com/x?token=1"}, {"url": "https://***@example.com/***"}),
        ({"url": "https://user:p@w@example.com"}, {"url": "https://***@example.com"}),
        ({"url": "https://hooks.example.com/services/T0/s3cret"}, {"url": "https://hooks.example.com/***"}),
        ({"note": "POST /callbacks/twilio/a1/s3cret/x?y"}, {"note": "POST /callbacks/twilio/a1/***"}),
        ({"note": "sent Bearer a1.s3cret-value"}, {"note": "sent Bearer ***"}),
        ({"form": "Digits=1&api_key=s3cret&x=1"}, {"form": "Digits=1&api_key=***&x=1"}),
        (
            {"form": "RecordingUrl=https%3A%2F%2Fapi.example.com%2Fx%3Fkey%3Dabc&RecordingSid=RE1&a=b%20c"},
            {"form": "RecordingUrl=https://api.example.com/***&RecordingSid=RE1&a=b%20c"},
        ),
        (
            {"form": "From=1000&To=sip%3A15551112222%40example.com&Sip=sip%3A15551112222%40example.com&auth_token=x"},
            {"form": "From=***&To=***om&Sip=sip:***22@example.com&auth_token=***"},
        ),
        (
            {"form": "Digits=4111+1111+1111+1111&Url=https://u:p@h/x%26y"},
            {"form": "Digits=***11&Url=https://***@h/***"},
        ),
        (
            {"note": "to https%3a%2f%2fu%3Ap%40h.example%2fs3cret, sip%253A15551112222%2540h, 100%25"},
            {"note": "to https://***@h.example/*** sip:***22@h, 100%25"},
        ),
        (
            {"headers": {"cookie": "session=abc", "Set-Cookie": "a=b"}},
            {"headers": {"cookie": "***", "Set-Cookie": "***"}},
        ),
        ({"said": "4111.1111.1111.1111."}, {"said": "***11."}),
        ({"said": "call 15551112222."}, {"said": "call ***22."}),
        ({"time": "1764176400.123", "host": "192.168.100.200"}, {"time": "1764176400.123", "host": "192.168.100.200"}),
        ({"Digits": "4111111111111111"}, {"Digits": "***11"}),
        ({"said": "4111 1111 1111-1111 it is"}, {"said": "***11 it is"}),
        ({"Digits": [4111111111111111, 1764176400123]}, {"Digits": ["***11", 1764176400123]}),
        ({"size": 41111111111111, "truth": True}, {"size": 41111111111111, "truth": True}),
    ],
)
def test_phone_numbers_and_secrets_are_masked_and_nothing_else(content: object, masked: object) -> None:
    assert masking.mask(json.dumps(content)) == masked


def test_an_event_of_s3_is_not_masked() -> None:
    body = bucket_events.write("media/9900000/2026/11/20/r-1.wav", "v1234567890")
    assert masking.mask(body) == json.loads(body)


def test_phone_numbers_and_secrets_are_masked_in_text_that_is_not_json() -> None:
    assert masking.mask("From=%2B15551112222&token=s3cret, caller 15551112222") == "From=***22&token=***, caller ***22"
    assert masking.mask('{"api_key": "s3cret"') == '{"api_key": "***"'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x1b]0;x\x07b", "a\\u001b]0;x\\u0007b"),
        ("\x9b31m\x7f\u202e\u2028", "\\u009b31m\\u007f\\u202e\\u2028"),
        ("\r\n", "\\u000d\\u000a"),
        ("\U000e0001\ud800", "\\udb40\\udc01\\ud800"),
        ("José says ¿qué? 😀", "José says ¿qué? 😀"),
    ],
)
def test_characters_that_a_terminal_does_not_show_are_escaped(value: str, shown: str) -> None:
    assert printing.visible(value) == shown
    assert printing.text(value) == shown
    assert json.loads(f'"{printing.visible(value)}"') == value


def test_json_is_printed_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    content = {"name": "\x9b31m\x1b[0m\u202e\x7f", "number": 1}
    printing.as_json(content)
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable()
    assert json.loads(printed) == content


def test_a_long_word_is_masked_in_little_time() -> None:
    before = time.process_time()
    assert masking.mask("a" * 20_000 + "token=s3cret") == "a" * 20_000 + "token=***"
    assert time.process_time() - before < SECONDS


@given(st.text())
def test_any_body_can_be_masked(body: str) -> None:
    masking.mask(body)
