"""Speak Bandwidth's Voice API, version 2: https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings.

A caller authenticates by Basic with the account id and the secret, or by Bearer `<account_id>.<secret>`, which
`POST /api/v1/oauth2/token` gives out for client credentials. The account in the path is the archive's account id, or
the account's id at its provider.

Where this differs from Bandwidth, on purpose:

- The account's list has call recordings only, as Bandwidth's: without those that belong to a conference and no call.
  Whose call nobody told is listed too; the paths without a call or conference, which are our own, serve it.
- Without `minStartTime` it goes back ten years from its end (`listing.within`). A recording whose start nobody told
  stands where we first heard of it.
- What does not fit into one answer of Lambda is refused: a list that ends early without a word would lose recordings.
- Audio is a redirect to S3, whatever Accept says: the SDK asks for JSON there.
- After DELETE of the media, too, the recording is not found; Bandwidth keeps its metadata. What stays is a tombstone,
  which is no more in any dialect: else a recording would be gone in one and there in another.
- Conference recordings can be deleted, and found by their call if they have one.
- Bandwidth's `POST …/transcription` is not there, and a transcription only if its text is in the archive.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from callvault import times
from callvault.dialects import responses, shared_fields
from callvault.dialects.bandwidth import controls, documents, oauth, refusals
from callvault.dialects.base import MethodNotAllowedError, Routes, match
from callvault.errors import CallvaultError, InvalidRequestError, NotFoundError
from callvault.models import Recording
from callvault.readers import access, edits, pages
from callvault.readers.access import Principal
from callvault.readers.pages import PageRequest
from callvault.storage import listing
from callvault.web import Request, Response

MOST = 1000
"""Of one list: Bandwidth has no pages; callers go on from the last start time."""
SECONDS = 24.0
"""How long a list may be read for: longer than a page elsewhere, because it cannot be gone on with."""
MILLISECOND = timedelta(milliseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC) + MILLISECOND
FIXED = {"to": "callee", "from": "caller"}


def answer(request: Request) -> Response:
    """Answer a request; raises what `errors.py` has."""
    actions, names = match(ROUTES, request.path.rstrip("/"))
    if request.method not in actions:
        raise MethodNotAllowedError(tuple(actions))
    return actions[request.method](request, names)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Say what went wrong as Bandwidth does."""
    if request.path.rstrip("/") == oauth.PATH:
        return oauth.refuse(error)
    return refusals.refuse(error, request)


def list_account(request: Request, names: Mapping[str, str]) -> Response:
    """Return the account's call recordings, the oldest first."""
    fixed = {field: request.query.get(name) or None for name, field in FIXED.items()}
    since, until = _moment(request, "minStartTime"), _moment(request, "maxStartTime")
    if until is not None:
        until = max(until, FIRST) - MILLISECOND
    return _list(request, names, documents.render_call, fixed, since=since, until=until, calls_only=True)


def list_call(request: Request, names: Mapping[str, str]) -> Response:
    """Return a call's recordings, the oldest first."""
    return _list(request, names, documents.render_call, {"call_id": names["call_id"]})


def list_conference(request: Request, names: Mapping[str, str]) -> Response:
    """Return a conference's recordings, the oldest first."""
    fixed = {"conference_id": names["conference_id"]}
    return _list(request, names, documents.render_conference, fixed)


def get_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Return a recording's metadata."""
    recording = _find(access.enter(request, names["account_id"]), names)
    render = documents.render_conference if "conference_id" in names else documents.render_call
    return responses.as_json(200, render(recording, _base(request, names), names["account_id"]))


def get_media(request: Request, names: Mapping[str, str]) -> Response:
    """Return where a recording's audio is."""
    return responses.audio(_find(access.enter(request, names["account_id"]), names), inline=False)


def get_transcription(request: Request, names: Mapping[str, str]) -> Response:
    """Return what was said, if the archive has it."""
    content = documents.transcript(_find(access.enter(request, names["account_id"]), names))
    if content is None:
        raise NotFoundError("The recording has no transcription.")
    return responses.as_json(200, content)


