"""Store audio that was sent to the archive, and mark recordings as stored.

Every step may be repeated, may run twice at the same time, or may be cut off, as in `intake`.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from callvault import accounts
from callvault.errors import ConflictError, MissingObjectError, RejectedError, UnavailableError
from callvault.ingest import media, naming, pushes, timing
from callvault.ingest.media import Stream
from callvault.models import TOMBSTONES, Media, Recording, State
from callvault.storage import bucket, history, multipart_uploads, notes, ownership, table

type Believed = Callable[[Recording, Recording | None], Recording]
"""What `table.put` believes of an update."""

logger = Logger(child=True)


def store_upload(recording: Recording, sha256: str, body: Callable[[], Stream], what: str) -> Recording:
    """Store audio that was sent to the archive and return its row.

    `sha256` is the hash of the audio, in lower-case hex. Each call of `body` opens the audio from
    its beginning. `what` is the entry for the row's history. The row is written before the object,
    so that a failure between the two never leaves an object without its metadata. Audio that is
    sent several times is stored once, unless the stored copy was found corrupt: then the audio
    replaces that copy. Different audio for an existing id is stored apart (see
    `_store_apart`), so that neither is lost. The row of the existing recording then only gets a
    note of it in `discrepancies`. What the provider announced about the call and its parties stays.
    An owner is written only together with audio that was stored, because the owner may read the
    audio; the facts of an earlier sender whose audio was not stored are replaced then
    (`ownership`). The audio of a deleted recording is not stored again; different audio under its
    id is stored apart, because the deleted one may have been forged. Raises UnavailableError,
    RejectedError.
    """
    recording, known = _kept_under(recording, sha256)
    without_claims = partial(_without_claims, may_add=accounts.await_usable(recording.account_id).api is None)
    believed = partial(_believed, sha256=sha256, without_claims=without_claims)
    row = table.put(recording, what, known=known, believed=believed)
    is_other = row.media is not None and row.media.sha256 != sha256
    if naming.is_pushed(row) or (row.state in TOMBSTONES and is_other):
        return _store_apart(recording, sha256, body, what)
    if row.state in TOMBSTONES:
        logger.warning("Audio arrived for a deleted recording; it is not stored", extra={"recording": row.recording_id})
        return row
    if row.state in pushes.KEPT and row.media is not None:
        if row.media.sha256 == sha256:
            abort_leftover_uploads(row)
            return row
        return _store_apart(recording, sha256, body, what)
    if what == pushes.INCOMING:
        row = table.put(row, what, known=row, entry=True)  # a push has its hash in the row instead
    if row.media_key is None:
        row = table.put(row.model_copy(update={"media_key": row.key_for()}), "key", known=row)
    try:
        kept = _copy(row, sha256, body)
    except ConflictError:
        return _store_apart(recording, sha256, body, what)
    # The row may have the hash and the facts of an earlier push whose audio could not be stored.
    changes = {"upload_sha256": recording.upload_sha256, "owner_id": row.owner_id or recording.owner_id}
    if history.is_claimed(row.history):
        changes |= {name: getattr(recording, name) for name in (*ownership.CLAIMS, "extra", "owner_id")}
    return _mark_stored(row, kept, changes, without_claims)


def _kept_under(recording: Recording, sha256: str) -> tuple[Recording, Recording | None]:
    """Return a recording that was sent here under the id that its audio has, and that row.

    That is another id only if the row of a document names another row, which has this audio.
    Raises UnavailableError.
    """
    known = table.get(recording.account_id, recording.recording_id)
    if known is not None and naming.is_pushed(known):
        kept = table.get(known.account_id, str(naming.name(known)))
        if kept is not None and kept.media is not None and kept.media.sha256 == sha256:
            return recording.model_copy(update={"recording_id": kept.recording_id}), kept
    return recording, known


def _copy(row: Recording, sha256: str, body: Callable[[], Stream]) -> Media:
    """Store audio in the bucket and return the stored media.

    The row may record a copy of this audio that was found corrupt. S3's checksum of that copy is
    the checksum of the received bytes, so only its ETag makes S3 replace it. Raises ConflictError
    if other audio is stored, and UnavailableError, RejectedError.
    """
    if row.media is not None and row.media.sha256 == sha256:
        with suppress(MissingObjectError):  # the corrupt copy was removed
            return media.store(row, body(), row.media.etag)
    return media.store(row, body())


def mark_stored(row: Recording, stored: Media) -> Recording:
    """Mark a recording as stored and return its row.

    If the recording was deleted in the meantime, delete the audio that was just stored.
    """
    return _mark_stored(row, stored, {}, lambda update, _: update)


def _mark_stored(row: Recording, stored: Media, changes: dict[str, Any], believed: Believed) -> Recording:
    """Do what `mark_stored` does, with further changes, as far as `believed` accepts them."""
    changes |= {"state": State.STORED, "reason": None, "media": stored}
    row = table.put(row.model_copy(update=changes), "stored", known=row, believed=believed)
    timing.publish_stored(row)
    if row.state in TOMBSTONES:
        bucket.delete(str(row.media_key))
    return row


def abort_leftover_uploads(row: Recording) -> None:
    """Abort the multipart uploads that crashed attempts may have left open under a row's key.

    A copy in a single part leaves none. The size of a recording without media, such as a failed
    one, is unknown, so its uploads are always listed.
    """
    if row.media_key is not None and (row.media is None or row.media.size >= media.PART_BYTES):
        multipart_uploads.abort_leftovers(row.media_key)


def _believed(recording: Recording, known: Recording | None, sha256: str, without_claims: Believed) -> Recording:
    """Return what a recording that was sent here may change before its audio is stored.

    It changes nothing if other audio is stored, or if the row names another one that has the audio.
    It names no owner, because whoever can read stored audio back could send it again with another
    owner. `_mark_stored` writes the owner, together with the audio.
    """
    stored = known.media if known and known.state in pushes.KEPT else None
    if known is not None and (naming.is_pushed(known) or (stored is not None and stored.sha256 != sha256)):
        return known
    return without_claims(recording, known).model_copy(update={"owner_id": None})


def _without_claims(recording: Recording, known: Recording | None, *, may_add: bool) -> Recording:
    """Return a recording that was sent here, as far as its sender is believed.

    Whoever may see KAZOO's upload address or S3 key can send audio with any fields. So such audio
    names no owner of a recording that the provider announced, and replaces nothing of what the
    provider said. It may add to that, unless the archive can ask Crossbar.
    """
    if known is None or not history.is_announced(known.history):
        return recording
    said = {name: getattr(known, name) for name in ownership.CLAIMS}
    extra = known.extra
    if may_add:
        said = {name: value for name, value in said.items() if value is not None}
        extra = recording.extra | known.extra
    return recording.model_copy(update={**said, "extra": extra, "owner_id": None})


def _store_apart(recording: Recording, sha256: str, body: Callable[[], Stream], what: str) -> Recording:
    """Store audio under its id and the first 8 digits of its hash, `<id>-<digits>`.

    Other audio may be stored under that id too, because its sender can choose it. The whole hash
    is then added to the id. Raises RejectedError if other audio has even that id.
    """
    short, whole = f"-{sha256[:8]}", f"-{sha256}"
    if recording.recording_id.endswith(whole):
        raise RejectedError("conflict", "Another recording is stored under the same key.")
    mark = whole if recording.recording_id.endswith(short) else short
    extra = {"recording": recording.recording_id, "mark": mark}
    logger.error("Different audio arrived for the same recording", extra=extra)
    apart = recording.model_copy(update={"recording_id": recording.recording_id + mark})
    kept = store_upload(apart, sha256, body, f"{what}, other audio than {recording.recording_id}")
    _note_other(recording, kept)
    return kept


def _note_other(recording: Recording, kept: Recording) -> None:
    """Note in the row of a recording that other audio was sent under its id.

    The row may be pending, because the first audio is stored before its row says so. Raises
    UnavailableError; the audio is then sent again, and every step is repeated.
    """
    found = f"{notes.SENT_OTHER}; it is stored as {kept.recording_id}"
    for _ in range(table.MAX_CONFLICTS):
        row = table.get(recording.account_id, recording.recording_id)
        if row is None or row.state in TOMBSTONES:
            return
        noted = notes.added(row.discrepancies, found)
        if noted == row.discrepancies or table.edit(row, "other audio was sent", discrepancies=noted) is not None:
            return
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")
