"""Delete the objects of a recording, or of its transcript, after its row says that it is deleted.

The row is written first, on condition that nobody has changed it. Otherwise a reader could delete
audio that now belongs to another user. Until the objects are deleted, the row has an `attempt`. So
if the function crashes or S3 refuses, a repeated request or the sweep deletes them.
"""

from callvault.models import TOMBSTONES, Recording, State
from callvault.storage import bucket, due, table
from callvault.values import Attempt

LEFT = Attempt(count=0, reason="not_deleted")
"""The `attempt` of a tombstone or a removed transcript whose objects are not deleted yet."""

DOCUMENT = "document_id"
"""Member of `extra` of a push of KAZOO, with the id of the document whose audio it is."""
LINKED = "recording_id"
"""Member of `extra` of the row of such a document, with the id of its push."""


def finish(row: Recording) -> Recording:
    """Delete the objects that a tombstone may have left and return its row.

    Raises UnavailableError.
    """
    if not due.has_objects_left(row):
        return row
    bucket.delete_transcript(row)
    if row.media is not None:
        bucket.delete(row.media.key)
    end_document(row)
    return table.note(row, attempt=None)


def end_document(push: Recording) -> None:
    """Turn the row of the document whose audio was a deleted push into a tombstone too.

    Otherwise lists would still show the recording under the document's id. Raises UnavailableError.
    """
    document_id = push.extra.get(DOCUMENT)
    if push.state not in TOMBSTONES or not isinstance(document_id, str):
        return
    row = table.get(push.account_id, document_id)
    # The sender of a push can name any document: only one that names this push too is ended.
    if row is not None and row.state is State.ABSENT and row.extra.get(LINKED) == push.recording_id:
        end_with(row, push)


def end_with(row: Recording, push: Recording) -> Recording:
    """Turn the row of a document into a tombstone like that of its push, and return it.

    It names the media that was deleted, so that only other audio may be stored under its id. Raises
    UnavailableError.
    """
    extra = row.extra | {LINKED: push.recording_id}
    what = f"{push.state} as {push.recording_id}"
    return table.change(row, what, state=push.state, reason=None, extra=extra, media=push.media, attempt=None)


def finish_transcript(row: Recording) -> None:
    """Delete the text of a transcript that a reader deleted; raises UnavailableError."""
    if row.transcript is not None and due.has_text_left(row):
        bucket.delete(row.transcript_key())
        table.note(row, transcript=row.transcript.model_copy(update={"attempt": None}))
