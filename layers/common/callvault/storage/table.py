"""Keep the recordings: one row each, which moves only forward. `rows.py` documents the attributes."""

from typing import Any

from callvault import clients, settings, times
from callvault.errors import UnavailableError
from callvault.models import TOMBSTONES, Event, Recording, bounded
from callvault.storage import due, rows

FACTS = (
    "call_id", "parent_call_id", "conference_id", "caller", "callee", "direction", "owner_id", "start_time", "end_time",
    "duration_ms", "channels", "format", "tag", "name", "transcription", "source_expires_time", "media",
)  # fmt: skip
"""The fields that news can bring, apart from the state."""
HISTORY_LENGTH = 40
CONFLICTS = 20
"""Writers of one row that may get in each other's way before one gives up: a provider repeats 30 times at most."""


def get(account_id: str, recording_id: str) -> Recording | None:
    """Return a recording as it stands, or None."""
    with clients.guard("table"):
        answer = clients.dynamodb().get_item(
            TableName=settings.get().table_name,
            Key=rows.key(account_id, recording_id),
            ConsistentRead=True,
        )
    return rows.read(answer["Item"]) if "Item" in answer else None


def put(news: Recording, what: str, *, known: Recording | None = None, backward: bool = False) -> Recording:
    """Merge news into a recording's row and return the row as it stands then.

    `what` is the line for the history; `known` is the row as last read, which saves a write that would fail; `backward`
    lets an operator's redrive do what no callback may. Raises UnavailableError.
    """
    for _ in range(CONFLICTS):
        merged = merge(known, news, what, backward=backward)
        if merged is known:
            return merged
        written, known = _replace(merged)
        if written:
            return merged
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def edit(known: Recording, what: str, **changes: Any) -> Recording | None:  # noqa: ANN401 - any field of Recording
    """Change fields that are ours in a row as read; None where another writer was faster."""
    edited = _stamp(known.model_copy(update=changes), known, what)
    return edited if _replace(edited)[0] else None


def merge(known: Recording | None, news: Recording, what: str, *, backward: bool = False) -> Recording:
    """Return what a row says once it has heard the news; the row itself where that is nothing new.

    News of a higher rank replace what was known, others only add what was missing. A tombstone stays as it is.
    """
    if known is None:
        time = times.now()
        listed_at = f"{times.write(news.start_time or time)}#{news.recording_id}"
        first = news.model_copy(update={"created_time": time, "listed_at": listed_at, "history": ()})
        return _stamp(_placed(first, news), None, what)
    if known.state in TOMBSTONES:
        return known
    further = news.rank > known.rank or backward
    changes: dict[str, Any] = {}
    if further:
        changes |= {"state": news.state, "reason": news.reason, "partial": news.partial}
        changes |= {"discrepancies": news.discrepancies} if news.media else {}
    for name in FACTS:
        value = getattr(news, name)
        if value is not None and (further or getattr(known, name) is None):
            changes[name] = value
    # Bounded, although each of the news is: a row that outgrew its limit could never move again.
    changes["extra"] = bounded(known.extra | news.extra if further else known.extra | news.extra | known.extra)
    merged = _placed(known.model_copy(update=changes), news)
    return known if merged == known else _stamp(merged, known, what)


def _placed(recording: Recording, news: Recording) -> Recording:
    """Return a recording with its S3 key, chosen once, as soon as its format says how the key ends."""
    if recording.media_key is not None or not (news.media_key or recording.format):
        return recording
    return recording.model_copy(update={"media_key": news.media_key or recording.key_for()})


def _stamp(merged: Recording, known: Recording | None, what: str) -> Recording:
    """Return a changed recording with the change counted and in its history."""
    time, history = times.now(), merged.history
    if what == due.SWEPT and due.sweeps(merged) >= due.MAX_DOUBLINGS:
        history = history[:-1]  # so that a long wait does not fill the history
    return merged.model_copy(
        update={
            "updated_time": time,
            "revision": (known.revision if known else 0) + 1,
            "history": (*history, Event(time=time, what=what))[-HISTORY_LENGTH:],
        }
    )


def _replace(recording: Recording) -> tuple[bool, Recording | None]:
    """Write a row if it still has the revision before this one; say whether, and if not, which row is there."""
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
