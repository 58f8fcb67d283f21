"""Serve, request and delete transcriptions as in Bandwidth's API.

https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings. The text is served as Bandwidth
sent it, without members that are null (bandwidth-sdk, RecordingTranscriptions). A request is a POST
with the members of TranscribeRecording, which the archive forwards to Bandwidth. Without a
`callbackUrl`, Bandwidth calls the archive back. The archive answers a request and a DELETE with a
204 without a body.

A `callbackUrl` must be https or at an origin in the account's `forward_origins`, and must not be a
URL of the archive itself. It must have no user name and password, and its fragment is left out. A
reader with a `user_id` may name only a URL at such an origin, because Bandwidth calls whatever URL
it is given, with credentials of the caller's choice.
"""

from typing import Any

from callvault.dialects import responses
from callvault.dialects.bandwidth import documents
from callvault.dialects.dispatch import Names
from callvault.errors import InvalidRequestError, NotFoundError
from callvault.ingest import forwarding
from callvault.providers.fields import json_object
from callvault.readers import access, pages, transcripts
from callvault.readers.access import Principal
from callvault.web import Request, Response

OPTIONS: dict[str, tuple[type, ...]] = {
    "callbackUrl": (str,),
    "callbackMethod": (str,),
    "username": (str,),
    "password": (str,),
    "tag": (str,),
    "callbackTimeout": (int, float),
    "detectLanguage": (bool,),
}
"""The members of TranscribeRecording, each with its types. A null counts as missing."""


def get(request: Request, names: Names) -> Response:
    """Return the text of a recording's transcription, if the archive has it.

    A text that does not fit into a response is a redirect to S3.
    """
    recording = access.find_named(access.enter(request, names["account_id"]), names)
    content = documents.text_of(recording, transcripts.read(recording))
    if content is None:
        raise NotFoundError("The recording has no transcription.")
    if responses.weigh(content) > pages.MAX_PAGE_BYTES and recording.transcript and recording.transcript.text:
        return responses.redirect(transcripts.url(recording.transcript.text))
    return responses.as_json(200, content)


def delete(request: Request, names: Names) -> Response:
    """Delete the transcription of a recording; the answer is the same if it was deleted before."""
    principal = access.enter(request, names["account_id"])
    transcripts.delete(principal, access.find_named(principal, names))
    return responses.no_content()


def request(request: Request, names: Names) -> Response:
    """Ask Bandwidth to transcribe a recording."""
    principal = access.enter(request, names["account_id"])
    access.check_can_control(principal)
    recording = access.find_named(principal, names)
    transcripts.request(principal, recording, _options(principal, request), request)
    return responses.no_content()


def _options(principal: Principal, request: Request) -> dict[str, Any]:
    """Return the options of a request; raises InvalidRequestError."""
    given = {name: value for name, value in json_object(request.body or b"{}").items() if value is not None}
    for name, value in given.items():
        if name not in OPTIONS:
            raise InvalidRequestError(name, f"{name} is not an option of a transcription.")
        if not isinstance(value, OPTIONS[name]) or isinstance(value, bool) is not (OPTIONS[name] == (bool,)):
            raise InvalidRequestError(name, f"{name} has the wrong type.")
    if url := given.get("callbackUrl"):
        given["callbackUrl"] = _callback_url(principal, request, url)
    return given


def _callback_url(principal: Principal, request: Request, value: str) -> str:
    """Return the URL that Bandwidth is to call; raises InvalidRequestError."""
    is_limited = principal.reader.user_id is not None
    try:
        return forwarding.read_url(principal.account, request, value, only_listed=is_limited)
    except ValueError as error:
        raise InvalidRequestError("callbackUrl", f"callbackUrl {error}.") from None
