"""The sweep, by the template's schedule."""

import json
import time
from datetime import timedelta

from callvault import times
from callvault.models import Recording, State
from callvault.storage import rows, table
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.stack import Stack

SECONDS = 30


def test_rows_without_a_message_end_verified(stack: Stack) -> None:
    lost, untold = made("r-1", State.PENDING, 2), made("r-2", State.ANNOUNCED, 7)
    resource = {"recordingId": "r-2", "callId": "c-1", "status": "complete", "fileFormat": "wav"}
    with standins.Standin() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        api = {"origin": standin.origin, "username": "user", "password": "password"}
        stack.put_account("swept", {"provider": "bandwidth", "api": api})
        path = "/api/v2/accounts/swept/calls/c-1/recordings/r-2"
        standin.serve(path, Reply(body=json.dumps(resource).encode()))
        for row in (lost, untold):
            stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=rows.write(row))
        answers = stack.run_schedule("SweepRecordings")
        assert {"pending": 1, "announced": 1, "settled": 1} in answers
        assert [answer["silent"] for answer in answers if "silent" in answer] == [0]
        deadline = time.monotonic() + SECONDS
        found: dict[str, State] = {}
        while set(found.values()) != {State.VERIFIED} and time.monotonic() < deadline:
            found = {name: read(stack, name).state for name in ("r-1", "r-2")}
            time.sleep(0.1)
    assert lines(stack, "r-1") == ["callback", "swept", "stored", "verified"]
    assert lines(stack, "r-2") == ["callback", "swept", "looked up pending", "stored", "verified"]


def made(recording_id: str, state: State, hours: float) -> Recording:
    """Return a row whose last change was this many hours ago."""
    fields = {"account_id": "swept", "recording_id": recording_id, "provider": "bandwidth", "state": state}
    row = table.merge(None, Recording.model_validate(fields | {"call_id": "c-1", "format": "wav"}), "callback")
    return row.model_copy(update={"updated_time": times.now() - timedelta(hours=hours)})


def lines(stack: Stack, recording_id: str) -> list[str]:
    return [event.what for event in read(stack, recording_id).history]


def read(stack: Stack, recording_id: str) -> Recording:
    """Return the current row; the queues may hold messages of other tests."""
    where = {"TableName": stack.outputs["TableName"], "Key": rows.key("swept", recording_id)}
    return rows.read(stack.client("dynamodb").get_item(ConsistentRead=True, **where)["Item"])
