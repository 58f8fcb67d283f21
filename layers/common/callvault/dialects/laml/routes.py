"""Serve SignalWire's Compatibility API and Twilio's: https://www.twilio.com/docs/voice/api/recording.

The two APIs share paths, lists and errors; the types of some fields differ. An account at
SignalWire gets SignalWire's types, an account at Twilio gets Twilio's. Every other account gets the
types of the prefix in the path: `/api/laml/2010-04-01` is SignalWire's, `/2010-04-01` Twilio's.

A caller authenticates by Basic with the account id and the secret. The account id takes the place
of the AccountSid. The account in the path is the archive's account id or the account's id at its
provider.

Differences, on purpose:

- Responses are JSON, with or without `.json`. At Twilio, paths without `.json` return XML.
- A recording's path without extension is its audio, unless Accept names JSON and no audio. With
  `.wav` or `.mp3`, it is the audio if that is stored in this format, and a 404 otherwise, because
  the archive does not transcode. `RequestedChannels` is ignored. Audio is a redirect to S3.
- DateCreated is a recording's start, or else the time when the archive first learned of it. If
  neither `DateCreated` nor `DateCreated>` is given, an account's list begins ten years before its
  end (`listing.within`). A call's or a conference's list has no such limit. The newest recordings
  come first.
- A page may hold fewer recordings than `page_size` although more follow, because a response of
  Lambda is limited to 6 MB.
- A deleted recording is not found and not listed, even with IncludeSoftDeleted. The header
  `warning` names this parameter, and every other one that a list ignores.
- A recording that the archive failed to fetch is `absent`, because the archive has no audio. The
  member `archive` has the reason.
"""

from callvault.dialects import dispatch, ignored, responses, shared_fields
from callvault.dialects.dispatch import Action, Names, Routes
from callvault.dialects.laml import controls, flavours, lists, refusals
from callvault.errors import CallvaultError, NotFoundError
from callvault.readers import access, edits, pages
from callvault.readers.pages import PageRequest
from callvault.storage import listing
from callvault.web import Request, Response


def answer(request: Request) -> Response:
    """Answer a request; raises the errors of `errors.py`."""
    return dispatch.answer(ROUTES, request)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Return the error response, with the error codes of the provider whose prefix the path has."""
    return refusals.refuse(error, request.path, signalwire=flavours.has_signalwire_path(request))


def list_recordings(request: Request, names: Names) -> Response:
    """Return a page of an account's, a call's or a conference's recordings."""
    principal = access.enter(request, names["account_id"])
    wanted = lists.read(request.query)
    render = flavours.renderer(request, principal, names)
    query = request.query
    passed_over = ignored.find(request, lists.known(query, names))
    page_request = PageRequest(
        query=listing.within(
            principal.account.account_id,
            wanted.since,
            wanted.until,
            call_id=names.get("call_id") or query.get("CallSid") or None,
            conference_id=names.get("conference_id") or query.get("ConferenceSid") or None,
        ),
        size=wanted.page.size,
        token=wanted.page.token,
        backward=wanted.page.backward,
        binding=lists.binding(request),
        weigh=lambda recording: responses.weigh(shared_fields.for_list(render(recording))),
    )
    page = pages.read(principal, page_request)
    items = [shared_fields.for_list(render(recording)) for recording in page.recordings]
    envelope = lists.envelope(request, wanted, page, signalwire=flavours.is_signalwire(request, principal))
    return responses.as_json(200, {**envelope, "recordings": items}, ignored.headers(passed_over))


def get_json(request: Request, names: Names) -> Response:
    """Return a recording's resource."""
    principal = access.enter(request, names["account_id"])
    recording = access.find_named(principal, names)
    return responses.as_json(200, flavours.renderer(request, principal, names)(recording))


def get_wav(request: Request, names: Names) -> Response:
    """Redirect to a recording's audio, if it is stored as WAVE."""
    return _audio(request, names, "wav")


def get_mp3(request: Request, names: Names) -> Response:
    """Redirect to a recording's audio, if it is stored as MP3."""
    return _audio(request, names, "mp3")


def get_either(request: Request, names: Names) -> Response:
    """Return a recording's resource or redirect to its audio, by the Accept header.

    The resource is returned if Accept names JSON and no audio.
    """
    accept = request.headers.get("accept", "").lower()
    if "json" in accept and "audio" not in accept:
        return get_json(request, names)
    return _audio(request, names, None)


def delete_recording(request: Request, names: Names) -> Response:
    """Delete a recording."""
    principal = access.enter(request, names["account_id"])
    edits.delete(principal, access.find_to_delete(principal, names))
    return responses.no_content()


def _routes() -> dict[str, dict[str, Action]]:
    """Return the routes of both prefixes.

    A pattern with an extension comes before the one without, because a recording's id may have
    dots.
    """
    routes: dict[str, dict[str, Action]] = {}
    for prefix in (flavours.TWILIO, flavours.SIGNALWIRE):
        for parent in ("", "/Calls/{call_id}", "/Conferences/{conference_id}"):
            recordings = f"{prefix}/Accounts/{{account_id}}{parent}/Recordings"
            one = f"{recordings}/{{recording_id}}"
            routes[recordings] = {"GET": list_recordings}
            routes[f"{recordings}.json"] = {"GET": list_recordings}
            routes[f"{one}.json"] = {"GET": get_json, "DELETE": delete_recording}
            routes[f"{one}.wav"] = {"GET": get_wav}
            routes[f"{one}.mp3"] = {"GET": get_mp3}
            routes[one] = {"GET": get_either, "DELETE": delete_recording}
        for recordings in (f"{prefix}{controls.RECORDINGS}", f"{prefix}{controls.RECORDINGS}.json"):
            routes[recordings] |= {"POST": controls.start}
        for one in (f"{prefix}{controls.RECORDING}.json", f"{prefix}{controls.RECORDING}"):
            routes[one] |= {"POST": controls.update}
    return routes


PREFIXES: tuple[str, ...] = ("/2010-04-01/", "/api/laml/")
ROUTES: Routes = _routes()


def _audio(request: Request, names: Names, extension: str | None) -> Response:
    """Redirect to a recording's audio, if it is stored with this extension (None: with any).

    Raises NotFoundError.
    """
    recording = access.find_named(access.enter(request, names["account_id"]), names)
    stored = shared_fields.extension(recording)
    if recording.served is not None and recording.served.is_encrypted:
        stored = "wav"  # as at Twilio, which encrypts WAVE
    if recording.served is not None and extension not in {None, stored}:
        raise NotFoundError(f"The recording is archived as {stored} and not as {extension}.")
    return responses.audio(recording, inline=True)
