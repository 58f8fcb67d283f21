"""The table of recordings, one row each. A row's state only advances, unless `backward` is set.

`rows` documents the attributes. Every write names the revision that it read, so no writer can
overwrite the change of another.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callvault import clients, settings, times, transcript
from callvault.bounds import joined
from callvault.errors import UnavailableError
from callvault.models import TOMBSTONES, Event, Recording
from callvault.storage import due, history, news, notes, ownership, places, rows

MAX_CONFLICTS = 20
"""Maximum number of attempts to write a row that other writers keep changing.

A provider repeats a callback at most 30 times, and hardly ever at the same moment.
"""


def get(account_id: str, recording_id: str) -> Recording | None:
    """Return the current row of a recording, or None; raises UnavailableError."""
    with clients.guard("table"):
        answer = clients.dynamodb().get_item(
            TableName=settings.get().table_name,
            Key=rows.key(account_id, recording_id),
            ConsistentRead=True,
        )
    return rows.read(answer["Item"]) if "Item" in answer else None


def put(
    update: Recording,
    what: str,
    *,
    known: Recording | None = None,
    backward: bool = False,
    time: datetime | None = None,
    entry: bool = False,
    believed: Callable[[Recording, Recording | None], Recording] = lambda update, _: update,
) -> Recording:
    """Merge an update into the row of its recording, and return the row.

    `what` is the history entry, and `time` the time that it has if that is not now. `known` is the
    row as last read. Without it, the first write to an existing row fails, and the next one merges
    the update into that row.

    What the update only copied from the row as read is ignored, so that it replaces nothing later
    (see `news`). With `entry`, an entry is written even if the update has no news, unless the
    history has one that says the same. `backward` lets the update move the row back to a lower
    rank, which no callback may do. `believed` gets the update and the row, and returns the update
    as far as it is trusted, or the row itself to leave the row unchanged. It is called again if
    another writer has changed the row. Raises UnavailableError.
    """
    update = news.of(update, known, what)
    for _ in range(MAX_CONFLICTS):
        told = believed(update, known)
        if told is known:
            return told
        merged = merge(known, told, what, backward=backward, time=time, entry=entry)
        if merged is known:
            return merged
        written, known = _replace(merged)
        if written:
            return merged
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def edit(known: Recording, what: str, **changes: Any) -> Recording | None:  # noqa: ANN401 - any field of Recording
    """Change fields of a row as read and return it; None if another writer has changed it."""
    edited = _stamp(known.model_copy(update=changes), known, what)
    return edited if _replace(edited)[0] else None


def change(known: Recording, what: str, **changes: Any) -> Recording:  # noqa: ANN401 - any field of Recording
    """Do what `edit` does; raises UnavailableError if another writer has changed the row."""
    changed = edit(known, what, **changes)
    if changed is None:
        raise UnavailableError("table_conflict", "Another writer changed the recording at the same time.")
    return changed


def note(known: Recording, **changes: Any) -> Recording:  # noqa: ANN401 - any field of Recording
    """Record an attempt, or that a recording is still announced, in a row as read, and return it.

    Do nothing if another writer has changed the row. The history and the time of the
    last change stay.
    """
    noted = known.model_copy(update={**changes, "revision": known.revision + 1})
    return noted if _replace(noted)[0] else known


def merge(
    known: Recording | None,
    update: Recording,
    what: str,
    *,
    backward: bool = False,
    time: datetime | None = None,
    entry: bool = False,
) -> Recording:
    """Return the row with an update merged in, or `known` itself if that changes nothing.

    An update of a higher rank replaces what was known. Any other update only fills in what was
    missing. A tombstone never changes. The owner decides who may read the recording, so no update
    replaces a known owner; only `edit` does.
    """
    if known is None:
        return _first(update, what, time)
    if known.state in TOMBSTONES:
        return known
    further = update.rank > known.rank or backward
    changes = (_state(known, update) if further else {}) | _facts(known, update, further=further)
    changes["transcript"] = transcript.merged(known.transcript, update.transcript)
    is_described = known.transcription is not None
    if transcript.lacks_description(known.transcript, changes["transcript"], is_described=is_described):
        changes.pop("transcription", None)
    elif update.transcription and changes["transcript"] != known.transcript:
        changes["transcription"] = update.transcription
    # Each update is within the limit, but their union may exceed it, and then DynamoDB would refuse
    # the row.
    news = {name: value for name, value in update.extra.items() if further or name not in known.extra}
    changes["extra"] = joined(known.extra, news)
    placed = _placed(known.model_copy(update=changes), update)
    merged = notes.dated(ownership.owned(placed, known, update, what))
    lacks_entry = entry and history.lacks(known.history, what)
    return known if merged == known and not lacks_entry else _stamp(merged, known, what, time)


def _first(update: Recording, what: str, time: datetime | None) -> Recording:
    """Return the row of a recording that has no row yet."""
    created = time or times.now()
    listed_at = places.of(update.recording_id, update.start_time, created)
    row = update.model_copy(update={"created_time": created, "listed_at": listed_at, "history": ()})
    return _stamp(notes.dated(_placed(row, update)), None, what, time)


def _state(known: Recording, update: Recording) -> dict[str, Any]:
    """Return the fields that say how far a recording has come."""
    fields = {"state": update.state, "reason": update.reason, "partial": update.partial, "attempt": None}
    found = notes.added(update.discrepancies, *notes.lasting(known.discrepancies))
    return fields | ({"discrepancies": found} if update.media else {})


def _facts(known: Recording, update: Recording, *, further: bool) -> dict[str, Any]:
    """Return the facts that an update sets: all of them if `further`, else only missing ones."""
    facts = {name: value for name in news.FACTS if (value := getattr(update, name)) is not None}
    return facts if further else {name: facts[name] for name in facts if getattr(known, name) is None}


def _placed(recording: Recording, update: Recording) -> Recording:
    """Return a recording with its S3 key, which is chosen once, when its format is first known."""
    if recording.media_key is not None or not (update.media_key or recording.format):
        return recording
    return recording.model_copy(update={"media_key": update.media_key or recording.key_for()})


def _stamp(merged: Recording, known: Recording | None, what: str, time: datetime | None = None) -> Recording:
    """Return a changed row with the change counted and added to its history."""
    now, events = times.now(), merged.history
    if what == due.SWEPT and due.sweeps(merged) >= due.MAX_DOUBLINGS:
        events = events[:-1]  # so that a long wait does not fill the history
    return merged.model_copy(
        update={
            "updated_time": now,
            "revision": (known.revision if known else 0) + 1,
            "history": history.shortened((*events, Event(time=time or now, what=what))),
        }
    )


def _replace(recording: Recording) -> tuple[bool, Recording | None]:
    """Write a row if the table still has the revision before it.

    The first revision is written only if the table has no row of the recording. Return whether it
    was written and, if not, the row that is in the table. Raises UnavailableError.
    """
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if recording.revision > 1:
        condition = {
            "ConditionExpression": "revision = :before",
            "ExpressionAttributeValues": clients.to_item({":before": recording.revision - 1}),
        }
    table = clients.dynamodb()
    with clients.guard("table"):
        try:
            table.put_item(
                TableName=settings.get().table_name,
                Item=rows.write(recording),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except table.exceptions.ConditionalCheckFailedException as error:
            item: Any = error.response.get("Item")
            return False, rows.read(item) if item else get(recording.account_id, recording.recording_id)
    return True, None
