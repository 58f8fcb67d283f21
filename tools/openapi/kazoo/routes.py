"""Describe the routes of KAZOO's dialect."""

from callvault.dialects.dispatch import Action
from callvault.dialects.kazoo import controls, lists, logins, retries, routes
from tools.openapi import facts, live_calls, shapes
from tools.openapi.entries import PUBLIC, Entry
from tools.openapi.kazoo import parameters
from tools.openapi.shapes import CSV, JSON, JSONP, Shape

PREFIX = "Kazoo"
ETAG = shapes.text("Changes with the content; send it as If-None-Match.")
REQUEST_ID = shapes.text("The caller's own X-Request-ID, or else the archive's.")
ORIGIN = shapes.text("Pages of all origins may send requests.")
ANY = {"X_Request_ID": REQUEST_ID, "Access_Control_Allow_Origin": ORIGIN}
JSONP_TEXT = shapes.text("The JSON as the argument of the function that `jsonp` names.")


def _said(description: str, name: str, **headers: Shape) -> Shape:
    """Return a response with an envelope."""
    return shapes.answer(description, {JSON: shapes.schema(name), JSONP: JSONP_TEXT}, **ANY, **headers)


def _refused(*statuses: int) -> dict[int, Shape]:
    return facts.refused(PREFIX, 401, 403, 404, *statuses, 500, 503)


UNCHANGED = {304: shapes.answer("It is what If-None-Match names.", ETag=ETAG)}
FOUND = shapes.response("KazooAudio")
RETRY = shapes.body({JSON: shapes.schema("KazooRetry")})
RETRIED = _said("What became of them.", "KazooRetryAnswer")
LIST = _said("A page of recordings.", "KazooRecordings") | {
    "headers": shapes.answer("", X_Next_Start_Key=parameters.NEXT | {"optional": True}, **ANY)["headers"]
}
LIST["content"][CSV] = {"schema": shapes.text("A column for each path of the documents (RFC 4180).")}

ENTRIES: dict[Action, Entry] = {
    lists.list_recordings: Entry(
        parameters=parameters.refer(*parameters.LIST, *parameters.READING),
        answers={200: LIST, **UNCHANGED, **_refused(400, 416)},
        words=parameters.LIST_WORDS,
    ),
    routes.get_recording: Entry(
        parameters=parameters.refer("accept", "inline", *parameters.READING),
        answers={200: _said("The document.", "KazooRecordingAnswer", ETag=ETAG), 302: FOUND, **UNCHANGED, **_refused()},
        words="""Return a recording's document, or where its audio is.

        Audio is returned if `accept` or the header Accept prefers `audio/mpeg` or another audio type to JSON.""",
    ),
    routes.get_attachment: Entry(parameters=parameters.refer("inline"), answers={302: FOUND, **_refused()}),
    routes.patch_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        body=shapes.body({JSON: shapes.schema("KazooPatch")}),
        answers={200: _said("The document as it is now.", "KazooRecordingAnswer", ETag=ETAG), **_refused(400, 413)},
    ),
    routes.delete_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        answers={200: _said("The document as it was.", "KazooRecordingAnswer", ETag=ETAG), **_refused()},
    ),
    controls.control_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        body=shapes.body({JSON: shapes.schema("KazooControl")}),
        answers={202: _said("It is done.", "KazooControlAnswer"), **_refused(400, 422)},
        words=live_calls.say("Start or stop to record a live call"),
    ),
    retries.retry_recordings: Entry(
        parameters=parameters.refer(*parameters.RETRYING, *parameters.PRESENTATION),
        body=RETRY,
        answers={202: RETRIED, **_refused(400)},
        words=f"""Have what failed of the account's or of one user's recordings fetched again.

        For readers with `is_admin`. The filters of the list apply; only failed recordings are touched. It ends after
        about {retries.MAX_RECORDINGS} recordings or {retries.MAX_SECONDS:.0f} seconds; `next_start_key` continues it as
        long as more may follow.""",
    ),
    retries.retry_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        body=RETRY,
        answers={202: RETRIED, **_refused(400)},
        words="""Have a recording that failed fetched again.

        For readers with `is_admin`.""",
    ),
    logins.log_in: Entry(
        security=PUBLIC,
        body=shapes.body({JSON: shapes.schema("KazooLogin")}),
        answers={201: _said("Whose token it is.", "KazooIdentityAnswer"), **facts.refused(PREFIX, 400, 401, 500, 503)},
    ),
    logins.refuse_user: Entry(security=PUBLIC, answers=facts.refused(PREFIX, 401, 500)),
    logins.get_identity: Entry(
        answers={200: _said("Whose token it is.", "KazooIdentityAnswer"), **facts.refused(PREFIX, 401, 500, 503)}
    ),
}
PREFLIGHT = Entry(
    security=PUBLIC,
    answers={200: shapes.response("KazooPreflight"), **facts.refused(PREFIX, 404)},
    words="Answer a CORS preflight.",
)
RESPONSES: dict[str, Shape] = {
    "KazooAudio": shapes.answer(
        "Redirect to the audio. Do not send credentials along.", Location=facts.LOCATION, **ANY
    ),
    "KazooPreflight": shapes.answer(
        "The methods and headers that pages may send.",
        Allow=shapes.text("Methods."),
        Access_Control_Allow_Methods=shapes.text("Methods."),
        Access_Control_Allow_Headers=shapes.text("Headers."),
        **ANY,
    ),
    **facts.refusals(
        PREFIX, (400, 401, 403, 404, 413, 416, 422, 500, 503), {JSON: shapes.schema("KazooError"), JSONP: JSONP_TEXT}
    ),
}
