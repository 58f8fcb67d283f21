"""Turn a recording into its DynamoDB item and back.

| attribute | content |
|---|---|
| `pk` | `<account_id>#<recording_id>` |
| `listed_at` | `<time>#<recording_id>`, the start or else when first heard of; fixed; sorts all indexes but `by_due` |
| `account_month` | `<account_id>#<YYYYMM>` of `listed_at`; index `by_month` |
| `owner_month` | `<account_id>#<owner_id>#<YYYYMM>`; index `by_owner` |
| `call_key`, `conference_key` | `<account_id>#<value>`; indexes `by_call`, `by_conference` |
| `caller_key`, `callee_key` | `<account_id>#<value>`; indexes `by_caller`, `by_callee` |
| `due_shard`, `due_time` | only while `due_time()` has one: a number that spreads the load, and when; index `by_due` |
| `extra`, `user_metadata`, `transcription` | JSON text, because their content is not ours |
| all others | the fields of `models.Recording`; times are text that sorts, what is null is left out |

The indexes are KEYS_ONLY and sparse, so a change of state rewrites none but `by_due`.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from callvault import clients, times
from callvault.models import MAX_KEY_BYTES, Recording, State

JSON_FIELDS = ("extra", "user_metadata", "transcription")
KEYED = {"call_id": "call_key", "conference_id": "conference_key", "caller": "caller_key", "callee": "callee_key"}
SHARDS = 8
SWEPT = "swept"
"""The history's word for a row that was taken up again."""
LAST_ATTEMPT = "last attempt"
"""The history's word for a failed row that was tried once more before its provider deletes it."""
MOST_DOUBLINGS = 5
EXPIRY_WINDOW = timedelta(hours=72)
"""How long before its provider deletes it a recording that is not stored is watched."""
EXPIRY_GAP = timedelta(hours=1)
"""How often it is looked at in that time, at least."""
AT_RISK = {State.ANNOUNCED, State.PENDING, State.FAILED}
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
    due = due_time(recording)
    if due is not None:
        values["due_shard"] = str(zlib.crc32(values["pk"].encode()) % SHARDS)
        values["due_time"] = times.write(due)
    return clients.to_item(values)


def due_time(recording: Recording) -> datetime | None:
    """Return when to look at a row, None for one that waits for nothing.

    A waiting row is due after its state's time, twice as long each time that it was swept in vain. What the provider
    deletes soon and is not stored is due sooner, a failed row too: hourly in the last 72 hours.
    """
    updated, usual = recording.updated_time or times.now(), None
    if recording.state in DUE_AFTER:
        usual = updated + DUE_AFTER[recording.state] * (1 << min(sweeps(recording), MOST_DOUBLINGS))
    expiry = recording.source_expires_time
    if expiry is None or recording.state not in AT_RISK or recording.media is not None:
        return usual
    watched = max(expiry - EXPIRY_WINDOW, updated + EXPIRY_GAP)
    if watched >= expiry:
        return usual
    return watched if usual is None else min(usual, watched)


def is_expiring(recording: Recording) -> bool:
    """Say whether the provider deletes a recording within 72 hours that is not stored."""
    expiry, now = recording.source_expires_time, times.now()
    if expiry is None or recording.state not in AT_RISK or recording.media is not None:
        return False
    return now < expiry <= now + EXPIRY_WINDOW


def sweeps(recording: Recording) -> int:
    """Return how often a row was swept since something else happened to it."""
    return sum(1 for _ in takewhile(lambda event: event.what == SWEPT, reversed(recording.history)))
