"""Serve KAZOO's Crossbar API, version 2: https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/.

A caller authenticates in one of two ways: by the token `<account_id>.<secret>`, in the header
X-Auth-Token or as `auth_token` in the query or the JSON envelope; or by Basic with the account id
and the secret.

Differences from KAZOO 4.3, on purpose:

- Lists are ordered by a recording's `start`, or else by the time when the archive first learned of
  it. KAZOO orders them by the time when the document was saved. `created_from` and `created_to` are
  compared with the time by which the list is ordered. They may be Unix seconds or ISO 8601 too, and
  a text that is no time is refused (`matching.span`). A list by user, call, conference or number
  has no maximum span.
- The envelope of a list has a member `archive`: the span, and the parameters that were ignored.
- An admin lists removed recordings by `filter_archive.state`, and learns from a 404 of one that it
  was removed.
- A page may hold fewer recordings than `page_size` although more follow, if it would otherwise be
  too large for a response of Lambda, or if reading past recordings that do not match would take too
  long. It then has `next_start_key`. With `paginate=false`, such a list is a 416.
- Audio is a redirect to S3, which honours Range. Besides KAZOO's media types, Accept may ask for it
  by `audio/wav`, `audio/x-wav`, `audio/wave`, `audio/mp4`, `video/mp4` and `audio/*`.
- A reader can be limited to one user, and then finds no other users' recordings. The list of an
  unknown user is empty.
- A recording's id need not begin with `YYYYMM-`.
- An admin can have failed recordings fetched again, by `POST` with the action `retry` (`retries`).
- `completeness` has a report on each day of the account (`completeness`).
- `PATCH` is as in KAZOO 5, and so are the filters with JSON lists, `fields` and `bookmark`. A
  `start_key` or `bookmark` that does not belong to the list is a validation error, and so is a
  value of a filter that KAZOO would silently answer wrongly (`list_filters`).
- HEAD is answered as GET. In KAZOO, cb_recordings allows GET, PATCH and DELETE only.
"""

from callvault.dialects import dispatch, shared_fields
from callvault.dialects.dispatch import Names, Routes
from callvault.dialects.kazoo import (
    authorization,
    completeness,
    controls,
    documents,
    envelopes,
    lists,
    logins,
    refusals,
    requests,
    retries,
)
from callvault.dialects.kazoo.documents import Document
from callvault.errors import CallvaultError, NotFoundError
from callvault.models import Recording
from callvault.readers import access, edits
from callvault.readers.access import Principal
from callvault.web import Request, Response

MAX_OWNER = 256
"""Maximum length of an owner that an admin sets, in characters, as `callbacks.MAX_APPENDED`."""
AUDIO_TYPES = requests.JSON_TYPES | dict.fromkeys(
    ("audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/wave", "audio/mp4", "video/mp4", "audio/*"), "audio"
)
"""Kinds of content of a recording, by media type."""


def answer(request: Request) -> Response:
    """Answer a request; raises CrossbarError and the errors of `errors.py`."""
    actions, names = dispatch.match(ROUTES, requests.path(request))
    method = requests.method(request)
    if method == "OPTIONS":
        return envelopes.preflight(request, actions)
    return dispatch.choose(actions, method, request)(request, names)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Return the error response in Crossbar's envelope."""
    credentials = access.credentials(requests.with_token(request)) is not None
    return envelopes.fail(request, refusals.translate(error, credentials=credentials))


def get_recording(request: Request, names: Names) -> Response:
    """Return a recording's document, or redirect to its audio if the caller prefers audio."""
    principal = authorization.enter(request, names)
    recording = authorization.find(principal, names)
    if requests.preferred(request, AUDIO_TYPES) == "audio":
        return _audio(request, recording)
    return _one(request, principal, recording)


def get_attachment(request: Request, names: Names) -> Response:
    """Redirect to a recording's audio, whatever the Accept header names.

    KAZOO 4.0 has this path for audio.
    """
    return _audio(request, authorization.find(authorization.enter(request, names), names))


