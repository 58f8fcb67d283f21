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
    "account_sid": shapes.text("The account, as the path names it."),
    "api_version": shapes.word("Of the provider's API.", documents.API_VERSION),
    "call_sid": shapes.text("The call that was recorded.", null=True),
    "conference_sid": shapes.text("The conference that was recorded.", null=True),
    "date_created": _date("When the recording began, or else when the archive first heard of it."),
    "date_updated": _date("When the archive last updated it."),
    "start_time": _date("When the recording began."),
    "price": {"type": "null", "description": "No callback tells what it cost."},
    "price_unit": {"type": "null", "description": "Likewise."},
    "source": shapes.anything(
        "Origin of the recording, as SignalWire or Twilio reported it; null for other providers."
    ),
    "encryption_details": {"type": "null", "description": "The archive's audio is not encrypted by the provider."},
    "uri": shapes.text("The resource's path, below the API's origin."),
    "media_url": shapes.text("URL of the audio in this API; null while there is none.", null=True, format="uri"),
    "subresource_uris": {"type": "object", "description": "None."},
    "archive": {
        "description": "Fields that only the archive has, and fields that the dialect lacks.",
        "allOf": [
            shapes.schema("Archive"),
            shapes.loose(
                {
                    "from": shapes.text("The caller: E.164, a SIP address, or a word, as the provider wrote it."),
                    "to": shapes.text("The callee, likewise."),
                    "direction": shapes.word("Of the call.", "inbound", "outbound"),
                }
            ),
        ],
    },
}
TWILIO: dict[str, Shape] = {
    **COMMON,
    "channels": shapes.whole("As announced, or else as measured.", null=True, minimum=0),
    "duration": shapes.text("Whole seconds, as text: as announced, or else as measured.", null=True, pattern=r"^\d+$"),
    "error_code": shapes.whole("The provider's error code for missing audio.", null=True),
    "status": shapes.word("Status of the recording.", *TWILIO_WORDS),
    "track": shapes.anything("Track that was recorded, as SignalWire or Twilio reported it; null for other providers."),
}
CHANNELS = shapes.text("As announced, or else as measured, as text.", null=True, pattern=r"^\d+$")
SIGNALWIRE: dict[str, Shape] = {
    **COMMON,
    "channel": CHANNELS,
    "channels": CHANNELS,
    "duration": shapes.whole("Whole seconds: as announced, or else as measured.", null=True, minimum=0),
    "end_time": _date("When the recording ended."),
    "error_code": shapes.text("The provider's error code for missing audio.", null=True),
    "status": shapes.word("Status of the recording; `queued` means recorded but not archived yet.", *SIGNALWIRE_WORDS),
    "trim": shapes.anything("Whether silence was cut off, as SignalWire reported it; otherwise null."),
}
ERROR = shapes.record(
    {
        "code": shapes.whole("The provider's number of what is wrong."),
        "message": shapes.text("What is wrong."),
        "more_info": shapes.text("The provider's page on that number.", format="uri"),
        "status": shapes.whole("The HTTP status."),
    }
)
PAGE: dict[str, Shape] = {
    "uri": shapes.text("This page's path and query, below the API's origin."),
    "first_page_uri": shapes.text("The first page's."),
    "previous_page_uri": shapes.text("The previous page's.", null=True),
    "next_page_uri": shapes.text("The next page's, as long as more may follow.", null=True),
    "page": shapes.whole("The page's number, from 0.", minimum=0),
    "page_size": shapes.whole("How many recordings a page has.", minimum=1),
    "start": shapes.whole("Twilio's types only: the number of the page's first recording.", minimum=0),
    "end": shapes.whole("Twilio's types only: the number of the page's last recording.", minimum=0),
    "recordings": shapes.listed(shapes.schema("CompatibilityRecording")),
}
SCHEMAS: dict[str, Shape] = {
    "TwilioRecording": shapes.record(TWILIO, "A recording with Twilio's types. Unknown values are null."),
    "SignalWireRecording": shapes.record(SIGNALWIRE, "A recording with SignalWire's types. Unknown values are null."),
    "CompatibilityRecording": {
        "description": "An account at Twilio is answered with Twilio's types, one at SignalWire with SignalWire's, any "
        "other with those of the prefix that was asked.",
        "anyOf": [shapes.schema("TwilioRecording"), shapes.schema("SignalWireRecording")],
    },
    "CompatibilityRecordings": shapes.record(PAGE, optional=("start", "end")),
    "CompatibilityError": ERROR,
}
RESPONSES: dict[str, Shape] = facts.refusals(
    "Compatibility", (400, 401, 403, 404, 422, 500, 503), {JSON: shapes.schema("CompatibilityError")}, challenge=True
)
