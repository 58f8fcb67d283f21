"""Prove that an object in the bucket is the recording, whole; and notice when it is gone."""

import hashlib
from contextlib import closing

from aws_lambda_powertools import Logger

from callvault import audio
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import intake
from callvault.messaging import event_bus
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import TOMBSTONES, Media, Recording, State, ids_of
from callvault.storage import bucket, table

READ_BYTES = 1024 * 1024

logger = Logger(child=True)


def check(change: ObjectChange) -> None:
    """Bring a recording's row in line with what happened to its object; raises UnavailableError."""
    ids = ids_of(change.key)
    if ids is None:
        logger.warning("An object under media/ is no recording", extra={"version": change.version_id})
        return
    row = table.get(*ids)
    if change.kind is ChangeKind.CREATED:
        _created(change, row, *ids)
    elif row is not None:
        _removed(change, row)


def _created(change: ObjectChange, row: Recording | None, account_id: str, recording_id: str) -> None:
    """Read a new object back and say in its row what it is.

    The row may not know the object yet, or be lost: then the object's own metadata says whose it is and what its hash
    has to be. An object that came after the row was settled is not ours; the row keeps to its own version.
    """
    if row is not None and row.state in TOMBSTONES:
        bucket.delete(str(row.media_key))
        return
    known = row.media if row is not None and row.media and row.media.version_id == change.version_id else None
    if known is not None and row is not None and row.state is State.VERIFIED:
        event_bus.publish(event_bus.DetailType.STORED, row)
        return
    if known is None and row is not None and row.state in {State.STORED, State.VERIFIED}:
        _alien(change, row)
        return
    found = _read(change)
    if found is None:
        logger.warning("An object was gone before it could be verified", extra={"recording": recording_id})
        return
    metadata, read, head = found
    news = row or Recording(
        account_id=account_id, recording_id=recording_id, provider=metadata.get("provider", ""), state=State.STORED
    )
    news = news.model_copy(update={"media_key": change.key, "partial": read.partial, "media": known or read})
    try:
        measured = _measure(read, known.sha256 if known else metadata["sha256"], head)
    except RejectedError as error:
        intake.fail(news, error, backward=True)
        return
    facts = measured.model_dump(include={"codec", "channels", "sample_rate", "duration_ms"})
    verified = news.model_copy(
        update={
            "state": State.VERIFIED,
            "reason": None,
            "media": (known or read).model_copy(update=facts),
            "discrepancies": audio.differences(news, measured),
        }
    )
    event_bus.publish(event_bus.DetailType.STORED, table.put(verified, "verified", known=row))


def _measure(read: Media, sha256: str, head: bytes) -> audio.Measurement:
    """Return what the audio is; raises RejectedError if it is not what was received, or not audio."""
    if read.sha256 != sha256:
        raise RejectedError("corrupt", "What is stored is not what was received.")
    return audio.measure(head, read.size)


def _removed(change: ObjectChange, row: Recording) -> None:
    """Turn the row into a tombstone if the audio that it stands for is gone, and tell the event bus."""
    if row.media is None or not (change.marker or change.version_id in {None, row.media.version_id}):
        return
    state = State.EXPIRED if change.kind is ChangeKind.EXPIRED else State.DELETED
    tombstone = row.model_copy(update={"state": state, "reason": None})
    event_bus.publish(event_bus.DetailType.DELETED, table.put(tombstone, f"{state} in the bucket", known=row))


def _alien(change: ObjectChange, row: Recording) -> None:
    """Note that somebody else wrote to a recording's key; what readers get stays the version that was proven."""
    logger.error("An object appeared over a recording", extra={"recording": row.recording_id})
    note = f"another object appeared under its key, version {change.version_id}"
    if (
        note not in row.discrepancies
        and table.edit(row, "overwritten", discrepancies=(*row.discrepancies, note)) is None
    ):
        raise UnavailableError("table_conflict", "Another writer changed the recording at the same time.")


def _read(change: ObjectChange) -> tuple[dict[str, str], Media, bytes] | None:
    """Return an object's own metadata, what it is by its bytes, and its beginning; None if it is not there.

    Raises UnavailableError, also while a long object does not carry its hash yet.
    """
    found = bucket.get(change.key, change.version_id)
    if found is None:
        return None
    with closing(found):
        metadata = found.metadata
        if "sha256" not in metadata:
            tagged = bucket.tagged_sha256(change.key, change.version_id)
            if tagged is None:
                raise UnavailableError("unhashed", "The object does not carry its hash yet.")
            metadata = metadata | {"sha256": tagged}
        digest, size, head = hashlib.sha256(), 0, bytearray()
        while piece := found.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
            head += piece[: max(0, audio.HEAD_BYTES - len(head))]
    read = Media(
        key=change.key,
        version_id=found.version_id,
        etag=found.etag,
        size=size,
        sha256=digest.hexdigest(),
        content_type=found.content_type,
        partial=metadata.get("partial") == "true",
    )
    return metadata, read, bytes(head)
