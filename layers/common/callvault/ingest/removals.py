"""End a recording whose audio was deleted in the bucket, unless other audio took its place."""

from callvault.ingest import overwrites, partial_copies, pushes, storing
from callvault.messaging import event_bus
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import TOMBSTONES, Recording, State
from callvault.storage import bucket, table, tombstones
from callvault.transcript import removed


def notice(change: ObjectChange, row: Recording) -> None:
    """Turn the row into a tombstone if its audio was deleted, and publish an event.

    A late event of an earlier copy changes nothing, because the copy of the complete recording is
    then the current version. If the recording is pending or failed, the removed object is a corrupt
    or partial copy, and the provider may still have the recording. So the state stays, and the row
    only loses a partial copy. For a tombstone, the transcript is deleted and the event is published
    again, because a reader's deletion writes the tombstone first, and an earlier attempt may have
    been cut off. Raises UnavailableError.
    """
    if row.media is None or not (change.marker or change.version_id in {None, row.media.version_id}):
        return
    if change.marker and overwrites.is_current(row.media):
        return
    end(row, State.EXPIRED if change.kind is ChangeKind.EXPIRED else State.DELETED)


def end(row: Recording, state: State) -> None:
    """Turn the row into a tombstone, and publish an event, unless its audio was replaced.

    If the complete recording is awaited, even since the row was read, only the partial copy ends.
    Raises UnavailableError.
    """
    now = _ended(row, state) if row.state in pushes.KEPT | TOMBSTONES else row
    is_same = row.media is None or (now.media is not None and now.media.version_id == row.media.version_id)
    if is_same and partial_copies.is_one(now, now.media):
        partial_copies.note_removed(now, state)


def _ended(row: Recording, state: State) -> Recording:
    """Turn the row into a tombstone, and publish an event; return the row as it is then.

    A row whose audio was replaced, or is to be replaced, stays unchanged.
    """
    tombstone = row.model_copy(update={"state": state, "reason": None, "transcript": removed(row.transcript)})
    believed = unless_replaced(row.media.version_id if row.media else None, pending=False)
    written = table.put(tombstone, f"{state} in the bucket", known=row, believed=believed)
    if written.state in TOMBSTONES:
        bucket.delete_transcript(written)
        tombstones.end_document(written)
        event_bus.publish(event_bus.DetailType.DELETED, written)
    return written


def unless_replaced(version_id: str | None, *, pending: bool) -> storing.Believed:
    """Return a `believed` that ignores an update about a version that other audio replaced.

    Since the row was read, another writer may have stored another version. If the recording has no
    stored version yet, the update counts only with `pending`.
    """

    def believed(update: Recording, known: Recording | None) -> Recording:
        if known is None:
            return update
        other = known.media is not None and known.media.version_id != version_id
        if known.state in pushes.KEPT:
            return known if other else update
        return update if pending else known

    return believed
