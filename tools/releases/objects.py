"""Objects in the bucket; metadata and tags identify the recording and give its SHA-256."""

import base64
import hashlib
import struct
from typing import Any
from urllib.parse import urlencode

from callvault import clients, settings
from callvault.ingest import verification
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import Recording, State, ids_of
from callvault.storage import bucket, multipart_uploads, table
from tools.releases import messages

TYPE = "audio/x-wav"
ONCE = {"IfNoneMatch": "*"}


def write() -> dict[str, Any]:
    """Return objects of one part and of several parts, complete and partial."""
    written = {}
    for name, partial in (("complete", False), ("partial", True)):
        one = _recording(f"one part, {name}/ü", partial=partial)
        bucket.put(one, _wav(), TYPE, ONCE)
        written[f"one part, {name}"] = _object(str(one.media_key))
        several = _recording(f"several parts, {name}", partial=partial)
        with multipart_uploads.begin(several, TYPE) as upload:
            upload.add(_wav())
            upload.complete(ONCE, hashlib.sha256(_wav()).hexdigest())
        written[f"several parts, {name}"] = _object(str(several.media_key))
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the row that the verification of an object writes when there is none."""
    ids = ids_of(written["key"])
    if ids is None:
        return None
    stored = clients.s3().put_object(
        Bucket=settings.get().bucket_name,
        Key=written["key"],
        Body=base64.b64decode(written["body"]),
        ContentType=written["content_type"],
        Metadata=written["metadata"],
        Tagging=urlencode(written["tags"]),
    )
    verification.verify(ObjectChange(ChangeKind.CREATED, written["key"], stored["VersionId"], marker=False))
    row = table.get(*ids)
    if row is None:
        return None
    document = row.model_dump(mode="json")
    del document["media"]["version_id"]  # the bucket of each run makes its own
    return document


def _recording(recording_id: str, *, partial: bool) -> Recording:
    """Return a recording that has an S3 key."""
    row = table.put(messages.recording(recording_id, format="wav", partial=partial), "callback pending")
    return row if row.media_key else row.model_copy(update={"media_key": row.key_for(), "state": State.PENDING})


def _object(key: str) -> dict[str, Any]:
    """Return an object with its metadata and tags."""
    place: Any = {"Bucket": settings.get().bucket_name, "Key": key}
    found = clients.s3().get_object(**place)
    tags = clients.s3().get_object_tagging(**place)["TagSet"]
    return {
        "key": key,
        "content_type": found["ContentType"],
        "metadata": dict(sorted(found["Metadata"].items())),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "body": base64.b64encode(found["Body"].read()).decode(),
    }


def _wav() -> bytes:
    """Return 20 ms of silence as a WAVE file: 8 kHz, 8 bits, mono."""
    data = b"\x80" * 160
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8) + struct.pack("<4sI", b"data", len(data))
    return struct.pack("<4sI4s", b"RIFF", 4 + len(layout) + len(data), b"WAVE") + layout + data
