"""Verify that an object in the bucket is the whole recording, and notice when it is deleted."""

import hashlib
from contextlib import closing
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from callvault import audio, providers
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import intake, overwrites, partial_copies, removals, timing, transcripts
from callvault.messaging import event_bus
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import TOMBSTONES, TRANSCRIPTS, Media, Recording, State, ids_of
from callvault.storage import bucket, table

READ_BYTES = 1024 * 1024
ENCRYPTED = "encrypted"
"""The codec of media that the provider encrypted."""

logger = Logger(child=True)


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """A version of an object, as read back from the bucket."""

    media: Media
    head: bytes
    """The beginning of the audio."""
    sha256: str
    """The hash that the object itself carries, as metadata or as a tag."""
    provider: str


def verify(change: ObjectChange) -> None:
    """Update a recording's row after a change of its object; raises UnavailableError."""
    ids = ids_of(change.key)
    if ids is None:
        logger.warning(
            "The key of an object under media/ is not that of a recording", extra={"version": change.version_id}
        )
        return
    row = table.get(*ids)
    if change.key.startswith(TRANSCRIPTS):
        transcripts.notice(change, row)
        return
    if change.kind is ChangeKind.CREATED:
        _created(change, row or _unknown(*ids))
    elif row is not None:
        removals.notice(change, row)


def _unknown(account_id: str, recording_id: str) -> Recording:
    """Return a placeholder for a recording without a row; `_check` completes it from the object."""
    return Recording(account_id=account_id, recording_id=recording_id, provider="", state=State.STORED)


def _created(change: ObjectChange, row: Recording) -> None:
    """Handle a new object.

    It is verified, unless the recording was deleted, this version is verified already, or the row
    records another version as stored. If a pending row records this version, it is either a partial
    copy and the complete recording is awaited, or its verification failed and the recording was
    retried. Then the event is a repeated one.
    """
    if row.state in TOMBSTONES:
        bucket.delete(change.key)
    elif row.media is not None and row.media.version_id == change.version_id:
        if row.state is State.VERIFIED:
            event_bus.publish(event_bus.DetailType.STORED, row)
        elif row.state is not State.PENDING or partial_copies.is_one(row, row.media):
            _check(change, row, row.media)
    elif row.revision and row.state in {State.STORED, State.VERIFIED}:
        overwrites.note(change, row)
    else:
        _check(change, row, None)


def _check(change: ObjectChange, row: Recording, expected: Media | None) -> None:
    """Read an object back and mark the recording as verified, or as failed.

    `expected` is the media that the row records for this version, or None if the row does not
    record the version yet or is lost. The object then says whether it is partial. But a complete
    recording may have the same bytes as a partial copy that no row recorded. Then no second object
    was written, and only the row says that the recording is complete. The row gets the hash that
    the object carries. It never gets the hash of the bytes that were read, which may be corrupt. A
    partial copy of a complete recording that is awaited changes no state. If the recording was
    deleted in the meantime, the object is deleted too.
    """
    found = _read(change)
    if found is None:
        logger.warning("An object disappeared before its verification", extra={"recording": row.recording_id})
        if expected is not None:
            # The deletion event may have been ignored, because the row did not record this version
            # then (see `removals.notice`).
            removals.end(row, State.DELETED)
        return
    media = expected or found.media.model_copy(update={"sha256": found.sha256})
    recording = row.model_copy(
        update={
            "provider": row.provider or found.provider,
            "media_key": change.key,
            "partial": media.partial,
            "media": media,
        }
    )
    try:
        facts, discrepancies = _measure(found, recording, {media.sha256, found.sha256})
    except RejectedError as error:
        if partial_copies.is_one(row, media):
            extra = {"recording": row.recording_id, "reason": error.reason}
            logger.warning("A partial copy is not whole; the complete recording is awaited", extra=extra)
            return
        still = removals.unless_replaced(media.version_id, pending=expected is None)
        intake.fail(recording, error, backward=True, believed=still)
        return
    media = media.model_copy(update=facts)
    if partial_copies.is_one(row, media):
        partial_copies.note_verified(row, media)
        return
    verified = recording.model_copy(
        update={"state": State.VERIFIED, "reason": None, "media": media, "discrepancies": discrepancies}
    )
    known = row if row.revision else None
    row = table.put(verified, "verified", known=known)
    timing.publish_verified(row)
    if row.state in TOMBSTONES:
        bucket.delete(change.key)
    elif row.state is State.VERIFIED:
        event_bus.publish(event_bus.DetailType.STORED, row)


def _measure(
    found: StoredObject, recording: Recording, received: set[str]
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the measured fields of the media, and what differs from the announcement.

    `received` has the hashes of the received bytes, as the row and the object have them. Raises
    RejectedError if one differs from that of the bytes that were read, or the bytes are not audio.
    Of encrypted media, only the size can be compared.
    """
    if received != {found.media.sha256}:
        raise RejectedError("corrupt", "The stored bytes are not the received bytes.")
    if found.media.is_encrypted:
        return {"codec": ENCRYPTED}, audio.encrypted_differences(recording, found.media.size)
    measured = audio.measure(found.head, found.media.size)
    facts = measured.model_dump(include={"codec", "channels", "sample_rate", "duration_ms"})
    return facts, (*audio.differences(recording, measured), *_other_size(recording, found.media.size))


def _other_size(recording: Recording, size: int) -> tuple[str, ...]:
    """Return a discrepancy if the provider reported another size than the stored one, in bytes."""
    announced = providers.announced_bytes(recording)
    return () if announced in {None, size} else (f"size announced {announced} bytes, stored {size}",)


def _read(change: ObjectChange) -> StoredObject | None:
    """Read a version of an object back, or return None if it does not exist.

    Raises UnavailableError. It is also raised while an object of several parts has no hash yet,
    because that hash is a tag, which is written after the upload.
    """
    found = bucket.get(change.key, change.version_id)
    if found is None:
        return None
    with closing(found):
        expected = found.metadata.get("sha256") or bucket.tagged_sha256(change.key, change.version_id)
        if expected is None:
            raise UnavailableError("unhashed", "The object does not carry its hash yet.")
        digest, size, head = hashlib.sha256(), 0, b""
        while piece := found.read(READ_BYTES):
            if len(head) == size:  # the tags before the audio may need more
                head = audio.head(head + piece)
            digest.update(piece)
            size += len(piece)
    media = Media(
        key=change.key,
        version_id=found.version_id,
        etag=found.etag,
        size=size,
        sha256=digest.hexdigest(),
        content_type=found.content_type,
        partial=found.metadata.get("partial") == "true",
    )
    provider = found.metadata.get("provider", "")
    return StoredObject(media=media, head=head, sha256=expected, provider=provider)
