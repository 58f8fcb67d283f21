"""Authorization: authenticate readers, and check what each may read, change and control.

A reader belongs to one account. It may be limited to one user, and then sees that user's
recordings only. Deleting, editing, controlling and retrying each need a separate right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from callvault import accounts
from callvault.account_parameter import Account, Reader
from callvault.bounds import MAX_KEY_BYTES
from callvault.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from callvault.models import TOMBSTONES, Recording, State
from callvault.storage import bucket, due, table
from callvault.web import Request


@dataclass(frozen=True)
class Principal:
    """An authenticated reader and its account."""

    account: Account
    reader: Reader


def credentials(request: Request) -> tuple[str, str] | None:
    """Return the account id and the secret of a request, or None if it has no such pair.

    Sources, in order of precedence: header `X-Auth-Token` or query `auth_token`, each
    `<account_id>.<secret>`; Authorization Basic with the account id as user and the secret as
    password; Authorization Bearer or query `authorization`, again `<account_id>.<secret>`.
    """
    query, (scheme, _, value) = request.query, request.headers.get("authorization", "").partition(" ")
    bearer = value if scheme.lower() == "bearer" else query.get("authorization")
    token = request.headers.get("x-auth-token") or query.get("auth_token")
    basic = request.basic()
    if not token and basic is not None:
        account_id, secret = basic
    else:
        account_id, _, secret = (token or bearer or "").strip().partition(".")
    return (account_id, secret) if account_id and secret else None


def authenticate(request: Request) -> Principal:
    """Return the principal that a request's credentials belong to; raises UnauthenticatedError."""
    pair = credentials(request)
    if pair is None:
        raise UnauthenticatedError("There are no usable credentials.")
    return Principal(*accounts.authenticate(*pair))


def enter(request: Request, account_id: str) -> Principal:
    """Return a request's principal, if the account id in the path is the principal's.

    The path may have the archive's account id or the account's id at its provider. Raises
    UnauthenticatedError, ForbiddenError.
    """
    principal = authenticate(request)
    own = principal.account
    check(principal, own.account_id if account_id == own.provider_account_id else account_id)
    return principal


def check(principal: Principal, account_id: str, owner_id: str | None = None) -> None:
    """Check that a principal may read an account and, if `owner_id` is given, that user's list.

    Raises ForbiddenError.
    """
    if account_id != principal.account.account_id or principal.reader.user_id not in {
        None,
        owner_id or principal.reader.user_id,
    }:
        raise ForbiddenError("The credentials do not allow this.")


def check_can_delete(principal: Principal) -> None:
    """Check that a reader may delete recordings; raises ForbiddenError."""
    if not principal.reader.can_delete:
        raise ForbiddenError("The credentials do not allow deleting.")


def check_can_edit(principal: Principal) -> None:
    """Check that a reader may edit the metadata of recordings; raises ForbiddenError."""
    reader = principal.reader
    if not (reader.can_delete if reader.can_edit is None else reader.can_edit):
        raise ForbiddenError("The credentials do not allow editing.")


def check_can_change_owner(principal: Principal) -> None:
    """Check that a reader may change who owns a recording: only an admin may.

    Raises ForbiddenError.
    """
    if not principal.reader.is_admin:
        raise ForbiddenError("The credentials do not allow changing the owner.")


def check_can_control(principal: Principal) -> None:
    """Check that a reader may control the recording of live calls; raises ForbiddenError."""
    if not principal.reader.can_control:
        raise ForbiddenError("The credentials do not allow controlling recordings.")


def check_can_retry(principal: Principal) -> None:
    """Check that a reader may retry failed recordings: only an admin may.

    Raises ForbiddenError.
    """
    if not principal.reader.is_admin:
        raise ForbiddenError("The credentials do not allow retrying.")


def find(
    principal: Principal,
    recording_id: str,
    *,
    call_id: str | None = None,
    conference_id: str | None = None,
    hidden: frozenset[State] = TOMBSTONES,
) -> Recording:
    """Return a recording that the principal may see.

    Raises NotFoundError for a recording that is unknown, in one of the hidden states, another
    user's, or not of the given call or conference.
    """
    recording = _get(principal, recording_id)
    if recording is None or recording.state in hidden:
        raise NotFoundError("There is no such recording.")
    if call_id not in {None, recording.call_id} or conference_id not in {None, recording.conference_id}:
        raise NotFoundError("There is no such recording.")
    return recording


def find_to_delete(principal: Principal, names: Mapping[str, str]) -> Recording:
    """Return the recording that a request to delete names, as `find` does.

    A deleted recording is found too while its objects may not be deleted yet. So the right to
    delete is checked first: without it, nobody learns what was deleted. Raises ForbiddenError,
    NotFoundError.
    """
    check_can_delete(principal)
    recording = find_named(principal, names, hidden=TOMBSTONES - {State.DELETED})
    if recording.state is State.DELETED and not due.has_objects_left(recording):
        raise NotFoundError("There is no such recording.")
    return recording


def removed_state(principal: Principal, recording_id: str) -> State | None:
    """Return the state of a recording whose audio was removed, or None if it is no such recording.

    Only an admin learns it; for any other reader the recording does not exist.
    """
    recording = _get(principal, recording_id) if principal.reader.is_admin else None
    return recording.state if recording is not None and recording.state in TOMBSTONES else None


def find_named(principal: Principal, names: Mapping[str, str], *, hidden: frozenset[State] = TOMBSTONES) -> Recording:
    """Return the recording that the names in a path identify, as `find` does."""
    call_id, conference_id = names.get("call_id"), names.get("conference_id")
    return find(principal, names["recording_id"], call_id=call_id, conference_id=conference_id, hidden=hidden)


def media_url(recording: Recording, *, disposition: str = "attachment") -> str:
    """Return a presigned URL of the audio; raises NotFoundError if there is none."""
    if recording.served is None:
        raise NotFoundError("The recording has no audio.")
    return bucket.presigned_url(recording.served, disposition=disposition)


def _get(principal: Principal, recording_id: str) -> Recording | None:
    """Return a recording of the reader's account, or of the one user whom the reader may see."""
    if len(f"{principal.account.account_id}#{recording_id}".encode()) > MAX_KEY_BYTES:
        return None
    recording = table.get(principal.account.account_id, recording_id)
    visible = recording is not None and principal.reader.user_id in {None, recording.owner_id}
    return recording if visible else None
