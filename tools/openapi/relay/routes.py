"""Describe the routes of the dialect of SignalWire's Recordings API."""

from callvault.dialects.dispatch import Action
from callvault.dialects.relay import lists, routes
from tools.openapi import facts, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import JSON, Shape


def _refused(*statuses: int) -> dict[int, Shape]:
    return facts.refused("Relay", 401, *statuses, 500, 503)


RENAMED = {lists.PAGE.size: "page_size_of_relay"}
"""Another dialect has a parameter of the same name."""
PARAMETERS: dict[str, Shape] = {RENAMED.get(name, name): shape for name, shape in facts.paging(lists.PAGE).items()}
ENTRIES: dict[Action, Entry] = {
    routes.list_recordings: Entry(
        parameters=tuple(shapes.parameter(name) for name in PARAMETERS),
        answers={
            200: shapes.answer(
                "A page of recordings.", {JSON: shapes.schema("RelayRecordings")}, Warning=facts.WARNING
            ),
            **_refused(400),
        },
        words="""List the account's recordings, page by page, the newest first.

        A page may hold fewer recordings than page_size although more follow: then `links` has `next`.""",
    ),
    routes.get_recording: Entry(
        answers={200: shapes.answer("The resource.", {JSON: shapes.schema("RelayRecording")}), **_refused(404)}
    ),
    routes.get_media: Entry(answers={302: shapes.response("Audio"), **_refused(404)}),
    routes.delete_recording: Entry(answers={204: shapes.answer("The recording is deleted."), **_refused(403, 404)}),
}
