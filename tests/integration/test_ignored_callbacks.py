"""A callback that is acknowledged and not kept leaves a log line and a count."""

import json
from typing import Any

import pytest

from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from functions.ingest_callback import app
from tests import samples, worlds
from tests.integration import events

MESSAGE = "A callback reports no recording and is not kept"
SAMPLES = [
    ("bandwidth", "disconnect.json", "disconnect"),
    ("bandwidth", "event_of_next_year.json", "other"),
    ("bandwidth", "real_time_transcription_available.json", "realTimeTranscriptionAvailable"),
    ("signalwire", "call_not_recorded.form", "call"),
    ("twilio", "call_not_recorded.form", "call"),
    ("kazoo", "object_doc_deleted.json", "doc_deleted"),
    ("kazoo", "object_user_edited.json", "doc_edited"),
]


def send(provider: str, name: str) -> dict[str, Any]:
    contract = samples.of(provider)
    worlds.put_account(contract.account_id, **contract.parameter)
    return app.handler(events.from_request(contract.sample(name).request), events.context())


@pytest.mark.parametrize(("provider", "name", "event"), SAMPLES)
def test_the_log_line_names_account_provider_and_event_and_nothing_else(
    provider: str, name: str, event: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert send(provider, name)["statusCode"] in {200, 204}
    [line] = [record for record in caplog.records if record.message == MESSAGE]
    account_id = samples.of(provider).account_id
    assert (vars(line)["account"], vars(line)["provider"], vars(line)["event"]) == (account_id, provider, event)
    assert worlds.RECORDING_ID not in str(vars(line))
    assert daily_counts.recent(Kind.IGNORED, account_id) == 1


@pytest.mark.parametrize(("provider", "name", "event"), SAMPLES)
def test_the_metric_has_the_provider_and_the_event(
    provider: str, name: str, event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    send(provider, name)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [metric] = [line for line in lines if "IgnoredCallbacks" in line]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["provider", "event"]]
    assert (metric["provider"], metric["event"], metric["IgnoredCallbacks"]) == (provider, event, [1])


def test_a_callback_that_is_kept_is_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    send("bandwidth", "recording_available.json")
    assert MESSAGE not in caplog.messages
    assert daily_counts.recent(Kind.IGNORED, samples.of("bandwidth").account_id) == 0
