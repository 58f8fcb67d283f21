"""The sweep, by the template's schedule."""

from datetime import timedelta

from callvault import rows, table, times
from callvault.models import Recording, State
from tools import audio_samples
from tools.local import standins
from tools.local.stack import Stack
from tools.local.standins import Reply


def test_a_row_that_nobody_fetches_ends_verified(stack: Stack) -> None:
    fields = {"account_id": "swept", "recording_id": "r-1", "provider": "bandwidth", "state": State.PENDING}
    row = table.merge(None, Recording.model_validate(fields | {"call_id": "c-1", "format": "wav"}), "callback")
    lost = row.model_copy(update={"updated_time": times.now() - timedelta(hours=2)})
    where = {"TableName": stack.outputs["TableName"]}
    with standins.running() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        api = {"origin": standin.origin, "username": "user", "password": "password"}
        stack.put_account("swept", {"provider": "bandwidth", "api": api})
        stack.client("dynamodb").put_item(Item=rows.write(lost), **where)
        assert stack.run_schedule("SweepRecordings") == [{"pending": 1}]
        stack.drain()
    item = stack.client("dynamodb").get_item(Key=rows.key("swept", "r-1"), **where)["Item"]
    assert [event.what for event in rows.read(item).history] == ["callback", "swept", "stored", "verified"]