def patch_recording(request: Request, names: Names) -> Response:
    """Merge changes into a recording's `user_metadata`, and return the document.

    An admin can change `owner_id` too. No other field can be changed.
    """
    principal = authorization.enter(request, names)
    recording = authorization.find(principal, names)
    data = requests.data(request)
    for name in data.keys() - {"user_metadata", *(("owner_id",) if principal.reader.is_admin else ())}:
        raise refusals.invalid(name, "forbidden", "Read-only property")
    changes, owner_id = data.get("user_metadata", {}), data.get("owner_id")
    if not isinstance(changes, dict):
        raise refusals.invalid("user_metadata", "type", "Value did not match type(s): object")
    if "owner_id" in data:
        _check_owner(owner_id)
    if changes:
        recording = edits.edit_metadata(principal, recording, changes)
    if owner_id is not None:
        recording = edits.change_owner(principal, recording, owner_id)
    return _one(request, principal, recording)


def delete_recording(request: Request, names: Names) -> Response:
    """Delete a recording's audio and return the document of the deleted recording.

    The row stays as a tombstone, even with `should_soft_delete=false`. Without a tombstone, a late
    callback or a queued fetch would bring the recording back.
    """
    principal = authorization.enter(request, names)
    recording = edits.delete(principal, authorization.find(principal, names, access.find_to_delete))
    return _one(request, principal, recording, {"_read_only": {"deleted": True}})


_LIST = {"GET": lists.list_recordings, "POST": retries.retry_recordings}
_ONE = {
    "GET": get_recording,
    "POST": retries.retry_recording,
    "PATCH": patch_recording,
    "DELETE": delete_recording,
}
_ATTACHMENT = {"GET": get_attachment}

PREFIXES: tuple[str, ...] = ("/v2/",)
ROUTES: Routes = {
    "/v2/accounts/{account_id}/recordings": _LIST,
    "/v2/accounts/{account_id}/recordings/{recording_id}": _ONE,
    "/v2/accounts/{account_id}/recordings/{recording_id}/attachment": _ATTACHMENT,
    "/v2/accounts/{account_id}/completeness": {"GET": completeness.list_days},
    "/v2/accounts/{account_id}/calls/{call_id}/recordings": {"POST": controls.control_recording},
    "/v2/accounts/{account_id}/users/{user_id}/recordings": _LIST,
    "/v2/accounts/{account_id}/users/{user_id}/recordings/{recording_id}": _ONE,
    "/v2/accounts/{account_id}/users/{user_id}/recordings/{recording_id}/attachment": _ATTACHMENT,
    "/v2/api_auth": {"PUT": logins.log_in},
    "/v2/user_auth": {"PUT": logins.refuse_user},
    "/v2/token_auth": {"GET": logins.get_identity},
}


def _check_owner(owner_id: object) -> None:
    """Raise CrossbarError unless a value can be the owner of a recording."""
    if not isinstance(owner_id, str):
        raise refusals.invalid("owner_id", "type", "Value did not match type(s): string")
    if not 0 < len(owner_id) <= MAX_OWNER or not owner_id.isprintable():
        raise refusals.invalid("owner_id", "maxLength", f"String must have 1 to {MAX_OWNER} printable characters")


def _one(request: Request, principal: Principal, recording: Recording, members: Document | None = None) -> Response:
    """Return a recording's document."""
    document = shared_fields.for_reader(documents.render(recording), recording, principal) | (members or {})
    return envelopes.succeed(request, document, revision=str(recording.revision))


def _audio(request: Request, recording: Recording) -> Response:
    """Redirect to a recording's audio; raises CrossbarError if there is none.

    The URL is valid for some minutes only, so the response must not be cached.
    """
    inline = request.query.get("inline") == "true"
    disposition = shared_fields.disposition(shared_fields.file_name(recording), inline=inline)
    try:
        location = access.media_url(recording, disposition=disposition)
    except NotFoundError:
        raise refusals.no_audio(recording.recording_id) from None
    return envelopes.plain(request, 302, {"location": location})
