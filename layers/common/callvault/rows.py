"""Turn a recording into its DynamoDB item and back.

| attribute | content |
|---|---|
| `pk` | `<account_id>#<recording_id>` |
| `listed_at` | `<time>#<recording_id>`, the start or else when first heard of; fixed; sorts all indexes but `by_due` |
| `account_month` | `<account_id>#<YYYYMM>` of `listed_at`; index `by_month` |
| `owner_month` | `<account_id>#<owner_id>#<YYYYMM>`; index `by_owner` |
| `call_key`, `conference_key` | `<account_id>#<value>`; indexes `by_call`, `by_conference` |
| `caller_key`, `callee_key` | `<account_id>#<value>`; indexes `by_caller`, `by_callee` |
| `due_shard`, `due_time` | only while the row waits: a number that spreads the load, and when to look; index `by_due` |
| `extra`, `user_metadata`, `transcription` | JSON text, because their content is not ours |
| all others | the fields of `models.Recording`; times are text that sorts, what is null is left out |

The indexes are KEYS_ONLY and sparse, so a change of state rewrites none but `by_due`.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from callvault import clients, times
from callvault.models import Recording, State

JSON_FIELDS = ("extra", "user_metadata", "transcription")
KEYED = {"call_id": "call_key", "conference_id": "conference_key", "caller": "caller_key", "callee": "callee_key"}
SHARDS = 8
SWEPT = "swept"
"""The history's word for a row that was taken up again."""
MOST_DOUBLINGS = 5
MAX_KEY_BYTES = 2048
"""DynamoDB refuses a whole item for the sake of one longer key."""
DUE_AFTER = {State.ANNOUNCED: timedelta(hours=6), State.PENDING: timedelta(hours=1), State.STORED: timedelta(hours=1)}


def key(account_id: str, recording_id: str) -> dict[str, Any]:
    """Return the primary key of a recording's row."""
    return clients.to_item({"pk": f"{account_id}#{recording_id}"})


def read(item: Mapping[str, Any]) -> Recording:
    """Return the recording of a DynamoDB item."""
    values = clients.from_item(dict(item))
    return Recording.model_validate(
        values | {name: json.loads(values[name]) for name in JSON_FIELDS if name in values},
    )


def write(recording: Recording) -> dict[str, Any]:
    """Return the DynamoDB item of a recording."""
    values = recording.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    values |= {name: json.dumps(values[name], ensure_ascii=False) for name in JSON_FIELDS if name in values}
    account, month = recording.account_id, f"{recording.listed_time:%Y%m}"
    values |= {"pk": f"{account}#{recording.recording_id}", "account_month": f"{account}#{month}"}
    keys = {KEYED[name]: f"{account}#{values[name]}" for name in KEYED if values.get(name)}
    keys |= {"owner_month": f"{account}#{recording.owner_id}#{month}"} if recording.owner_id else {}
    values |= {name: key for name, key in keys.items() if len(key.encode()) <= MAX_KEY_BYTES}
    if recording.state in DUE_AFTER:
        values["due_shard"] = str(zlib.crc32(values["pk"].encode()) % SHARDS)
        values["due_time"] = times.write(due_time(recording))
    return clients.to_item(values)


def due_time(recording: Recording) -> datetime:
    """Return when to look at a waiting row: after its state's time, twice as long each time that it was swept."""
    swept = sum(event.what == SWEPT for event in recording.history)
    return (recording.updated_time or times.now()) + DUE_AFTER[recording.state] * (1 << min(swept, MOST_DOUBLINGS))
