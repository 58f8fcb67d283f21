"""Describe the documents of SignalWire's and Twilio's dialect, field by field."""

from callvault.dialects.laml import documents
from tools.openapi import facts, shapes
from tools.openapi.shapes import JSON, Shape

TWILIO_WORDS = tuple(dict.fromkeys(documents.STATUSES.values()))
SIGNALWIRE_WORDS = tuple(dict.fromkeys("queued" if known == "processing" else known for known in TWILIO_WORDS))


def _date(description: str) -> Shape:
    return shapes.text(f"{description} RFC 2822, in UTC.", null=True, examples=["Tue, 25 Sep 2018 23:00:00 +0000"])


COMMON: dict[str, Shape] = {
    "sid": shapes.text("The recording's id."),
    "account_sid": shapes.text("The account's id, as in the path."),
    "api_version": shapes.word("Version of the provider's API.", documents.API_VERSION),
    "call_sid": shapes.text("The call that was recorded.", null=True),
    "conference_sid": shapes.text("The conference that was recorded.", null=True),
    "date_created": _date("When the recording began, or else when the archive first learned of it."),
    "date_updated": _date("When the archive last updated the recording's metadata."),
    "start_time": _date("When the recording began."),
    "price": shapes.text(
        "Price, if the archive read the recording's resource at SignalWire or Twilio and the price was known then.",
        null=True,
        examples=["-0.0025"],
    ),
    "price_unit": shapes.text("Currency of the price.", null=True, examples=["USD"]),
    "source": shapes.text(
        "Origin of the recording, as SignalWire or Twilio reported it; null for other providers.", null=True
    ),
    "encryption_details": {
        "type": ["object", "null"],
        "description": "How Twilio encrypted the audio with the account's own key; null if it did not.",
    },
    "uri": shapes.text("Path of the resource, relative to the API's origin."),
    "media_url": shapes.text("URL of the audio in this API; null while there is no audio.", null=True, format="uri"),
    "subresource_uris": {
        "type": "object",
        "description": "Paths of further resources at the provider. The archive serves nothing there.",
        "additionalProperties": {"type": "string"},
    },
    "archive": facts.archive_with(),
}
TWILIO: dict[str, Shape] = {
    **COMMON,
    "channels": shapes.whole("Number of channels, as announced or else as measured.", null=True, minimum=0),
    "duration": shapes.text(
        "Duration in whole seconds, as text, as announced or else as measured.", null=True, pattern=r"^\d+$"
    ),
    "error_code": shapes.whole("The provider's error code for missing audio.", null=True),
    "status": shapes.word("Status of the recording.", *TWILIO_WORDS),
    "track": shapes.text(
        "Track that was recorded, as SignalWire or Twilio reported it; null for other providers.", null=True
    ),
}
CHANNELS = shapes.text("Number of channels, as text, as announced or else as measured.", null=True, pattern=r"^\d+$")
SIGNALWIRE: dict[str, Shape] = {
    **COMMON,
    "channel": CHANNELS,
    "channels": CHANNELS,
    "duration": shapes.whole("Duration in whole seconds, as announced or else as measured.", null=True, minimum=0),
    "end_time": _date("When the recording ended."),
    "error_code": shapes.text("The provider's error code for missing audio.", null=True),
    "status": shapes.word("Status of the recording; `queued` means recorded but not archived yet.", *SIGNALWIRE_WORDS),
    "trim": shapes.text("Whether silence was removed, as SignalWire reported it; null for other providers.", null=True),
}
ERROR = shapes.record(
    {
        "code": shapes.whole("The provider's error code."),
        "message": shapes.text("Description of the error."),
        "more_info": shapes.text("The provider's page about the error code.", format="uri"),
        "status": shapes.whole("The HTTP status."),
    }
)
PAGE: dict[str, Shape] = {
    "uri": shapes.text("Path and query of this page, relative to the API's origin."),
    "first_page_uri": shapes.text("Path and query of the first page."),
    "previous_page_uri": shapes.text("Path and query of the previous page.", null=True),
    "next_page_uri": shapes.text("Path and query of the next page; null at the end of the list.", null=True),
    "page": shapes.whole("The page's number, from 0.", minimum=0),
    "page_size": shapes.whole("Maximum number of recordings on a page.", minimum=1),
    "start": shapes.whole("Twilio's types only: the number of the page's first recording.", minimum=0),
    "end": shapes.whole("Twilio's types only: the number of the page's last recording.", minimum=0),
    "recordings": shapes.listed(shapes.schema("CompatibilityRecording")),
}
SCHEMAS: dict[str, Shape] = {
    "TwilioRecording": shapes.record(TWILIO, "A recording with Twilio's types. Unknown values are null."),
    "SignalWireRecording": shapes.record(SIGNALWIRE, "A recording with SignalWire's types. Unknown values are null."),
    "CompatibilityRecording": {
        "description": "A recording. An account at Twilio gets Twilio's types, one at SignalWire gets SignalWire's. "
        "Every other account gets the types of the path's prefix.",
        "anyOf": [shapes.schema("TwilioRecording"), shapes.schema("SignalWireRecording")],
    },
    "CompatibilityRecordings": shapes.record(PAGE, optional=("start", "end")),
    "CompatibilityError": ERROR,
}
RESPONSES: dict[str, Shape] = facts.refusals(
    "Compatibility", (400, 401, 403, 404, 422, 500, 503), {JSON: shapes.schema("CompatibilityError")}, challenge=True
)
