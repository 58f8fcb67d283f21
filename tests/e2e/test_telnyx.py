"""Telnyx's recordings through the real template: webhooks, links, transcripts, queries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
import urllib3
from nacl.signing import SigningKey

from tests import worlds
from tests.e2e import archive
from tools.local.providers import scenarios, telnyx_recordings, telnyx_scenarios
from tools.local.providers.scenarios import Scenario
from tools.local.providers.telnyx_recordings import Storage, Telnyx
from tools.local.providers.telnyx_scenarios import TELNYX
from tools.local.stack import Stack

URL = f"/callbacks/telnyx/{TELNYX}"
READER = {"authorization": f"Bearer {TELNYX}.{scenarios.SECRET}"}

http = urllib3.PoolManager()


@dataclass(frozen=True)
class Played:
    """The scenarios, whose requests were all acknowledged, and Telnyx."""

    scenarios: list[Scenario]
    api: Telnyx


@pytest.fixture(scope="module")
def played(stack: Stack) -> Iterator[Played]:
    with Storage() as storage, Telnyx(storage) as api:
        made = telnyx_scenarios.telnyx(stack, api)
        for scenario in made:
            assert [request().status for request in scenario.requests] == [200] * len(scenario.requests)
        yield Played(made, api)


def state(stack: Stack, recording_id: str) -> str | None:
    row = archive.row(stack, TELNYX, recording_id)
    return row.state if row else None


def is_verified(stack: Stack, recording_id: str) -> bool:
    return state(stack, recording_id) == "verified"


def test_every_recording_is_verified_and_served_in_another_dialect(stack: Stack, played: Played) -> None:
    for one in played.scenarios:
        worlds.until(partial(is_verified, stack, one.recording_id), 60)
        url = f"{stack.url}/v2/accounts/{TELNYX}/recordings/{one.recording_id}"
        headers = {"x-auth-token": f"{TELNYX}.{scenarios.SECRET}", "accept": "audio/mpeg"}
        assert http.request("GET", url, headers=headers).data == one.audio
        row = archive.row(stack, TELNYX, one.recording_id)
        assert row is not None
        assert (row.caller, row.callee, row.discrepancies) == ("+15551112222", "+15553334444", ())
    assert {one.authorization for one in played.api.storage.asked} == {None}


def test_the_text_of_a_transcription_is_served(stack: Stack, played: Played) -> None:
    [one] = [scenario for scenario in played.scenarios if scenario.transcript]
    url = f"{stack.url}/api/v2/accounts/{TELNYX}/recordings/{one.recording_id}/transcription"
    worlds.until(lambda: http.request("GET", url, headers=READER).status == 200, 60)
    assert json.loads(http.request("GET", url, headers=READER).data) == json.loads(one.transcript or b"")


def test_a_forged_an_old_and_an_unsigned_webhook_are_refused(stack: Stack, played: Played) -> None:
    recording_id = "90cd86ac-fef8-4765-b203-0f7511f9fc75"
    body = telnyx_recordings.event("call.recording.saved", recording_id)
    forged = telnyx_recordings.headers(body, key=SigningKey(bytes(32)))
    old = telnyx_recordings.headers(body, seconds=1_700_000_000)
    for headers in (forged, old, {}):
        answer = http.request("POST", stack.url + URL, body=body, headers=telnyx_recordings.JSON | headers)
        assert (answer.status, json.loads(answer.data)["error"]) == (403, "forbidden")
    assert state(stack, recording_id) is None
    assert played.api.resources


def test_a_command_for_a_live_call_is_answered_by_advice(stack: Stack, played: Played) -> None:
    reader = worlds.reader("control", archive.SECRET, can_control=True)
    api = {"origin": played.api.origin, "api_key": telnyx_recordings.API_KEY}
    callback = {"public_keys": [telnyx_recordings.PUBLIC_KEY]}
    stack.put_account("tx-1", {"provider": "telnyx", "callback": callback, "api": api, "readers": [reader]})
    url = f"{stack.url}/2010-04-01/Accounts/tx-1/Calls/v3:c-1/Recordings.json"
    answer = http.request("POST", url, headers=worlds.basic_header("tx-1", archive.SECRET))
    assert (answer.status, "record_start" in answer.data.decode()) == (422, True)
