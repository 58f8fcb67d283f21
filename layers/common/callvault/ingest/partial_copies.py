"""Keep the row's description of a partial copy up to date while the complete recording is awaited.

Readers get the partial copy until the complete recording is stored, also if that has failed
(`Recording.served`). So what happens to the copy changes the row's `media` and never its state.
"""

from callvault.ingest import overwrites
from callvault.models import Media, Recording, State
from callvault.storage import table

AWAITING = {State.PENDING, State.FAILED}
"""The states in which a complete recording is not in the bucket, but may be fetched."""


def is_one(row: Recording, media: Media | None) -> bool:
    """Return whether media are a partial copy of a complete recording that is awaited."""
    return media is not None and media.partial and not row.partial and row.state in AWAITING


def note_verified(row: Recording, media: Media) -> None:
    """Record that a partial copy is whole in the bucket, and what was measured.

    If the row records another copy, the row stays unchanged: the copy of the complete recording
    replaces that one (`media.copy`). If the row records none, the copy may have been removed, and
    its version may be left under a delete marker. Raises UnavailableError.
    """
    is_there = row.media.version_id == media.version_id if row.media else overwrites.is_current(media)
    if is_there and row.media != media:
        table.change(row, "partial copy verified", media=media)


def note_removed(row: Recording, state: State) -> None:
    """Record that a partial copy was removed from the bucket, so that no reader is sent to it.

    `state` says how: deleted or expired. The complete recording is still fetched, and stored as the
    first object. Raises UnavailableError.
    """
    table.change(row, f"partial copy {state} in the bucket", media=None)
