"""Speak KAZOO's Crossbar API, version 2: https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/.

A caller authenticates by `X-Auth-Token: <account_id>.<secret>`, the same as `auth_token` in the query or the JSON
envelope, or by Basic with the account id and the secret.

Where this differs from KAZOO 4.3, on purpose:

- Lists are by a recording's `start` (or, without one, by when it was first heard of), not by when its document was
  saved: `created_from` and `created_to` are compared to that.
- A page may hold fewer recordings than `page_size` although more follow (`next_start_key` is there then): where it
  would outgrow an answer of Lambda, or where filters made it read too long. With `paginate=false` that is a 416.
- Audio is a redirect to S3, which honours Range. `audio/wav`, `audio/x-wav`, `audio/wave` and `audio/*` ask for it too.
- A reader can be limited to one user; others' recordings are not there for them. A user without any has an empty list.
- Recordings whose id does not begin with `YYYYMM-` are served like all others.
- `POST` with the action `retry` has failed recordings fetched again, for an admin: `kazoo_retries.py`.
- `PATCH` is KAZOO 5's. A `start_key` that is not this list's is a validation error.
"""

from collections.abc import Mapping

from callvault import account_parameter, times
from callvault.dialects import shared_fields
from callvault.dialects.base import MethodNotAllowedError, Routes, match
from callvault.dialects.kazoo import controls, documents, envelopes, filters, refusals, requests, retries
from callvault.dialects.kazoo.documents import Document
from callvault.dialects.kazoo.refusals import CrossbarError
from callvault.errors import CallvaultError, NotFoundError
from callvault.models import Recording
from callvault.readers import access, edits, pages
from callvault.readers.access import Principal
from callvault.readers.pages import PageRequest
from callvault.web import Request, Response

OWN = "~"
"""Stands in a path for the account of the caller's token, as `/v2/account/` does; it is no account's id."""
JSON_TYPES = dict.fromkeys(("application/json", "application/x-json", "*/*"), "json")
AUDIO_TYPES = JSON_TYPES | dict.fromkeys(
    ("audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/wave", "audio/*"), "audio"
)
CSV_TYPES = JSON_TYPES | dict.fromkeys(
    ("text/csv", "text/comma-separated-values", "application/octet-stream", "csv"), "csv"
)


def answer(request: Request) -> Response:
    """Answer a request; raises CrossbarError and what `errors.py` has."""
    path = request.path.rstrip("/")
    if path.startswith("/v2/account/"):
        path = path.replace("/v2/account/", f"/v2/accounts/{OWN}/", 1)
    actions, names = match(ROUTES, path)
    method = requests.method(request)
    if method == "OPTIONS":
        return envelopes.preflight(request, actions)
    if method not in actions:
        raise MethodNotAllowedError(tuple(actions))
    return actions[method](request, names)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Say what went wrong as Crossbar does."""
    credentials = access.credentials(requests.with_token(request)) is not None
    return envelopes.fail(request, refusals.translate(error, credentials=credentials))


def list_recordings(request: Request, names: Mapping[str, str]) -> Response:
    """Return a page of the account's or of one user's recordings, as JSON or CSV."""
    principal = _enter(request, names)
    query, user_id = request.query, names.get("user_id")
    size = filters.page_size(query)
    wanted = PageRequest(
        query=filters.query(principal.account.account_id, query, user_id, times.now()),
        size=size,
        token=query.get("start_key") or None,
        binding=filters.binding(query, user_id),
        matches=filters.where(query),
        weigh=lambda recording: envelopes.weigh(request, _item(recording)),
    )
    page = pages.read(principal, wanted)
    if size is None and page.next:
        raise refusals.too_much()
    items = [_item(recording) for recording in page.recordings]
    if requests.preferred(request, CSV_TYPES) == "csv":
        return _csv(request, items, page.next)
    keys = {} if size is None else {"page_size": len(items), "start_key": page.start}
    if page.next:
        keys["next_start_key"] = page.next
    revision = envelopes.digest([items, page.next]) if items else None
    return envelopes.succeed(request, items, revision=revision, members=keys)


def get_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Return a recording's document, or where its audio is."""
    recording = _find(_enter(request, names), names)
    if requests.preferred(request, AUDIO_TYPES) == "audio":
        return _audio(request, recording)
    return _one(request, recording)


def get_attachment(request: Request, names: Mapping[str, str]) -> Response:
    """Return where a recording's audio is, whatever Accept says: KAZOO 4.0 had a path of its own for it."""
    return _audio(request, _find(_enter(request, names), names))


def patch_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Merge into a recording's `user_metadata`, all of it that may be changed, and return the document."""
    principal = _enter(request, names)
    recording = _find(principal, names)
    data = requests.data(request)
    for name in data.keys() - {"user_metadata"}:
        raise refusals.invalid(name, "forbidden", "Read-only property")
    changes = data.get("user_metadata", {})
    if not isinstance(changes, dict):
        raise refusals.invalid("user_metadata", "type", "Value did not match type(s): object")
    return _one(request, edits.edit_metadata(principal, recording, changes) if changes else recording)


def delete_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Remove a recording's audio and return its document as it was.

    With `should_soft_delete=false` too the row stays as a tombstone: without it a late callback, or the next look into
    the provider's own list, would bring the recording back.
    """
    principal = _enter(request, names)
    return _one(request, edits.delete(principal, _find(principal, names)), {"_read_only": {"deleted": True}})


def control_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Start or stop to record a live call."""
    return controls.control(request, _enter(request, names), names["call_id"])


