"""Speak SignalWire's Compatibility API and Twilio's: https://www.twilio.com/docs/voice/api/recording.

The two share paths, lists and errors and differ in the types of some fields: an account at SignalWire is answered with
SignalWire's, one at Twilio with Twilio's, and any other with those of the prefix that was asked, `/api/laml/2010-04-01`
or `/2010-04-01`. A caller authenticates by Basic with the account id, which takes the place of the AccountSid, and the
secret; the account in the path may be the account's id at its provider too.

Where this differs, on purpose:

- All is JSON, with or without `.json`; Twilio's paths without it answer XML.
- A recording's own path without extension is its audio, unless the caller's Accept names JSON and no audio. `.wav` and
  `.mp3` serve what is stored: the archive does not transcode, so the other one is not found. `RequestedChannels` is
  not heeded. The audio is a redirect to S3.
- DateCreated is a recording's start, or else when we first heard of it. Without one a list goes back ten years from its
  end (`listing.within`). The newest comes first.
- A page may hold fewer recordings than `page_size` although more follow: where it would outgrow an answer of Lambda.
- A deleted recording is not found and not listed, not even with IncludeSoftDeleted.
- A recording that failed to be archived is `absent`: there is no audio of it here. `archive` says why.
"""

from collections.abc import Mapping

from callvault.dialects import responses, shared_fields
from callvault.dialects.base import Action, MethodNotAllowedError, Routes, match
from callvault.dialects.laml import controls, flavours, lists, refusals
from callvault.errors import CallvaultError, NotFoundError
from callvault.models import Recording
from callvault.readers import access, edits, pages
from callvault.readers.access import Principal
from callvault.readers.pages import PageRequest
from callvault.storage import listing
from callvault.web import Request, Response


def answer(request: Request) -> Response:
    """Answer a request; raises what `errors.py` has."""
    actions, names = match(ROUTES, request.path.rstrip("/"))
    if request.method not in actions:
        raise MethodNotAllowedError(tuple(actions))
    return actions[request.method](request, names)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Say what went wrong as both do."""
    return refusals.refuse(error, request.path, signalwire=flavours.asked_signalwire(request))


def list_recordings(request: Request, names: Mapping[str, str]) -> Response:
    """Return a page of an account's, a call's or a conference's recordings."""
    principal = access.enter(request, names["account_id"])
    wanted = lists.read(request.query)
    render = flavours.renderer(request, principal, names)
    query = request.query
    page_request = PageRequest(
        query=listing.within(
            principal.account.account_id,
            wanted.since,
            wanted.until,
            call_id=names.get("call_id") or query.get("CallSid") or None,
            conference_id=names.get("conference_id") or query.get("ConferenceSid") or None,
        ),
        size=wanted.size,
        token=wanted.token,
        backward=wanted.backward,
        binding=lists.binding(request),
        weigh=lambda recording: responses.weigh(shared_fields.brief(render(recording))),
    )
    page = pages.read(principal, page_request)
    items = [shared_fields.brief(render(recording)) for recording in page.recordings]
    envelope = lists.envelope(request, wanted, page, signalwire=flavours.is_signalwire(request, principal))
    return responses.as_json(200, {**envelope, "recordings": items})


def get_json(request: Request, names: Mapping[str, str]) -> Response:
    """Return a recording's resource."""
    principal = access.enter(request, names["account_id"])
    return responses.as_json(200, flavours.renderer(request, principal, names)(_find(principal, names)))


def get_wav(request: Request, names: Mapping[str, str]) -> Response:
    """Return where a recording's audio is, if it is WAVE."""
    return _audio(request, names, "wav")


def get_mp3(request: Request, names: Mapping[str, str]) -> Response:
    """Return where a recording's audio is, if it is MP3."""
    return _audio(request, names, "mp3")


def get_either(request: Request, names: Mapping[str, str]) -> Response:
    """Return a recording's resource to who wants JSON and no audio, to all others where its audio is."""
    accept = request.headers.get("accept", "").lower()
    if "json" in accept and "audio" not in accept:
        return get_json(request, names)
    return _audio(request, names, None)


def delete_recording(request: Request, names: Mapping[str, str]) -> Response:
    """Remove a recording."""
    principal = access.enter(request, names["account_id"])
    edits.delete(principal, _find(principal, names))
    return responses.nothing()


def _routes() -> dict[str, dict[str, Action]]:
    """Return all that both prefixes answer; the longer patterns first, since a name takes dots as well."""
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


def _audio(request: Request, names: Mapping[str, str], extension: str | None) -> Response:
    """Return where a recording's audio is, if it has the extension that was asked for."""
    recording = _find(access.enter(request, names["account_id"]), names)
    stored = shared_fields.extension(recording)
    if recording.media is not None and extension not in {None, stored}:
        raise NotFoundError(f"The recording is archived as {stored} and not as {extension}.")
    return responses.audio(recording, inline=True)


def _find(principal: Principal, names: Mapping[str, str]) -> Recording:
    """Return the recording that a path names."""
    call_id, conference_id = names.get("call_id"), names.get("conference_id")
    return access.find(principal, names["recording_id"], call_id=call_id, conference_id=conference_id)
