"""Describe the routes of KAZOO's dialect."""

from callvault.dialects.dispatch import Action
from callvault.dialects.kazoo import completeness, controls, lists, logins, retries, routes
from tools.openapi import facts, live_calls, shapes
from tools.openapi.entries import PUBLIC, Entry
from tools.openapi.kazoo import parameters
from tools.openapi.shapes import CSV, JSON, JSONP, Shape

PREFIX = "Kazoo"
ETAG = shapes.text("Version of the content. Send it as If-None-Match.")
REQUEST_ID = shapes.text("The caller's X-Request-ID, or else an id that the archive chooses.")
ORIGIN = shapes.text("The origin whose pages may read the response: all, unless the stack lists origins.")
ANY = {"X_Request_ID": REQUEST_ID, "Access_Control_Allow_Origin": ORIGIN}
JSONP_TEXT = shapes.text("The JSON as the argument of the function that `jsonp` names.")


def _enveloped(description: str, name: str, **headers: Shape) -> Shape:
    """Return a response with an envelope."""
    return shapes.answer(description, {JSON: shapes.schema(name), JSONP: JSONP_TEXT}, **ANY, **headers)


def _refused(*statuses: int) -> dict[int, Shape]:
    return facts.refused(PREFIX, 401, 403, 404, *statuses, 500, 503)


UNCHANGED = {304: shapes.answer("The content still has the ETag in If-None-Match.", ETag=ETAG)}
FOUND = shapes.response("KazooAudio")
RETRY = shapes.body({JSON: shapes.schema("KazooRetry")})
RETRIED = _enveloped("Number of recordings by result.", "KazooRetryAnswer")
LIST = _enveloped("A page of recordings.", "KazooRecordings") | {
    "headers": shapes.answer("", X_Next_Start_Key=parameters.NEXT | {"optional": True}, Warning=facts.WARNING, **ANY)[
        "headers"
    ]
}
LIST["content"][CSV] = {"schema": shapes.text("A column for each path of the documents (RFC 4180).")}

DAYS = _enveloped("The report on each day.", "KazooCompleteness", ETag=ETAG)
DAYS["headers"] |= shapes.answer("", Warning=facts.WARNING)["headers"]
DAYS["content"][CSV] = {"schema": shapes.text("A column for each number (RFC 4180).")}

ENTRIES: dict[Action, Entry] = {
    lists.list_recordings: Entry(
        parameters=parameters.refer(*parameters.LIST, *parameters.READING),
        answers={200: LIST, **UNCHANGED, **_refused(400, 416)},
        words=parameters.LIST_WORDS,
    ),
    routes.get_recording: Entry(
        parameters=parameters.refer("accept", "inline", *parameters.READING),
        answers={
            200: _enveloped("The document.", "KazooRecordingAnswer", ETag=ETAG),
            302: FOUND,
            **UNCHANGED,
            **_refused(),
        },
        words="""Return a recording's document, or redirect to its audio.

        The response is the redirect if `accept` or the header Accept prefers an audio type to JSON.""",
    ),
    routes.get_attachment: Entry(parameters=parameters.refer("inline"), answers={302: FOUND, **_refused()}),
    routes.patch_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        body=shapes.body({JSON: shapes.schema("KazooPatch")}),
        answers={200: _enveloped("The changed document.", "KazooRecordingAnswer", ETag=ETAG), **_refused(400, 413)},
    ),
    routes.delete_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        answers={
            200: _enveloped("The document of the deleted recording.", "KazooRecordingAnswer", ETag=ETAG),
            **_refused(),
        },
    ),
    controls.control_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        body=shapes.body({JSON: shapes.schema("KazooControl")}),
        answers={202: _enveloped("The action is done.", "KazooControlAnswer"), **_refused(400, 422)},
        words=live_calls.describe("Start or stop the recording of a live call"),
    ),
    completeness.list_days: Entry(
        name="list_completeness",
        parameters=parameters.refer(*parameters.COMPLETENESS, *parameters.READING),
        answers={200: DAYS, **UNCHANGED, **_refused(400)},
        words=parameters.COMPLETENESS_WORDS,
    ),
    retries.retry_recordings: Entry(
        parameters=parameters.refer(*parameters.RETRYING, *parameters.PRESENTATION),
        body=RETRY,
        answers={202: RETRIED, **_refused(400)},
        words=f"""Fetch the failed recordings of the account or of one user again.

        For readers with `is_admin`. The filters of the list apply, and a parameter that the list does not know is a
        400. Recordings that have not failed are left as they are. A request ends after about
        {retries.MAX_RECORDINGS} recordings or {retries.MAX_SECONDS:.0f} seconds. If more may follow, the response has
        `next_start_key`.""",
    ),
    retries.retry_recording: Entry(
        parameters=parameters.refer(*parameters.PRESENTATION),
        body=RETRY,
        answers={202: RETRIED, **_refused(400)},
        words="""Fetch a failed recording again.

        For readers with `is_admin`.""",
    ),
    logins.log_in: Entry(
        security=PUBLIC,
        body=shapes.body({JSON: shapes.schema("KazooLogin")}),
        answers={
            201: _enveloped("Account and user of the token.", "KazooIdentityAnswer"),
            **facts.refused(PREFIX, 400, 401, 500, 503),
        },
    ),
    logins.refuse_user: Entry(security=PUBLIC, answers=facts.refused(PREFIX, 401, 500)),
    logins.get_identity: Entry(
        answers={
            200: _enveloped("Account and user of the token.", "KazooIdentityAnswer"),
            **facts.refused(PREFIX, 401, 500, 503),
        }
    ),
}
PREFLIGHT = Entry(
    security=PUBLIC,
    answers={200: shapes.response("KazooPreflight"), **facts.refused(PREFIX, 404)},
    words="Answer a CORS preflight.",
)
RESPONSES: dict[str, Shape] = {
    "KazooAudio": shapes.answer(
        "Redirect to the audio. Do not send credentials to its URL.", Location=facts.LOCATION, **ANY
    ),
    "KazooPreflight": shapes.answer(
        "The methods and headers that pages may send.",
        Allow=shapes.text("Methods of the path."),
        Access_Control_Allow_Methods=shapes.text("Methods that pages may send."),
        Access_Control_Allow_Headers=shapes.text("Headers that pages may send."),
        **ANY,
    ),
    **facts.refusals(
        PREFIX, (400, 401, 403, 404, 413, 416, 422, 500, 503), {JSON: shapes.schema("KazooError"), JSONP: JSONP_TEXT}
    ),
}
