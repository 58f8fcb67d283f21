"""Describe the routes of Bandwidth's dialect."""

from callvault.dialects.bandwidth import controls, oauth, routes, transcriptions
from callvault.dialects.dispatch import Action
from tools.openapi import facts, live_calls, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import JSON, Shape

PREFIX = "Bandwidth"


def _refused(*statuses: int) -> dict[int, Shape]:
    """Return references to the error responses that every action has, and to these."""
    return facts.refused(PREFIX, 401, 403, 404, *statuses, 500, 503)


def _one(name: str) -> Shape:
    return shapes.answer("The metadata.", {JSON: shapes.schema(name)})


def _list(name: str) -> Shape:
    listed = {JSON: shapes.listed(shapes.schema(name))}
    return shapes.answer("The metadata of each recording.", listed, Warning=facts.WARNING)


DELETED = {204: shapes.answer("The recording is deleted."), **_refused()}
TIMES = {
    "minStartTime": "Only recordings whose start, or else first announcement, is at this time or later. ISO 8601, in "
    "UTC if it has no zone. Default without `to` and `from`: ten years before the end of the list.",
    "maxStartTime": "Only recordings whose start, or else first announcement, is before this time. ISO 8601, in UTC if "
    "it has no zone.",
}
PARAMETERS: dict[str, Shape] = {
    "minStartTime": shapes.query("minStartTime", shapes.text(TIMES["minStartTime"], format="date-time")),
    "maxStartTime": shapes.query("maxStartTime", shapes.text(TIMES["maxStartTime"], format="date-time")),
    "bandwidthTo": shapes.query("to", shapes.text("Only recordings of calls to this number or SIP address.")),
    "bandwidthFrom": shapes.query("from", shapes.text("Only recordings of calls from this number or SIP address.")),
}

ENTRIES: dict[Action, Entry] = {
    routes.list_account: Entry(
        parameters=tuple(shapes.parameter(name) for name in PARAMETERS),
        answers={200: _list("BandwidthCallRecording"), **_refused(400, 413)},
        words=f"""List an account's call recordings, the oldest first.

        The list has at most {routes.MAX_RECORDINGS} recordings and no pages. To continue it, send the last `startTime`
        as `minStartTime`. A conference's recording is not listed, unless it also belongs to a call. A list that does
        not fit into one response is a 413.""",
    ),
    routes.list_call: Entry(answers={200: _list("BandwidthCallRecording"), **_refused(413)}),
    routes.list_conference: Entry(answers={200: _list("BandwidthConferenceRecording"), **_refused(413)}),
    routes.get_recording: Entry(
        answers={200: _one("BandwidthCallRecording"), **_refused()},
        elsewhere={"/conferences/": {200: _one("BandwidthConferenceRecording")}},
    ),
    routes.get_media: Entry(answers={302: shapes.response("Audio"), **_refused()}),
    transcriptions.get: Entry(
        name="get_transcription",
        answers={
            200: shapes.answer("The text of the transcription.", {JSON: shapes.schema("BandwidthTranscript")}),
            302: shapes.answer("Redirect to a text that does not fit into a response.", Location=facts.LOCATION),
            **_refused(),
        },
    ),
    transcriptions.delete: Entry(
        name="delete_transcription", answers={204: shapes.answer("The transcription is deleted."), **_refused()}
    ),
    transcriptions.request: Entry(
        name="request_transcription",
        body=shapes.body({JSON: shapes.schema("BandwidthTranscribe")}),
        answers={204: shapes.answer("The transcription is requested."), **_refused(400, 422)},
        words="""Ask Bandwidth to transcribe a recording.

        For readers with `can_control`, because it costs money at Bandwidth. The archive fetches the text once Bandwidth
        has it. For an account at another provider, and for a recording that Bandwidth refuses, the answer is a 422.""",
    ),
    routes.delete_recording: Entry(answers=DELETED),
    routes.delete_media: Entry(answers=DELETED),
    controls.update: Entry(
        name="update_recording",
        body=shapes.body({JSON: shapes.schema("BandwidthControl")}),
        answers={200: shapes.answer("The recording is paused or resumed."), **_refused(400, 422)},
        words=live_calls.describe("Pause or resume a call's recording in progress"),
    ),
    oauth.give_token: Entry(
        name="give_token",
        security=({"basic": []}, {}),
        body=shapes.body({shapes.FORM: shapes.schema("TokenRequest")}),
        answers={
            200: shapes.answer("The token.", {JSON: shapes.schema("Token")}),
            **facts.refused("Token", 400, 401, 500, 503),
        },
        words="""Exchange client credentials for a token (RFC 6749 4.4).

        Client id and secret are the account's id and a reader's secret, in Basic or in the form. The token is valid as
        long as the secret is.""",
    ),
}
