"""Serve Bandwidth's Voice API, version 2: https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings.

A caller authenticates by Basic with the account id and the secret, or by Bearer with
`<account_id>.<secret>`. `POST /api/v1/oauth2/token` issues that token for client credentials. The
account in the path is the archive's account id or the account's id at its provider.

Bandwidth's list of an account has call recordings only, and so has this one. A conference's
recording is listed only if it also belongs to a call.

Differences from Bandwidth, on purpose:

- A recording that belongs to neither a call nor a conference is listed too. Only the archive has
  paths for it.
- If none of `minStartTime`, `to` and `from` is given, an account's list begins ten years before its
  end (`listing.within`). A recording without a start time is listed at the time when the archive
  first learned of it.
- A list that does not fit into one response of Lambda is refused, because a shorter list would hide
  recordings.
- Audio is a redirect to S3 for any Accept header, because the SDK asks for JSON even when it
  downloads audio.
- After a DELETE of the media, the recording is not found, whereas Bandwidth keeps the metadata. The
  row stays as a tombstone, which no dialect shows. A DELETE of a deleted recording answers 204:
  Bandwidth's own tests delete the media and then the recording (test/smoke of its SDKs).
- Recordings of conferences can be deleted. If they belong to a call, they are found under the paths
  of the call too.
- A transcription is served only if the archive has its text. Real-time transcriptions, which belong
  to a call and not to a recording, are not archived.
- The header `warning` names the parameters that a list ignores.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from callvault import times
from callvault.dialects import dispatch, ignored, responses, shared_fields
from callvault.dialects.bandwidth import controls, documents, oauth, refusals, transcriptions
from callvault.dialects.dispatch import Names, Routes
from callvault.errors import CallvaultError, InvalidRequestError, NotFoundError
from callvault.models import TOMBSTONES, Recording, State
from callvault.readers import access, edits, pages
from callvault.readers.pages import PageRequest
from callvault.storage import listing
from callvault.web import Request, Response

MAX_RECORDINGS = 1000
"""Maximum number of recordings in a list, because Bandwidth has no pages."""
MAX_LIST_SECONDS = 24.0
"""Maximum time for reading a list, in seconds: more than for a page, as no next page follows."""
MILLISECOND = timedelta(milliseconds=1)
FIRST = datetime.min.replace(tzinfo=UTC) + MILLISECOND
FILTERS = {"to": "callee", "from": "caller"}
"""Maps a query parameter to the field of a recording that it filters by."""
ACCOUNT_PARAMETERS = frozenset({*FILTERS, "minStartTime", "maxStartTime"})
"""Parameters of an account's list. The lists of a call and of a conference have none."""


def answer(request: Request) -> Response:
    """Answer a request; raises the errors of `errors.py`."""
    return dispatch.answer(ROUTES, request)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Return the error response: OAuth2's at the token endpoint, Bandwidth's at all other paths."""
    if request.path.rstrip("/") == oauth.PATH:
        return oauth.refuse(error)
    return refusals.refuse(error, request)


def list_account(request: Request, names: Names) -> Response:
    """Return the account's call recordings, the oldest first."""
    fixed = {field: shared_fields.number(request.query.get(name, "")) or None for name, field in FILTERS.items()}
    since, until = _moment(request, "minStartTime"), _moment(request, "maxStartTime")
    if until is not None:
        until = max(until, FIRST) - MILLISECOND
    span = {"since": since, "until": until}
    return _list(request, names, documents.render_call, fixed, **span, calls_only=True, known=ACCOUNT_PARAMETERS)


def list_call(request: Request, names: Names) -> Response:
    """Return a call's recordings, the oldest first."""
    return _list(request, names, documents.render_call, {"call_id": names["call_id"]})


def list_conference(request: Request, names: Names) -> Response:
    """Return a conference's recordings, the oldest first."""
    fixed = {"conference_id": names["conference_id"]}
    return _list(request, names, documents.render_conference, fixed)


def get_recording(request: Request, names: Names) -> Response:
    """Return a recording's metadata."""
    principal = access.enter(request, names["account_id"])
    recording = access.find_named(principal, names)
    render = documents.render_conference if "conference_id" in names else documents.render_call
    document = render(recording, _base(request, names), names["account_id"])
    return responses.as_json(200, shared_fields.for_reader(document, recording, principal))


def get_media(request: Request, names: Names) -> Response:
    """Redirect to a recording's audio."""
    recording = access.find_named(access.enter(request, names["account_id"]), names)
    return responses.audio(recording, inline=False)


