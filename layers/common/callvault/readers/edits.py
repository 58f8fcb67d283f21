"""Change and delete recordings for readers: user metadata, the owner, the audio."""

import json
from typing import Any

from callvault.errors import ForbiddenError, InvalidRequestError, TooLargeError, UnavailableError
from callvault.models import TOMBSTONES, Recording, State
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.storage import history, ownership, table, tombstones
from callvault.transcript import removed

MAX_EDIT_ATTEMPTS = 5
"""Maximum number of attempts at an edit while other writers change the same row."""
MAX_METADATA_BYTES = 16_384
"""Maximum size of the user metadata as JSON, in bytes.

DynamoDB limits the whole row to 400 KB.
"""
MAX_METADATA_DEPTH = 16
"""Maximum number of levels that the user metadata may be nested."""


def change_owner(principal: Principal, recording: Recording, owner_id: str) -> Recording:
    """Make a user the owner of a recording, and return the recording as edited.

    The history has the old and the new owner. Raises ForbiddenError for a reader who is no admin,
    and UnavailableError after too many conflicting writes.
    """
    access.check_can_change_owner(principal)
    for _ in range(MAX_EDIT_ATTEMPTS):
        if recording.owner_id == owner_id:
            return recording
        what = f"{history.OWNER_CHANGED} {recording.owner_id or 'none'} to {owner_id} by {principal.reader.name}"
        rest = tuple(note for note in recording.discrepancies if note != ownership.OTHER_OWNER)
        edited = table.edit(recording, what, owner_id=owner_id, discrepancies=rest)
        if edited is not None:
            return edited
        recording = access.find(principal, recording.recording_id)
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def edit_metadata(principal: Principal, recording: Recording, changes: dict[str, Any]) -> Recording:
    """Merge changes into the user metadata (RFC 7396) and return the recording as edited.

    Nested objects are merged too; null removes a name. Raises ForbiddenError for a reader without
    `can_edit`, InvalidRequestError for changes that are not valid JSON or nested too deeply,
    TooLargeError for too much metadata, UnavailableError after too many conflicting writes.
    """
    access.check_can_edit(principal)
    if not _is_shallow(changes, MAX_METADATA_DEPTH):
        message = f"The metadata is nested more than {MAX_METADATA_DEPTH} levels deep."
        raise InvalidRequestError("user_metadata", message)
    for _ in range(MAX_EDIT_ATTEMPTS):
        metadata = _merged(recording.user_metadata, changes)
        if _json_size(metadata) > MAX_METADATA_BYTES:
            raise TooLargeError(f"The metadata is larger than {MAX_METADATA_BYTES} bytes.")
        edited = table.edit(recording, f"{history.EDITED} {principal.reader.name}", user_metadata=metadata)
        if edited is not None:
            return edited
        recording = access.find(principal, recording.recording_id)
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def delete(principal: Principal, recording: Recording) -> Recording:
    """Turn the row into a tombstone, delete the transcript and the audio, and return the tombstone.

    If the row changed in the meantime, it is read again, because it may have another owner, or its
    audio may only then have been stored. If the row is a tombstone already, the objects that are
    left are deleted. Raises ForbiddenError for a reader without `can_delete`, and for a limited
    reader if the recording was not announced. Raises NotFoundError if the reader may no longer see
    the recording, and UnavailableError after too many conflicting writes.
    """
    access.check_can_delete(principal)
    for _ in range(MAX_EDIT_ATTEMPTS):
        _check_is_announced(principal, recording)
        gone = {"state": State.DELETED, "reason": None, "transcript": removed(recording.transcript)}
        what = f"deleted by {principal.reader.name}"
        is_tombstone = recording.state in TOMBSTONES
        tombstone = recording if is_tombstone else table.edit(recording, what, **gone, attempt=tombstones.LEFT)
        if tombstone is not None:
            return tombstones.finish(tombstone)
        recording = access.find(principal, recording.recording_id, hidden=frozenset())
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def _check_is_announced(principal: Principal, recording: Recording) -> None:
    """Refuse a limited reader's deletion of a recording that only its sender says is theirs.

    Whoever may see KAZOO's upload address can push audio under any id and name an owner. If that
    row were deleted before the provider announces the recording, the tombstone would ignore the
    announcement, and the genuine recording would have neither owner nor call. Raises
    ForbiddenError.
    """
    if principal.reader.user_id is not None and history.is_claimed(recording.history):
        raise ForbiddenError("The provider has not announced the recording, so only its sender says whose it is.")


def _json_size(metadata: dict[str, Any]) -> int:
    """Return the size of the metadata as JSON, in bytes; raises InvalidRequestError."""
    try:
        return len(json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        raise InvalidRequestError("user_metadata", "The metadata is not valid JSON.") from None


def _merged(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return an object with a merge patch (RFC 7396) applied."""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            known = merged.get(name)
            merged[name] = _merged(known if isinstance(known, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def _is_shallow(value: Any, depth: int) -> bool:  # noqa: ANN401 - any JSON value
    """Check that a JSON value is nested at most `depth` levels deep."""
    if depth < 0:
        return False
    items = list(value.values()) if isinstance(value, dict) else value
    return not isinstance(items, list) or all(_is_shallow(item, depth - 1) for item in items)
