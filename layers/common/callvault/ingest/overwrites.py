"""Note that somebody wrote another object under a recording's key.

Readers still get the version that the row records as stored.
"""

from contextlib import closing

from aws_lambda_powertools import Logger

from callvault.messaging.bucket_events import ObjectChange
from callvault.models import Media, Recording
from callvault.storage import bucket, notes, table
from callvault.transcript import TranscriptText

logger = Logger(child=True)


def note(change: ObjectChange, row: Recording) -> None:
    """Record a version that the row does not record as stored; raises UnavailableError.

    Each one is logged, and the first `notes.MAX_OF_KIND` are noted in the row.
    The event of a copy that the archive itself has replaced may be late or come twice. Such an
    event is no overwrite.
    """
    found = f"{notes.OVERWRITTEN}, version {change.version_id}"
    if found in row.discrepancies or (row.media is not None and is_current(row.media)):
        return
    logger.error("Another object was written under a recording's key", extra={"recording": row.recording_id})
    noted = notes.added(row.discrepancies, found)
    if noted != row.discrepancies:
        table.change(row, "overwritten", discrepancies=noted)


def is_current(stored: Media | TranscriptText) -> bool:
    """Return whether a stored version is still the current one, so that all others are older.

    A GET without a version returns the current version (S3 user guide, "Retrieving object versions
    from a versioning-enabled bucket").
    """
    current = bucket.get(stored.key)
    if current is None:
        return False
    with closing(current):
        return current.version_id == stored.version_id
