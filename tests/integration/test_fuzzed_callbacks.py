"""Randomly changed callbacks and uploads, genuine and forged; `make fuzz` sends more."""

import json
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from callvault import alarm_messages, providers
from callvault.dialects.bandwidth import documents
from callvault.ingest import intake
from callvault.models import Recording
from callvault.providers import look_ups
from callvault.providers.bandwidth import transcriptions
from callvault.providers.laml import relay, relay_events
from callvault.storage import table
from callvault.web import Request, Response
from functions.ingest_callback import app
from tests.fuzz import callbacks, properties, runs
from tests.fuzz import look_ups as look_ups_of_fuzz
from tests.fuzz.rendering import Broken
from tests.fuzz.runs import TARGETS, Target
from tests.fuzz.stores import RefusedError

SENT = 500


@pytest.mark.parametrize("name", TARGETS)
def test_no_random_callback_breaks_a_property(name: str) -> None:
    statuses = runs.run(TARGETS[name], SENT, first_seed=1)
    taken = sum(statuses[str(status)] for status in properties.ACKNOWLEDGED)
    refused = sum(statuses[str(status)] for status in properties.REFUSED)
    # Else it would prove nothing: most reach what is behind the secrets, and some do not.
    assert taken > SENT / 4
    assert refused > SENT / 20


def sent(target: Target, **changes: Any) -> Counter[str]:
    return runs.run(replace(target, **changes), 60, first_seed=1)


def test_an_unexpected_exception_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Recording:
        raise KeyError("recordingId")

    monkeypatch.setattr(intake, "record", fail)
    with pytest.raises(KeyError):
        sent(TARGETS["bandwidth"])


def test_a_lost_recording_that_was_acknowledged_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "record", lambda recording, **_: recording)
    with pytest.raises(Broken, match="not stored"):
        sent(TARGETS["bandwidth"])


def test_a_place_with_credentials_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_ups, "place", lambda url: url if isinstance(url, str) and "://key:" in url else None)
    with pytest.raises(Broken, match="credentials"):
        sent(TARGETS["twilio"])


def test_a_lost_transcription_that_was_acknowledged_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    record = intake.record
    changes = {"transcript": None}
    monkeypatch.setattr(intake, "record", lambda one, **more: record(one.model_copy(update=changes), **more))
    with pytest.raises(Broken, match="transcription is not stored"):
        sent(TARGETS["bandwidth"])


def test_an_event_that_is_lost_in_its_envelope_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_events, "INNER", ())
    with pytest.raises(Broken, match="did not become a recording"):
        runs.run(TARGETS["signalwire"], 400, first_seed=1)


def test_a_text_that_is_stored_and_not_served_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcriptions, "check", lambda *_, **__: None)
    with pytest.raises(Broken, match="text is not served"):
        sent(TARGETS["bandwidth"])


def test_a_text_that_is_served_as_another_language_than_json_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "text_of", lambda *_: {"transcripts": [float("nan")]})
    with pytest.raises(Broken, match="NaN is not JSON"):
        sent(TARGETS["bandwidth"])


@pytest.mark.parametrize("name", ["bandwidth", "signalwire", "telnyx", "twilio", "kazoo"])
def test_a_look_up_that_returns_another_recording_is_detected(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    look_up = look_ups_of_fuzz.look_up

    def other(random: Random, recording: Recording) -> Recording | None:
        found = look_up(random, recording)
        return found and found.model_copy(update={"recording_id": "another"})

    monkeypatch.setattr(look_ups_of_fuzz, "look_up", other)
    with pytest.raises(Broken, match="another recording"):
        sent(TARGETS[name])


def test_the_kept_url_of_media_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "KEPT", (*relay.KEPT, "url"))
    with pytest.raises(Broken, match="URL of its media"):
        runs.run(TARGETS["signalwire"], 200, first_seed=1)


def test_a_resource_whose_recording_does_not_fit_into_a_row_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "joined", lambda known, news: {**known, **news, "price": "9" * 500_000})
    with pytest.raises(RefusedError, match="too large"):
        sent(TARGETS["bandwidth"])


def test_a_recording_under_another_account_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    put = table.put

    def elsewhere(recording: Recording, *what: Any, **more: Any) -> Recording:
        return put(recording.model_copy(update={"account_id": "other"}), *what, **more)

    monkeypatch.setattr(table, "put", elsewhere)
    with pytest.raises(Broken, match="another account"):
        sent(TARGETS["bandwidth"])


def test_an_accepted_forged_callback_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers.PROVIDERS["bandwidth"], "authenticate", lambda *_: None)
    with pytest.raises(Broken, match="not genuine"):
        sent(TARGETS["bandwidth"])


def world_of(target: Target, request: Request, answer: Any) -> None:
    with target.world() as world:
        world.send(answer, request, Random(1), genuine=True)  # noqa: S311 - dice


@pytest.mark.parametrize(
    ("response", "match"),
    [
        (Response(status=500), "undocumented"),
        (Response(status=503), "undocumented"),
        (Response(status=204, headers={"x-a": "b\r\nset-cookie: c"}), "header"),
        (Response(status=204, headers={"x-a": "\u2028"}), "header"),
        (Response(status=204, body="the-token-of-acme"), "secret"),
    ],
)
def test_a_forbidden_response_is_detected(response: Response, match: str) -> None:
    request = Request(method="POST", path="/", origin="https://api.example.com")
    with pytest.raises(Broken, match=match):
        world_of(TARGETS["bandwidth"], request, lambda _: response)


@pytest.mark.parametrize("text", [callbacks.CALLER, "the-token-of-acme"])
def test_a_phone_number_or_a_secret_in_a_log_is_detected(text: str) -> None:
    def tell(_: Request) -> Response:
        app.logger.info(alarm_messages.CALLBACK_REFUSED, extra={"text": text})
        return Response(status=204)

    request = Request(method="POST", path="/", origin="https://api.example.com")
    with pytest.raises(Broken, match="A log has"):
        world_of(TARGETS["bandwidth"], request, tell)


def test_a_log_line_that_is_not_one_json_object_is_detected() -> None:
    log = properties.Log()
    log.write(json.dumps({"message": alarm_messages.CALLBACK_REFUSED}) + "\n")
    assert log.wrong == []
    log.write('{"message": "a\u2028b"}')
    log.write("Traceback")
    assert [what[:24] for what in log.wrong] == ["A log has more than one l"[:24], "A log has a line that is"]


def test_the_same_seed_gives_the_same_results() -> None:
    def found(seed: int) -> Counter[str]:
        return runs.run(TARGETS["kazoo"], 40, seed)

    assert found(3) == found(3)
