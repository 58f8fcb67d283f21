"""Describe the documents of SignalWire's Recordings API, field by field."""

from callvault.dialects.relay import documents
from tools.openapi import facts, shapes
from tools.openapi.shapes import JSON, Shape

ERROR = shapes.loose(
    {
        "error": shapes.text("The error, in HTTP's words. Missing if there are `errors`."),
        "message": shapes.text("Description of the error."),
        "errors": shapes.listed(
            shapes.record(
                {
                    "detail": shapes.text("Description of the error."),
                    "status": shapes.text("The HTTP status."),
                    "title": shapes.text("Kind of the error."),
                    "code": shapes.text("Code of the error."),
                }
            ),
            "The invalid parameters.",
        ),
    }
)
RECORDING: dict[str, Shape] = {
    "id": shapes.text("The recording's id."),
    "project_id": shapes.text("Id of the account at SignalWire; for other providers, the account's id."),
    "created_at": shapes.moment("When the recording began, or else when the archive first learned of it.", null=True),
    "updated_at": shapes.moment("When the archive last updated the recording's metadata.", null=True),
    "duration_in_seconds": shapes.whole(
        "Duration in whole seconds, as announced or else as measured.", null=True, minimum=0
    ),
    "error_code": shapes.text("The provider's error code for missing audio.", null=True),
    "price": {"type": ["number", "null"], "description": "Price, if SignalWire's API reported one."},
    "price_unit": shapes.text("Currency of the price.", null=True),
    "status": shapes.word(
        "Status of the recording; `processing` means recorded but not archived yet.",
        *dict.fromkeys([*documents.STATUSES.values(), documents.NO_INPUT]),
    ),
    "url": shapes.text("URL of the audio in this API; null while there is no audio.", null=True, format="uri"),
    "stereo": {"type": ["boolean", "null"], "description": "Whether the audio has two channels."},
    "byte_size": shapes.whole("Size of the stored audio, in bytes.", null=True, minimum=0),
    "track": shapes.text("Track that was recorded, as SignalWire reported it.", null=True),
    "relay_pstn_leg_id": shapes.text("The call that was recorded."),
    "relay_sip_leg_id": shapes.text("The call that was recorded, if SignalWire reported a leg of SIP."),
    "relay_webrtc_leg_id": shapes.text("The call that was recorded, if SignalWire reported a leg of WebRTC."),
    "relay_conference_id": shapes.text("The conference that was recorded."),
    "archive": facts.archive_with(
        start_time=shapes.moment("When the recording began, as announced."),
        end_time=shapes.moment("When the recording ended, as announced."),
    ),
}
LINKS = shapes.record(
    {
        "self": shapes.text("URL of this page.", format="uri"),
        "first": shapes.text("URL of the first page.", format="uri"),
        "next": shapes.text("URL of the next page; missing at the end of the list.", format="uri"),
        "prev": shapes.text("URL of the previous page; missing on the first page.", format="uri"),
    },
    optional=("next", "prev"),
)
SCHEMAS: dict[str, Shape] = {
    "RelayRecording": shapes.record(
        RECORDING,
        "A recording in the form of SignalWire's Recordings API. Unknown values are null.",
        optional=(*documents.LEGS, "relay_conference_id"),
    ),
    "RelayRecordings": shapes.record({"links": LINKS, "data": shapes.listed(shapes.schema("RelayRecording"))}),
    "RelayError": ERROR,
}
RESPONSES: dict[str, Shape] = facts.refusals(
    "Relay", (400, 401, 403, 404, 500, 503), {JSON: shapes.schema("RelayError")}, challenge=True
)