def delete_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Remove a recording."""
    principal = access.enter(request, names["account_id"])
    edits.delete(principal, _find(principal, names))
    return responses.nothing()


def delete_media(request: Request, names: Mapping[str, str]) -> Response:
    """Remove a recording that has audio: what is still to be fetched is not to be lost by that."""
    principal = access.enter(request, names["account_id"])
    recording = _find(principal, names)
    if recording.media is None:
        raise NotFoundError("The recording has no audio.")
    edits.delete(principal, recording)
    return responses.nothing()


_ONE = {"GET": get_recording, "DELETE": delete_recording}
_MEDIA = {"GET": get_media, "DELETE": delete_media}
_TRANSCRIPTION = {"GET": get_transcription}
_ACCOUNT = "/api/v2/accounts/{account_id}"

PREFIXES: tuple[str, ...] = ("/api/v2/", oauth.PATH)
ROUTES: Routes = {
    oauth.PATH: {"POST": oauth.give},
    f"{_ACCOUNT}/recordings": {"GET": list_account},
    f"{_ACCOUNT}/recordings/{{recording_id}}": _ONE,
    f"{_ACCOUNT}/recordings/{{recording_id}}/media": _MEDIA,
    f"{_ACCOUNT}/recordings/{{recording_id}}/transcription": _TRANSCRIPTION,
    f"{_ACCOUNT}/calls/{{call_id}}/recording": {"PUT": controls.update},
    f"{_ACCOUNT}/calls/{{call_id}}/recordings": {"GET": list_call},
    f"{_ACCOUNT}/calls/{{call_id}}/recordings/{{recording_id}}": _ONE,
    f"{_ACCOUNT}/calls/{{call_id}}/recordings/{{recording_id}}/media": _MEDIA,
    f"{_ACCOUNT}/calls/{{call_id}}/recordings/{{recording_id}}/transcription": _TRANSCRIPTION,
    f"{_ACCOUNT}/conferences/{{conference_id}}/recordings": {"GET": list_conference},
    f"{_ACCOUNT}/conferences/{{conference_id}}/recordings/{{recording_id}}": _ONE,
    f"{_ACCOUNT}/conferences/{{conference_id}}/recordings/{{recording_id}}/media": _MEDIA,
}


def _find(principal: Principal, names: Mapping[str, str]) -> Recording:
    """Return the recording that a path names."""
    call_id, conference_id = names.get("call_id"), names.get("conference_id")
    return access.find(principal, names["recording_id"], call_id=call_id, conference_id=conference_id)


def _list(
    request: Request,
    names: Mapping[str, str],
    render: documents.Renderer,
    fixed: Mapping[str, str | None],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    calls_only: bool = False,
) -> Response:
    """Return at most MOST recordings."""
    principal = access.enter(request, names["account_id"])
    base, account_id = _base(request, names), names["account_id"]

    def item(recording: Recording) -> documents.Document:
        return shared_fields.brief(render(recording, base, account_id))

    wanted = PageRequest(
        query=listing.within(principal.account.account_id, since, until, ascending=True, **fixed),
        size=MOST,
        matches=lambda recording: not calls_only or bool(recording.call_id) or not recording.conference_id,
        weigh=lambda recording: responses.weigh(item(recording)),
        seconds=SECONDS,
    )
    page = pages.read(principal, wanted)
    if page.next and len(page.recordings) < MOST:
        raise refusals.too_much()
    return responses.as_json(200, [item(recording) for recording in page.recordings])


def _moment(request: Request, name: str) -> datetime | None:
    """Return the time that a parameter names, None if it is not there or blank."""
    value = request.query.get(name)
    moment = times.read(value)
    if value and moment is None:
        raise InvalidRequestError(name, f"{name} is not an ISO 8601 time.")
    return moment


def _base(request: Request, names: Mapping[str, str]) -> str:
    """Return the address of the account as the caller wrote it."""
    return request.origin + documents.path(_ACCOUNT, names)
