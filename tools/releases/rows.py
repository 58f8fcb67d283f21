"""Rows of the table: each state, each provider, and all fields that a row may have."""

from typing import Any

from callvault import clients, providers, settings
from callvault.models import Media, Recording, State
from callvault.storage import rows, table
from tools.releases import world

CHANGED = frozenset({"extra", "history", "revision", "updated_time", "due_shard", "due_time"})
"""Attributes that an update of a row changes. All others must survive it."""
FIELDS: dict[str, Any] = {
    "reason": "answered: no",
    "partial": True,
    "call_id": "c-1",
    "parent_call_id": "c-0",
    "conference_id": "CF-1",
    "caller": "sip:anna@example.com",
    "callee": "+15551110001",
    "direction": "inbound",
    "owner_id": "u1",
    "start_time": "2026-11-25T23:59:59.250Z",
    "end_time": "2026-11-26T00:01:00.000Z",
    "duration_ms": 60500,
    "channels": 2,
    "format": "mp3",
    "tag": "a tag, ünicode 😀",
    "name": "a name",
    "transcription": {"id": "t-1", "nested": {"numbers": [1, 2.5, None], "empty": ""}},
    "extra": {"endReason": "hangup", "nested": {"true": True}, "empty": ""},
    "source_expires_time": "2026-12-25T00:00:00.000Z",
    "upload_sha256": "ab" * 32,
    "transcript": {
        "state": "pending",
        "reason": "gone",
        "attempt": {"count": 2, "reason": "http_404", "next_time": "2026-11-26T12:10:00.000Z"},
        "transcription_id": "t-1",
        "completed_time": "2026-11-26T00:02:00.000Z",
        "source_expires_time": "2026-12-26T00:02:00.000Z",
        "text": {
            "key": "transcripts/acme/2026/11/25/r.json",
            "version_id": "v-2",
            "etag": '"0123456789abcdef0123456789abcdef"',
            "size": 1000,
            "sha256": "cd" * 32,
        },
    },
    "attempt": {
        "count": 5,
        "reason": "http_503",
        "next_time": "2026-11-26T12:10:00.000Z",
        "first_time": "2026-11-26T11:00:00.000Z",
        "in_table": True,
        "origin": "https://api.example.com",
    },
}
"""A value for each field that a provider or its API can set."""
MEDIA = {
    "key": "media/acme/2026/11/25/r.mp3",
    "version_id": "v-1",
    "etag": '"0123456789abcdef0123456789abcdef"',
    "size": 1_000_000,
    "sha256": "ab" * 32,
    "content_type": "audio/mpeg",
    "partial": True,
    "codec": "mp3",
    "channels": 2,
    "sample_rate": 8000,
    "duration_ms": 60480,
}
WITH_MEDIA = {State.STORED, State.VERIFIED, State.EXPIRED, State.DELETED}


def write() -> dict[str, Any]:
    """Return the items of rows that `table.put` and `table.edit` wrote."""
    written = {f"state {state}": _full(state) for state in State}
    for provider in providers.PROVIDERS:
        written[f"provider {provider}"] = _put(provider, f"of {provider}", state=State.PENDING, call_id="c-1")
    written["nothing but the ids"] = _put("kazoo", "bare#id/ü %7E", state=State.ANNOUNCED)
    parts = Media.model_validate(MEDIA | {"etag": '"0123456789abcdef0123456789abcdef-3"', "partial": False})
    complete = values(State.VERIFIED) | {"partial": False, "media": parts}
    written["complete, of several parts"] = _put("twilio", "parts", **complete)
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a row's recording, the row after an update, and attributes that the update lost."""
    world.put_item(written)
    found = rows.read(written)
    update = Recording(
        account_id=found.account_id,
        recording_id=found.recording_id,
        provider=found.provider,
        state=State.ANNOUNCED,
        parent_call_id="c-later",
        extra={"later": "yes"},
    )
    merged = table.put(update, "a later callback", known=table.get(found.account_id, found.recording_id))
    after = _item(merged)
    return {
        "recording": found.model_dump(mode="json"),
        "updated": merged.model_dump(mode="json"),
        "lost": sorted(_lost(written, after)),
    }


def _full(state: State) -> dict[str, Any]:
    """Return the row of a recording in a state, with every field that the state allows."""
    provider = list(providers.PROVIDERS)[list(State).index(state) % len(providers.PROVIDERS)]
    return _put(provider, f"in {state}", **values(state))


def values(state: State) -> dict[str, Any]:
    """Return every field that the row of a recording in a state may have."""
    media = Media.model_validate(MEDIA) if state in WITH_MEDIA else None
    found = FIELDS | {"state": state, "media": media}
    if state not in {State.FAILED, State.ABSENT}:
        del found["reason"]
    if state is not State.PENDING:
        del found["attempt"]
    return found | ({"discrepancies": ("the duration differs by 20 ms",)} if media else {})


def _put(provider: str, recording_id: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of Recording
    """Write a row, edit it as a reader does, and return its item."""
    ids = {"account_id": world.account_id(provider), "recording_id": recording_id, "provider": provider}
    row = table.put(Recording.model_validate(ids | fields), f"callback {fields['state']}")
    if row.media or row.reason:
        row = table.edit(row, "edited by ops", user_metadata={"note": "ünicode", "nested": {"a": [1]}}) or row
    return _item(row)


def _item(row: Recording) -> dict[str, Any]:
    """Return the item of a row."""
    found = clients.dynamodb().get_item(
        TableName=settings.get().table_name, Key=rows.key(row.account_id, row.recording_id), ConsistentRead=True
    )
    return dict(found["Item"])


def _lost(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the names of the attributes that an update lost, and of lists that it shortened."""
    lost = {name for name in before.keys() - CHANGED if after.get(name) != before[name]}
    history = before["history"]["L"]
    return lost | ({"history"} if after["history"]["L"][: len(history)] != history else set())
