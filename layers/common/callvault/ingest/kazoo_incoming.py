"""Move recordings from `incoming/`, where KAZOO's own S3 handler writes them, to `media/`.

Unlike an upload through the HTTP API, such an object is not limited to the size of a Lambda event.
It is read once for its hash and type. Its metadata come from Crossbar, or else from its key. It is
stored like every other recording, and deleted after S3 has confirmed the checksums of the copy. An
object that cannot be stored, for example because it is not audio or its account does not exist,
stays where it is.
"""

from contextlib import ExitStack, closing
from datetime import datetime
from functools import partial

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, providers, times
from callvault.account_parameter import Account
from callvault.errors import ConfigurationError, ForbiddenError, NotFoundError, RejectedError, UnavailableError
from callvault.ingest import intake, kazoo_comparison, media, pushes, storing
from callvault.ingest.media import Stream
from callvault.messaging import next_attempts
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import Recording, State
from callvault.providers.kazoo import uploads
from callvault.providers.kazoo.uploads import KazooUpload
from callvault.storage import bucket, history, news, table
from callvault.storage.bucket import OpenObject

ROOT = "incoming/"
"""Prefix of all objects that are not stored yet; those of KAZOO are under `uploads.PREFIX`."""
NAMED = {"account_id", "recording_id", "provider", "state"}
"""Fields that the row gets if only an object without audio arrived."""
KEPT_OR_PENDING = pushes.KEPT | {State.PENDING}
"""States of a recording that an object without audio does not fail."""

logger = Logger(child=True)


def move(change: ObjectChange, deadline: float) -> None:
    """Store a new object as a recording, then delete the object.

    `deadline` is a time of time.monotonic(). Only the version that was read is deleted. So a newer
    version, written in the meantime, is not lost, and a repeated event finds nothing. Raises
    UnavailableError.
    """
    if change.kind is not ChangeKind.CREATED or change.key.endswith("/"):  # S3's console makes such folders
        return
    account_id, upload = uploads.read_key(change.key) or ("", KazooUpload())
    account = _account(account_id)
    if account is None or upload.probe:
        return
    with ExitStack() as opened:
        found = bucket.get(change.key, change.version_id)
        if found is None:
            return
        sha256, rejected = _read(_stream(found, opened, deadline))
        try:
            recording = upload.recording(account, sha256)
            if rejected is not None:
                raise rejected
            recording = _described(account, recording, found.modified)
            body = partial(_reopened, change, opened, deadline)
            kazoo_comparison.enqueue(storing.store_upload(recording, sha256, body, pushes.INCOMING))
        except ForbiddenError:
            extra = {"account": account.account_id, "reason": "the key names another account"}
            logger.error(alarm_messages.OBJECT_STAYS, extra=extra)  # noqa: TRY400
            return
        except RejectedError as error:
            logger.error(alarm_messages.OBJECT_STAYS, extra={"account": account.account_id, "reason": error.reason})  # noqa: TRY400
            if upload.document_id:
                _give_up(account, recording, error)
            return
    bucket.delete(change.key, change.version_id)


def _give_up(account: Account, recording: Recording, error: RejectedError) -> None:
    """Mark a recording as failed if its object was the only way to its audio.

    A webhook may have announced the recording, or may do so later. So a pending recording stays
    pending. If the account has `api`, the sweep asks Crossbar about a recording that was unknown.
    Nothing that the key claims is written: without audio, nothing shows that the writer of the key
    knew the recording. Raises UnavailableError.
    """
    known = table.get(recording.account_id, recording.recording_id)
    row = known or Recording.model_validate(recording.model_dump(include=NAMED))
    if account.api is not None:
        if known is None:
            table.put(row.model_copy(update={"state": State.ANNOUNCED}), f"incoming {error.reason}")
    elif known is None or known.state not in KEPT_OR_PENDING:
        intake.fail(row, error)


def _account(account_id: str) -> Account | None:
    """Return the KAZOO account that owns the folder, or None; raises UnavailableError.

    `account_id` is empty if the key is outside the folders of accounts.
    """
    try:
        account = accounts.get(account_id) if account_id else None
    except NotFoundError:
        account = None
    except ConfigurationError as error:
        accounts.log_invalid(error)
        raise UnavailableError("configuration", str(error)) from error
    if account is None or account.provider != "kazoo":
        logger.error(alarm_messages.OBJECT_STAYS, extra={"account": account_id, "reason": "no such account"})
        return None
    return account


def _read(stream: Stream) -> tuple[str, RejectedError | None]:
    """Return the hash of an object, or why it cannot be stored; raises UnavailableError."""
    try:
        return media.fingerprint(stream), None
    except RejectedError as error:
        return "", error


def _described(account: Account, recording: Recording, since: datetime) -> Recording:
    """Return a recording with the fields of its Crossbar document.

    `since` is when the object was written. If the document cannot be read, raises UnavailableError
    for a day after `since`, and then returns the recording without the document's fields. If there
    is no document, or the account has no `api`, returns the recording without them at once. The
    owner of a document is the one that Crossbar names, not one that the key names. So the document
    counts as an announcement for a row whose owner only the sender of audio has named.
    """
    if account.api is None:
        return recording
    try:
        described = providers.of(account).describe(recording)
    except RejectedError:
        return recording  # the archive made the recording's id, so Crossbar has no document
    except UnavailableError as error:
        if error.reason != "http_404" and times.now() - since < next_attempts.GIVE_UP_AFTER:
            raise
        logger.warning(
            "The Crossbar document of a recording does not exist or could not be read",
            extra={"recording": recording.recording_id},
        )
        return recording
    lacking = {name: getattr(recording, name) for name in news.FACTS if getattr(described, name) is None}
    changes = {**lacking, "owner_id": described.owner_id, "extra": recording.extra | described.extra}
    described = described.model_copy(update=changes)
    known = table.get(recording.account_id, recording.recording_id)
    if known is not None and history.is_claimed(known.history):
        announced = described.model_copy(update={"state": State.ANNOUNCED})
        table.put(announced, "looked up announced", known=known, entry=True)
    return described


def _reopened(change: ObjectChange, opened: ExitStack, deadline: float) -> Stream:
    """Return the body of a changed object from its beginning; raises UnavailableError."""
    return _stream(bucket.get(change.key, change.version_id), opened, deadline)


def _stream(found: OpenObject | None, opened: ExitStack, deadline: float) -> Stream:
    """Return the body of an object, which `opened` will close.

    Raises UnavailableError if the object does not exist.
    """
    if found is None:
        raise UnavailableError("gone", "Another attempt moved the object at the same time.")
    return Stream(opened.enter_context(closing(found)).read, found.size, deadline)
