"""Encode a recording as its DynamoDB item, and decode it.

| attribute | content |
|---|---|
| `pk` | `<account_id>#<recording_id>` |
| `listed_at` | `<time>#<recording_id>`: the start time, or the time of the first announcement if |
|  | the start is unknown; changes only as long as the start is a claim (`places`); sort key of |
|  | all indexes but `by_due` |
| `account_month` | `<account_id>#<YYYYMM>` of `listed_at`; index `by_month` |
| `owner_month` | `<account_id>#<owner_id>#<YYYYMM>`; index `by_owner` |
| `call_key`, `conference_key` | `<account_id>#<value>`; indexes `by_call`, `by_conference` |
| `caller_key`, `callee_key` | `<account_id>#<value>`; indexes `by_caller`, `by_callee` |
| `due_shard`, `due_time` | partition and time of the index `by_due`; only while the row will be |
|  | due (`due.due_time`) |
| `extra`, `user_metadata`, `transcription` | JSON text, because their members vary |
| `file_format` | `format`, if it is a format that release 0.2.0 does not know and could not read |
| all others | the fields of `models.Recording`: times as text that sorts, null left out |

The indexes are KEYS_ONLY and sparse, so a change of state rewrites none but `by_due`.
"""

import json
from collections.abc import Mapping
from typing import Any

from callvault import clients, times
from callvault.bounds import MAX_KEY_BYTES
from callvault.models import Recording
from callvault.storage import due, shards

JSON_FIELDS = ("extra", "user_metadata", "transcription")
FIRST_FORMATS = frozenset({"wav", "mp3"})
"""The formats that release 0.2.0 knows.

After a rollback to that release, it reads a row of any other format as one without a format, and
still finds the type of the audio in `media`.
"""
KEYED = {"call_id": "call_key", "conference_id": "conference_key", "caller": "caller_key", "callee": "callee_key"}
"""Fields that have an index, each with the attribute that is the index's partition key."""


def key(account_id: str, recording_id: str) -> dict[str, Any]:
    """Return the primary key of a recording's row."""
    return clients.to_item({"pk": f"{account_id}#{recording_id}"})


def read(item: Mapping[str, Any]) -> Recording:
    """Return the recording of a DynamoDB item."""
    values = clients.from_item(dict(item))
    if "file_format" in values:
        values["format"] = values["file_format"]
    return Recording.model_validate(
        values | {name: json.loads(values[name]) for name in JSON_FIELDS if name in values},
    )


def write(recording: Recording) -> dict[str, Any]:
    """Return the DynamoDB item of a recording."""
    values = recording.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    values |= {name: json.dumps(values[name], ensure_ascii=False) for name in JSON_FIELDS if name in values}
    if values.get("format") not in {None, *FIRST_FORMATS}:
        values["file_format"] = values.pop("format")
    account, month = recording.account_id, f"{recording.listed_time:%Y%m}"
    values |= {"pk": f"{account}#{recording.recording_id}", "account_month": f"{account}#{month}"}
    keys = {KEYED[name]: f"{account}#{values[name]}" for name in KEYED if values.get(name)}
    keys |= {"owner_month": f"{account}#{recording.owner_id}#{month}"} if recording.owner_id else {}
    values |= {name: key for name, key in keys.items() if len(key.encode()) <= MAX_KEY_BYTES}
    due_time = due.due_time(recording)
    if due_time is not None:
        values |= {"due_shard": shards.shard_of(values["pk"]), "due_time": times.write(due_time)}
    return clients.to_item(values)
