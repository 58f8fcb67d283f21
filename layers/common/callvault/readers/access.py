"""Give readers what the archive holds, and nobody what is another's; every dialect is a rendering of this."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from callvault import accounts
from callvault.accounts import Account, Reader
from callvault.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.models import MAX_KEY_BYTES, TOMBSTONES, Recording, State
from callvault.storage import bucket, listing, table
from callvault.storage.listing import Query
from callvault.web import Request

EDITS = 5
"""How often an edit is tried again when another writer was faster."""
PAGE_BYTES = 5_500_000
"""What a page's recordings may weigh: an answer of Lambda is at most 6 MB, of which the envelope needs some."""
PAGE_SECONDS = 12.0
"""How long a page may read past rows that are not asked for: the HTTP API gives up after 30 s, clients often before."""
METADATA_BYTES = 16_384
METADATA_DEPTH = 16
PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z([#$].*)?", re.DOTALL)
"""A `listed_at`, or an end of a list's times."""


@dataclass(frozen=True)
class Principal:
    """A reader who proved who they are."""

    account: Account
    reader: Reader


@dataclass(frozen=True)
class Page:
    """Some recordings of a list, its own token, and that of the page that follows."""

    recordings: tuple[Recording, ...]
    start: str
    next: str | None


def credentials(request: Request) -> tuple[str, str] | None:
    """Return the account id and the secret that a request brings, or None if there is nothing of that shape.

    Taken from the first of: header `X-Auth-Token` or query `auth_token`, each `<account_id>.<secret>`; Authorization
    Basic with the account id as user and the secret as password; Authorization Bearer or query `authorization`.
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
    """Return who asks, by the request's `credentials`; raises UnauthenticatedError."""
    pair = credentials(request)
    if pair is None:
        raise UnauthenticatedError("There are no usable credentials.")
    return Principal(*accounts.authenticate(*pair))


def check(principal: Principal, account_id: str, owner_id: str | None = None) -> None:
    """Refuse with ForbiddenError what is not the reader's: another account, or another user's list."""
    if account_id != principal.account.account_id or principal.reader.user_id not in {
        None,
        owner_id or principal.reader.user_id,
    }:
        raise ForbiddenError("The credentials do not allow this.")


def enter(request: Request, account_id: str) -> Principal:
    """Return who asks, if the account that a path names is theirs: by its id here or by that at its provider.

    Raises UnauthenticatedError, ForbiddenError.
    """
    principal = authenticate(request)
    own = principal.account
    check(principal, own.account_id if account_id == own.provider_account_id else account_id)
    return principal


def find(
    principal: Principal, recording_id: str, *, call_id: str | None = None, conference_id: str | None = None
) -> Recording:
    """Return a recording; raises NotFoundError for one that is unknown, removed, or another user's.

    Likewise for one that is not of the call or the conference that is given with it.
    """
    if len(f"{principal.account.account_id}#{recording_id}".encode()) > MAX_KEY_BYTES:
        raise NotFoundError("No recording has so long an id.")
    recording = table.get(principal.account.account_id, recording_id)
    if recording is None or recording.state in TOMBSTONES or not _visible(principal, recording):
        raise NotFoundError("There is no such recording.")
    if call_id not in {None, recording.call_id} or conference_id not in {None, recording.conference_id}:
        raise NotFoundError("There is no such recording.")
    return recording


def page(
    principal: Principal,
    query: Query,
    size: int | None,
    *,
    token: str | None = None,
    backward: bool = False,
    binding: str = "",
    where: Callable[[Recording], bool] = lambda _: True,
    weigh: Callable[[Recording], int] = lambda _: 0,
    seconds: float | None = None,
) -> Page:
    """Return a page of `size` recordings (None: all), filled up however many `where` leaves out.

    It ends before that where the next recording would make it weigh more than PAGE_BYTES (`weigh`: bytes in the
    answer), or after `seconds` of reading (None: PAGE_SECONDS), when it may be empty; `next` is set as long as more may
    follow.

    With `backward`, which needs a token, it is the page that ends right before the token's place, and `next` the token.

    `binding` is what of the caller's query a token must not be moved to; a token of another one, or garbage, raises
    InvalidRequestError. A token holds a place in a list and never an account, so it leads nowhere else.
    """
    deadline = time.monotonic() + (PAGE_SECONDS if seconds is None else seconds)
    scope = [principal.account.account_id, principal.reader.user_id, query.ascending, binding]
    if principal.reader.user_id is not None:
        query = replace(query, owner_id=principal.reader.user_id)
    if token is not None:
        query = replace(query, start=_place(token, scope), ascending=query.ascending != backward)
    low, high = listing.bounds(query)
    start = _token(low if query.ascending else high, scope)
    found: list[Recording] = []
    rest: str | None = None
    weight = 0
    chunk = listing.MOST_KEYS if size is None else min(size + 1, listing.MOST_KEYS)
    for number, recording in enumerate(listing.scan(query, chunk)):
        asked_for = recording.state not in TOMBSTONES and query.fits(recording) and where(recording)
        weight += weigh(recording) if asked_for else 0
        full = asked_for and bool(found) and (len(found) == size or weight > PAGE_BYTES)
        if full or (number > 0 and time.monotonic() > deadline):
            rest = _token(str(recording.listed_at), scope)
            break
        if asked_for and not (backward and recording.listed_at == query.start):
            found.append(recording)
    if backward and found:
        return Page(tuple(reversed(found)), _token(str(found[-1].listed_at), scope), token)
    return Page(tuple(found), start, token if backward else rest)


def media_url(recording: Recording, *, disposition: str = "attachment") -> str:
    """Return a presigned URL of the audio; raises NotFoundError where there is none."""
    if recording.media is None:
        raise NotFoundError("The recording has no audio.")
    return bucket.presigned_url(recording.media, disposition=disposition)


def edit_metadata(principal: Principal, recording: Recording, changes: dict[str, Any]) -> Recording:
    """Merge changes into the user's metadata and return the recording as it is then.

    Merged as by RFC 7396: objects within objects too, null removes a name. Raises InvalidRequestError for what cannot
    be kept as JSON or is nested too deeply, TooLargeError for too much: all of a row must fit into 400 KB.
    """
    if not _shallow(changes, METADATA_DEPTH):
        raise InvalidRequestError("user_metadata", f"The metadata is nested more than {METADATA_DEPTH} deep.")
    for _ in range(EDITS):
        metadata = _merged(recording.user_metadata, changes)
        try:
            size = len(json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode())
        except ValueError:
            raise InvalidRequestError("user_metadata", "The metadata is not valid JSON.") from None
        if size > METADATA_BYTES:
            raise TooLargeError(f"The metadata is larger than {METADATA_BYTES} bytes.")
        edited = table.edit(recording, f"metadata by {principal.reader.name}", user_metadata=metadata)
        if edited is not None:
            return edited
        recording = find(principal, recording.recording_id)
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def delete(principal: Principal, recording: Recording) -> Recording:
    """Remove the audio and leave a tombstone; raises ForbiddenError for a reader who may not.

    The audio goes first: if the row cannot be written then, the bucket's event marks it.
    """
    if not principal.reader.can_delete:
        raise ForbiddenError("The credentials do not allow deleting.")
    if recording.media is not None:
        bucket.delete(recording.media.key)
    tombstone = recording.model_copy(update={"state": State.DELETED, "reason": None})
    return table.put(tombstone, f"deleted by {principal.reader.name}", known=recording)


def administer(principal: Principal) -> None:
    """Refuse a reader who is no admin with ForbiddenError."""
    if not principal.reader.is_admin:
        raise ForbiddenError("The credentials do not allow retrying.")


def _visible(principal: Principal, recording: Recording) -> bool:
    """Say whether a reader may see a recording of their account."""
    return principal.reader.user_id in {None, recording.owner_id}


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


def _shallow(value: object, depth: int) -> bool:
    """Say whether a JSON value is nested at most so deep."""
    within: Any = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth >= 0 and all(_shallow(item, depth - 1) for item in within)


def _token(place: str, scope: list[Any]) -> str:
    """Return a token for a place in the list that the scope describes."""
    text = json.dumps([_digest(place, scope), place], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(token: str, scope: list[Any]) -> str:
    """Return the place that a token of this scope holds."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        digest, place = json.loads(text)
        place.encode()  # JSON can spell what no UTF-8, and so no key of the table, can hold
    except (ValueError, TypeError, AttributeError, RecursionError):
        digest, place = None, ""
    if digest != _digest(place, scope) or not PLACE.fullmatch(place):
        raise InvalidRequestError("token", "The page token is not one of this list.")
    return str(place)


def _digest(place: str, scope: list[Any]) -> str:
    """Return what ties a place to its list."""
    return hashlib.sha256(json.dumps([place, *scope]).encode()).hexdigest()[:16]
