"""The stand-in of Bandwidth's API for the acceptance: its answers, and its stack."""

import base64
import json
import time
from pathlib import Path

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]

from callvault import audio
from tools.acceptance import provider, provider_stack

CREDENTIALS = "user:password"
BASIC = "Basic " + base64.b64encode(CREDENTIALS.encode()).decode()
FUTURE, PAST = int(time.time()) + 1000, int(time.time()) - 1000


def get(name: str, authorization: str = BASIC) -> tuple[int, bytes]:
    path = f"/api/v2/accounts/a/calls/c/recordings/{name}/media"
    return provider.answer(path, authorization, CREDENTIALS)


def test_only_the_right_credentials_get_audio() -> None:
    assert get("run-whole-0", "Basic eDp5")[0] == 401
    assert get("run-whole-0", "")[0] == 401
    assert get("run-whole-0") == (200, provider.audio("run-whole-0"))


def test_late_audio_is_missing_before_its_time() -> None:
    assert get(f"run-late-{FUTURE}")[0] == 404
    assert get(f"run-late-{PAST}")[0] == 200


def test_cut_audio_is_shorter_than_its_header_says_before_its_time() -> None:
    status, body = get(f"run-cut-{FUTURE}")
    assert status == 200
    assert len(body) < len(provider.audio(f"run-cut-{FUTURE}"))
    assert get(f"run-cut-{PAST}")[1] == provider.audio(f"run-cut-{PAST}")


def test_slow_audio_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    assert get("run-slow-7")[0] == 200
    assert waited == [7]


def test_every_recording_has_audio_of_its_own_that_can_be_measured() -> None:
    first, second = provider.audio("run-whole-0"), provider.audio("run-whole-1")
    assert first != second
    measured = audio.measure(audio.head(first), len(first))
    assert (measured.codec, measured.duration_ms) == ("mulaw", provider.SECONDS * 1000)


def test_the_function_url_carries_the_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS", CREDENTIALS)
    path = "/api/v2/accounts/a/calls/c/recordings/run-whole-0/media"
    answer = provider.handler({"rawPath": path, "headers": {"authorization": BASIC}}, None)
    assert base64.b64decode(answer["body"]) == provider.audio("run-whole-0")
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)


def test_the_stand_ins_template_is_valid() -> None:
    code = Path(provider.__file__).read_text()
    assert lint(json.dumps(provider_stack.template(code))) == []
