"""The sweep, by the template's schedule."""

import json
from datetime import timedelta

from callvault import times
from callvault.models import Recording, State
from callvault.storage import table
from tests import worlds
from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.stack import Stack


def test_rows_without_a_message_end_verified(stack: Stack) -> None:
    lost, untold = made("r-1", State.PENDING, 2), made("r-2", State.ANNOUNCED, 7)
    resource = {"recordingId": "r-2", "callId": "c-1", "status": "complete", "fileFormat": "wav"}
    with standins.Standin() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        stack.put_account("swept", worlds.parameter(api=worlds.basic_api(standin)))
        path = "/api/v2/accounts/swept/calls/c-1/recordings/r-2"
        standin.serve(path, Reply(body=json.dumps(resource).encode()))
        for row in (lost, untold):
            archive.put_row(stack, row)
        answers = stack.run_schedule("SweepRecordings")
        assert {"pending": 1, "announced": 1, "settled": 1} in answers
        assert [answer["silent"] for answer in answers if "silent" in answer] == [0]
        worlds.until(lambda: {read(stack, name).state for name in ("r-1", "r-2")} == {State.VERIFIED})
    assert lines(stack, "r-1") == ["callback", "swept", "stored", "verified"]
    assert lines(stack, "r-2") == ["callback", "swept", "looked up pending", "stored", "verified"]


def made(recording_id: str, state: State, hours: float) -> Recording:
    """Return a row whose last change was this many hours ago."""
    seen = worlds.recording(recording_id, account_id="swept", state=state, call_id="c-1", format="wav")
    row = table.merge(None, seen, "callback")
    return row.model_copy(update={"updated_time": times.now() - timedelta(hours=hours)})


def lines(stack: Stack, recording_id: str) -> list[str]:
    return [event.what for event in read(stack, recording_id).history]


def read(stack: Stack, recording_id: str) -> Recording:
    """Return the current row; the queues may hold messages of other tests."""
    found = archive.row(stack, "swept", recording_id)
    assert found is not None
    return found
