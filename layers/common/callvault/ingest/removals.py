"""End a recording whose audio was deleted in the bucket, unless other audio took its place."""

from callvault.ingest import overwrites, pushes, storing
from callvault.messaging import event_bus
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import TOMBSTONES, Recording, State
from callvault.storage import bucket, table
from callvault.transcript import removed


def notice(change: ObjectChange, row: Recording) -> None:
    """Turn the row into a tombstone if its audio was deleted, and publish an event.

    A late event of an earlier copy changes nothing: the copy of the complete recording is the
    current version. Nor does it if the recording is pending or failed: what was removed is a
    corrupt or a partial copy, and the recording can still be had from its provider. A reader's
    deletion writes the tombstone first, and an earlier attempt may have been cut off, so what
    follows is done for a tombstone too.
    """
    if row.media is None or not (change.marker or change.version_id in {None, row.media.version_id}):
        return
    if row.state not in pushes.KEPT | TOMBSTONES or (change.marker and overwrites.is_current(row.media)):
        return
    end(row, State.EXPIRED if change.kind is ChangeKind.EXPIRED else State.DELETED)


def end(row: Recording, state: State) -> None:
    """Turn the row into a tombstone, and publish an event, unless its audio was replaced."""
    tombstone = row.model_copy(update={"state": state, "reason": None, "transcript": removed(row.transcript)})
    believed = unless_replaced(row.media.version_id if row.media else None, pending=False)
    written = table.put(tombstone, f"{state} in the bucket", known=row, believed=believed)
    if written.state in TOMBSTONES:
        bucket.delete_transcript(written)
        event_bus.publish(event_bus.DetailType.DELETED, written)


def unless_replaced(version_id: str | None, *, pending: bool) -> storing.Believed:
    """Return what to believe of bad news of a version: nothing if other audio took its place.

    Since the row was read, another writer may have stored another version. Or the recording may
    have none yet; then the news counts only if it is of a `pending` version.
    """

    def believed(update: Recording, known: Recording | None) -> Recording:
        if known is None:
            return update
        other = known.media is not None and known.media.version_id != version_id
        if known.state in pushes.KEPT:
            return known if other else update
        return update if pending else known

    return believed
