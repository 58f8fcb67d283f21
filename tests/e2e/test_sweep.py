"""The sweep, by the template's schedule."""

import time
from datetime import timedelta

from callvault import rows, table, times
from callvault.models import Recording, State
from tools import audio_samples
from tools.local import standins
from tools.local.stack import Stack
from tools.local.standins import Reply

SECONDS = 30


def test_a_row_that_nobody_fetches_ends_verified(stack: Stack) -> None:
    fields = {"account_id": "swept", "recording_id": "r-1", "provider": "bandwidth", "state": State.PENDING}
    row = table.merge(None, Recording.model_validate(fields | {"call_id": "c-1", "format": "wav"}), "callback")
    lost = row.model_copy(update={"updated_time": times.now() - timedelta(hours=2)})
    with standins.running() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        api = {"origin": standin.origin, "username": "user", "password": "password"}
        stack.put_account("swept", {"provider": "bandwidth", "api": api})
        stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=rows.write(lost))
        assert stack.run_schedule("SweepRecordings") == [{"pending": 1}]
        deadline = time.monotonic() + SECONDS
        while (found := read(stack)).state is not State.VERIFIED and time.monotonic() < deadline:
            time.sleep(0.1)
    assert [event.what for event in found.history] == ["callback", "swept", "stored", "verified"]


def read(stack: Stack) -> Recording:
    """Return the row as it stands; other files' messages may wait in the queues meanwhile."""
    where = {"TableName": stack.outputs["TableName"], "Key": rows.key("swept", "r-1")}
    return rows.read(stack.client("dynamodb").get_item(ConsistentRead=True, **where)["Item"])
