"""Delete the objects of a recording, or of its transcript, after its row says that it is deleted.

The row is written first, on condition that nobody has changed it. Otherwise a reader could delete
audio that now belongs to another user. Until the objects are deleted, the row has an `attempt`. So
if the function crashes or S3 refuses, a repeated request or the sweep deletes them.
"""

from callvault.models import Recording
from callvault.storage import bucket, due, table
from callvault.values import Attempt

LEFT = Attempt(count=0, reason="not_deleted")
"""The `attempt` of a tombstone or a removed transcript whose objects are not deleted yet."""


def finish(row: Recording) -> Recording:
    """Delete the objects that a tombstone may have left and return its row.

    Raises UnavailableError.
    """
    if not due.has_objects_left(row):
        return row
    bucket.delete_transcript(row)
    if row.media is not None:
        bucket.delete(row.media.key)
    return table.note(row, attempt=None)


def finish_transcript(row: Recording) -> None:
    """Delete the text of a transcript that a reader deleted; raises UnavailableError."""
    if row.transcript is not None and due.has_text_left(row):
        bucket.delete(row.transcript_key())
        table.note(row, transcript=row.transcript.model_copy(update={"attempt": None}))
