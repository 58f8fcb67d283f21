"""Describe SignalWire's and Twilio's dialect."""

from callvault.dialects import laml, laml_lists
from callvault.dialects.base import Action
from tools.openapi import facts, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import JSON, Shape

PREFIX = "Compatibility"
DATES = "RFC 2822, ISO 8601, or a day (YYYY-MM-DD)."


def _refused(*statuses: int) -> dict[int, Shape]:
    return facts.refused(PREFIX, 401, 403, 404, *statuses, 500, 503)


PARAMETERS: dict[str, Shape] = {
    "DateCreated": shapes.query("DateCreated", shapes.text(f"Only recordings of this day, in UTC. {DATES}")),
    "DateCreatedBefore": shapes.query("DateCreated<", shapes.text(f"Only recordings of then or before. {DATES}")),
    "DateCreatedAfter": shapes.query(
        "DateCreated>",
        shapes.text(f"Only recordings of then or later. {DATES} Without any beginning a list goes back ten years."),
    ),
    "CallSid": shapes.query("CallSid", shapes.text("Only recordings of this call.")),
    "ConferenceSid": shapes.query("ConferenceSid", shapes.text("Only recordings of this conference.")),
    "PageSize": shapes.query(
        "PageSize",
        shapes.whole(
            f"How many recordings a page has, at most {laml_lists.LARGEST_PAGE}: more are taken for that many.",
            minimum=1,
            maximum=10**laml_lists.LONGEST_NUMBER - 1,
            default=laml_lists.PAGE_SIZE,
        ),
    ),
    "Page": shapes.query(
        "Page",
        shapes.whole(
            "The page's number; beyond the first it goes with its PageToken.",
            minimum=0,
            maximum=10**laml_lists.LONGEST_NUMBER - 1,
            default=0,
        ),
    ),
    "PageToken": shapes.query("PageToken", shapes.text("Of a page's address: follow `next_page_uri`.")),
}
AUDIO: dict[int, Shape] = {302: shapes.response("Audio"), **_refused()}
ONE: dict[int, Shape] = {200: shapes.answer("The resource.", {JSON: shapes.schema("CompatibilityRecording")})}

ENTRIES: dict[Action, Entry] = {
    laml.list_recordings: Entry(
        parameters=tuple(shapes.parameter(name) for name in PARAMETERS),
        answers={
            200: shapes.answer("A page of recordings.", {JSON: shapes.schema("CompatibilityRecordings")}),
            **_refused(400),
        },
        words="""List an account's, a call's or a conference's recordings, page by page, the newest first.

        A page may hold fewer recordings than PageSize although more follow: `next_page_uri` tells.""",
    ),
    laml.get_json: Entry(answers={**ONE, **_refused()}),
    laml.get_wav: Entry(answers=AUDIO),
    laml.get_mp3: Entry(answers=AUDIO),
    laml.get_either: Entry(answers={**ONE, **AUDIO}),
    laml.delete_recording: Entry(answers={204: shapes.answer("It is removed."), **_refused()}),
}