def retry_recordings(request: Request, names: Mapping[str, str]) -> Response:
    """Have what failed of the account's or of one user's recordings tried again."""
    principal = _enter(request, names)
    retries.check(request, principal)
    return retries.retry_list(request, principal, names.get("user_id"))


def retry_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Have a recording that failed tried again."""
    principal = _enter(request, names)
    retries.check(request, principal)
    return retries.retry_one(request, principal, _find(principal, names))


def log_in(request: Request, _: Mapping[str, str]) -> Response:
    """Exchange an API key for a token, which here is the key itself."""
    key = requests.data(request).get("api_key")
    if not isinstance(key, str) or not key:
        raise refusals.invalid("api_key", "required", "Field is required but missing")
    principal = access.authenticate(Request(method="PUT", path=request.path, headers={"x-auth-token": key}))
    return envelopes.succeed(request, _identity(principal), status=201, members={"auth_token": key})


def refuse_user(_: Request, __: Mapping[str, str]) -> Response:
    """Refuse to log a user in by name and password: that would need more than the hashes that we keep."""
    raise refusals.unusable_credentials()


def get_identity(request: Request, _: Mapping[str, str]) -> Response:
    """Say whose token it is."""
    return envelopes.succeed(request, _identity(access.authenticate(requests.with_token(request))))


_LIST = {"GET": list_recordings, "POST": retry_recordings}
_ONE = {"GET": get_recording, "POST": retry_recording, "PATCH": patch_recording, "DELETE": delete_recording}
_ATTACHMENT = {"GET": get_attachment}

PREFIXES: tuple[str, ...] = ("/v2/",)
ROUTES: Routes = {
    "/v2/accounts/{account_id}/recordings": _LIST,
    "/v2/accounts/{account_id}/recordings/{recording_id}": _ONE,
    "/v2/accounts/{account_id}/recordings/{recording_id}/attachment": _ATTACHMENT,
    "/v2/accounts/{account_id}/calls/{call_id}/recordings": {"POST": control_recording},
    "/v2/accounts/{account_id}/users/{user_id}/recordings": _LIST,
    "/v2/accounts/{account_id}/users/{user_id}/recordings/{recording_id}": _ONE,
    "/v2/accounts/{account_id}/users/{user_id}/recordings/{recording_id}/attachment": _ATTACHMENT,
    "/v2/api_auth": {"PUT": log_in},
    "/v2/user_auth": {"PUT": refuse_user},
    "/v2/token_auth": {"GET": get_identity},
}


def _enter(request: Request, names: Mapping[str, str]) -> Principal:
    """Return who asks, if what the path names is theirs to see."""
    account_id = names["account_id"]
    if account_id != OWN and not account_parameter.ACCOUNT_ID.fullmatch(account_id):
        raise CrossbarError(404, "bad identifier", {"message": f"invalid account_id '{account_id}'"})
    principal = access.authenticate(requests.with_token(request))
    own = principal.account.account_id
    access.check(principal, own if account_id == OWN else account_id, names.get("user_id"))
    return principal


def _find(principal: Principal, names: Mapping[str, str]) -> Recording:
    """Return the recording that a path names; raises CrossbarError where there is none."""
    recording_id = names["recording_id"]
    try:
        return access.find(principal, recording_id)
    except NotFoundError:
        raise refusals.unknown_recording(recording_id) from None


def _one(request: Request, recording: Recording, members: Document | None = None) -> Response:
    """Return a recording's document."""
    document = documents.render(recording) | (members or {})
    return envelopes.succeed(request, document, revision=str(recording.revision))


def _item(recording: Recording) -> Document:
    """Return a recording's document as lists have it."""
    content_types = [recording.media.content_type] if recording.media else []
    return documents.render(recording) | {"_read_only": {"content_types": content_types}}


def _audio(request: Request, recording: Recording) -> Response:
    """Return where a recording's audio is; the address is good for some minutes, so nothing may keep it."""
    inline = request.query.get("inline") == "true"
    disposition = shared_fields.disposition(shared_fields.file_name(recording), inline=inline)
    try:
        location = access.media_url(recording, disposition=disposition)
    except NotFoundError:
        raise refusals.no_audio(recording.recording_id) from None
    return envelopes.plain(request, 302, {"location": location})


def _csv(request: Request, items: list[Document], next_key: str | None) -> Response:
    """Return a page as CSV, and in a header (our own) where to go on."""
    columns = list(dict.fromkeys(path for item in items for path in documents.flatten(item)))
    if len(columns) * len(items) > pages.MAX_PAGE_BYTES:
        raise refusals.too_much()
    name = request.headers.get("x-file-name") or request.query.get("file_name") or "recordings.csv"
    headers = {"content-type": "text/csv", "content-disposition": shared_fields.disposition(name)}
    if next_key:
        headers["x-next-start-key"] = next_key
    return envelopes.plain(request, 200, headers, documents.write_csv(items, columns))


def _identity(principal: Principal) -> Document:
    """Return whose token it is."""
    owner = {"owner_id": principal.reader.user_id} if principal.reader.user_id else {}
    return {"account_id": principal.account.account_id, **owner, "is_reseller": False, "apps": []}
