"""Describe the routes of SignalWire's and Twilio's dialect."""

from callvault.dialects.dispatch import Action
from callvault.dialects.laml import controls, lists, routes
from callvault.providers import commands
from tools.openapi import facts, live_calls, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import FORM, JSON, Shape

PREFIX = "Compatibility"
DATES = "RFC 2822, ISO 8601, or a day (YYYY-MM-DD)."


def _refused(*statuses: int) -> dict[int, Shape]:
    return facts.refused(PREFIX, 401, 403, 404, *statuses, 500, 503)


PARAMETERS: dict[str, Shape] = {
    "DateCreated": shapes.query("DateCreated", shapes.text(f"Only recordings of this day, in UTC. {DATES}")),
    "DateCreatedBefore": shapes.query(
        "DateCreated<", shapes.text(f"Only recordings that were created at this time or before. {DATES}")
    ),
    "DateCreatedAfter": shapes.query(
        "DateCreated>",
        shapes.text(
            f"Only recordings that were created at this time or later. {DATES} Default, unless the list is that of "
            "a call or a conference: ten years before the end of the list."
        ),
    ),
    "CallSid": shapes.query("CallSid", shapes.text("Only recordings of this call.")),
    "ConferenceSid": shapes.query("ConferenceSid", shapes.text("Only recordings of this conference.")),
    **facts.paging(lists.PAGE),
}
AUDIO: dict[int, Shape] = {302: shapes.response("Audio"), **_refused()}
ONE: dict[int, Shape] = {200: shapes.answer("The resource.", {JSON: shapes.schema("CompatibilityRecording")})}
LIVE = {JSON: shapes.schema("CompatibilityLiveRecording")}


def _body(name: str, *, required: bool) -> Shape:
    """Return a body that is a form, or the JSON that one of SignalWire's SDKs sends."""
    return shapes.body(dict.fromkeys((FORM, JSON), shapes.schema(name)), required=required)


ENTRIES: dict[Action, Entry] = {
    routes.list_recordings: Entry(
        parameters=tuple(shapes.parameter(name) for name in PARAMETERS),
        answers={
            200: shapes.answer(
                "A page of recordings.", {JSON: shapes.schema("CompatibilityRecordings")}, Warning=facts.WARNING
            ),
            **_refused(400),
        },
        words="""List an account's, a call's or a conference's recordings, page by page, the newest first.

        A page may hold fewer recordings than PageSize although more follow: then `next_page_uri` is not null.""",
    ),
    routes.get_json: Entry(answers={**ONE, **_refused()}),
    routes.get_wav: Entry(answers=AUDIO),
    routes.get_mp3: Entry(answers=AUDIO),
    routes.get_either: Entry(answers={**ONE, **AUDIO}),
    controls.start: Entry(
        name="start_recording",
        body=_body("CompatibilityStart", required=False),
        answers={
            200: shapes.answer("The recording is started. The response has SignalWire's types.", LIVE),
            201: shapes.answer("The recording is started. The response has Twilio's types.", LIVE),
            **_refused(400, 422),
        },
        words=live_calls.describe(
            "Start the recording of a live call", "A RecordingConfigurationId beside another parameter is a 422."
        ),
    ),
    controls.update: Entry(
        name="update_recording",
        body=_body("CompatibilityUpdate", required=True),
        answers={200: shapes.answer("The action is done.", LIVE), **_refused(400, 422)},
        words=live_calls.describe(
            "Pause, resume or stop a call's recording",
            f"The id `{commands.CURRENT_RECORDING}` is the recording in progress. "
            "Bandwidth and KAZOO accept no other id.",
        ),
    ),
    routes.delete_recording: Entry(answers={204: shapes.answer("The recording is deleted."), **_refused()}),
}