def delete_recording(request: Request, names: Names) -> Response:
    """Delete a recording; the answer is the same if it was deleted before."""
    principal = access.enter(request, names["account_id"])
    access.check_can_delete(principal)  # first, because only who may delete learns what was deleted
    recording = access.find_named(principal, names, hidden=TOMBSTONES - {State.DELETED})
    edits.delete(principal, recording)
    return responses.no_content()


def delete_media(request: Request, names: Names) -> Response:
    """Delete a recording that has audio; before the audio is fetched, the response is a 404."""
    principal = access.enter(request, names["account_id"])
    recording = access.find_to_delete(principal, names)
    if recording.served is None and recording.state is not State.DELETED:
        raise NotFoundError("The recording has no audio.")
    edits.delete(principal, recording)
    return responses.no_content()


_ONE = {"GET": get_recording, "DELETE": delete_recording}
_MEDIA = {"GET": get_media, "DELETE": delete_media}
_TRANSCRIPTION = {"GET": transcriptions.get, "DELETE": transcriptions.delete}
_ACCOUNT = "/api/v2/accounts/{account_id}"

PREFIXES: tuple[str, ...] = ("/api/v2/", oauth.PATH)
ROUTES: Routes = {
    oauth.PATH: {"POST": oauth.give_token},
    f"{_ACCOUNT}/recordings": {"GET": list_account},
    f"{_ACCOUNT}/recordings/{{recording_id}}": _ONE,
    f"{_ACCOUNT}/recordings/{{recording_id}}/media": _MEDIA,
    f"{_ACCOUNT}/recordings/{{recording_id}}/transcription": _TRANSCRIPTION,
    f"{_ACCOUNT}/calls/{{call_id}}/recording": {"PUT": controls.update},
    f"{_ACCOUNT}/calls/{{call_id}}/recordings": {"GET": list_call},
    f"{_ACCOUNT}/calls/{{call_id}}/recordings/{{recording_id}}": _ONE,
    f"{_ACCOUNT}/calls/{{call_id}}/recordings/{{recording_id}}/media": _MEDIA,
    f"{_ACCOUNT}/calls/{{call_id}}/recordings/{{recording_id}}/transcription": {
        **_TRANSCRIPTION,
        "POST": transcriptions.request,
    },
    f"{_ACCOUNT}/conferences/{{conference_id}}/recordings": {"GET": list_conference},
    f"{_ACCOUNT}/conferences/{{conference_id}}/recordings/{{recording_id}}": _ONE,
    f"{_ACCOUNT}/conferences/{{conference_id}}/recordings/{{recording_id}}/media": _MEDIA,
}


def _list(
    request: Request,
    names: Names,
    render: documents.Renderer,
    fixed: Mapping[str, str | None],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    calls_only: bool = False,
    known: frozenset[str] = frozenset(),
) -> Response:
    """Return a list of at most MAX_RECORDINGS recordings, the oldest first.

    `fixed` has the required values by field; None allows any value. `known` has the names of the
    list's parameters. Raises TooLargeError.
    """
    principal = access.enter(request, names["account_id"])
    base, account_id = _base(request, names), names["account_id"]

    def item(recording: Recording) -> documents.Document:
        document = shared_fields.for_reader(render(recording, base, account_id), recording, principal)
        return shared_fields.for_list(document)

    wanted = PageRequest(
        query=listing.within(principal.account.account_id, since, until, ascending=True, **fixed),
        size=MAX_RECORDINGS,
        matches=lambda recording: not calls_only or bool(recording.call_id) or not recording.conference_id,
        weigh=lambda recording: responses.weigh(item(recording)),
        seconds=MAX_LIST_SECONDS,
    )
    page = pages.read(principal, wanted)
    if page.next and len(page.recordings) < MAX_RECORDINGS:
        raise refusals.list_too_large()
    headers = ignored.headers(ignored.find(request, known))
    return responses.as_json(200, [item(recording) for recording in page.recordings], headers)


def _moment(request: Request, name: str) -> datetime | None:
    """Return a time parameter, or None if it is missing or blank; raises InvalidRequestError."""
    value = request.query.get(name)
    moment = times.read(value)
    if value and moment is None:
        raise InvalidRequestError(name, f"{name} is not an ISO 8601 time.")
    return moment


def _base(request: Request, names: Names) -> str:
    """Return the URL of the account, with the account id from the caller's path."""
    return request.origin + documents.path(_ACCOUNT, names)
