"""Store the text of a transcription beside the audio, and read it back."""

import hashlib
from contextlib import closing

from callvault.errors import ConflictError, MissingObjectError, UnavailableError
from callvault.models import Recording
from callvault.storage import bucket
from callvault.transcript import CONTENT_TYPE, TranscriptText


def store(row: Recording, body: bytes) -> TranscriptText:
    """Store a text, read it back, and return it as stored; raises UnavailableError.

    The text of a later transcription becomes a newer version of the same object. So does the text
    that replaces one that a crashed attempt stored and no row records.
    """
    key, known = row.transcript_key(), row.transcript.text if row.transcript else None
    condition = {"IfMatch": known.etag} if known and known.etag else {"IfNoneMatch": "*"}
    try:
        stored = bucket.put(row, body, CONTENT_TYPE, condition, key=key)
    except MissingObjectError:  # the object was removed, and its event is late or was lost
        stored = bucket.put(row, body, CONTENT_TYPE, {"IfNoneMatch": "*"}, key=key)
    except ConflictError:
        stored = bucket.put(row, body, CONTENT_TYPE, {"IfMatch": bucket.head(key)["ETag"]}, key=key)
    sha256, version_id = hashlib.sha256(body).hexdigest(), stored.get("VersionId")
    found = bucket.get(key, version_id)
    if found is None:
        raise UnavailableError("unread", "The text could not be read back.")
    with closing(found):
        if hashlib.sha256(found.read()).hexdigest() != sha256 or found.metadata.get("sha256") != sha256:
            raise UnavailableError("corrupt", "The stored bytes are not the received bytes.")
    return TranscriptText(key=key, version_id=version_id, etag=stored["ETag"], size=len(body), sha256=sha256)
