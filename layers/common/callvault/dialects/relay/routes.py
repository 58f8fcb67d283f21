"""Serve SignalWire's Recordings API: https://signalwire.com/docs/apis/rest/recordings/list-call-recordings.

A caller authenticates by Basic with the account id and the secret, as in the Compatibility API. No
path has an account: it is that of the credentials. Every recording of the account is served,
whichever product or provider made it.

Differences, on purpose:

- `url` is a URL of the archive, `…/recordings/ID/download`, which redirects to S3 and needs the
  credentials. SignalWire's is one of files.signalwire.com.
- `status` is one of five words; see `documents.STATUSES`.
- An account's list begins ten years before its end (`listing.within`). The newest recordings come
  first.
- A page may hold fewer recordings than `page_size` although more follow, because a response of
  Lambda is limited to 6 MB. `links.next` is there then.
- A deleted recording is not found and not listed.
- The header `warning` names the parameters that a list ignores.
"""

from callvault.dialects import dispatch, ignored, responses, shared_fields
from callvault.dialects.dispatch import Names, Routes
from callvault.dialects.relay import documents, lists, refusals
from callvault.errors import CallvaultError
from callvault.readers import access, edits, pages
from callvault.readers.pages import PageRequest
from callvault.storage import listing
from callvault.web import Request, Response


def answer(request: Request) -> Response:
    """Answer a request; raises the errors of `errors.py`."""
    return dispatch.answer(ROUTES, request)


def refuse(error: CallvaultError, request: Request) -> Response:
    """Return the error response."""
    return refusals.refuse(error)


def list_recordings(request: Request, names: Names) -> Response:
    """Return a page of the account's recordings."""
    principal = access.authenticate(request)
    wanted = lists.read(request.query)
    render = documents.renderer(request, principal)
    passed_over = ignored.find(request, lists.KNOWN)
    page_request = PageRequest(
        query=listing.within(principal.account.account_id, None, None),
        size=wanted.size,
        token=wanted.token,
        backward=wanted.backward,
        binding=lists.BINDING,
        weigh=lambda recording: responses.weigh(shared_fields.for_list(render(recording))),
    )
    page = pages.read(principal, page_request)
    items = [shared_fields.for_list(render(recording)) for recording in page.recordings]
    content = {"links": lists.links(request, wanted, page), "data": items}
    return responses.as_json(200, content, ignored.headers(passed_over))


def get_recording(request: Request, names: Names) -> Response:
    """Return a recording's resource."""
    principal = access.authenticate(request)
    recording = access.find_named(principal, names)
    return responses.as_json(200, documents.renderer(request, principal)(recording))


def get_media(request: Request, names: Names) -> Response:
    """Redirect to a recording's audio."""
    recording = access.find_named(access.authenticate(request), names)
    return responses.audio(recording, inline=True)


def delete_recording(request: Request, names: Names) -> Response:
    """Delete a recording."""
    principal = access.authenticate(request)
    edits.delete(principal, access.find_to_delete(principal, names))
    return responses.no_content()


PREFIXES: tuple[str, ...] = ("/api/relay/rest/",)
ROUTES: Routes = {
    documents.ROOT: {"GET": list_recordings},
    f"{documents.ROOT}/{{recording_id}}": {"GET": get_recording, "DELETE": delete_recording},
    f"{documents.ROOT}/{{recording_id}}{documents.MEDIA}": {"GET": get_media},
}
