"""Describe the callbacks, as far as they are read; all else in them is kept."""

from callvault.providers.laml import provider
from tools.openapi import shapes
from tools.openapi.shapes import Shape

BANDWIDTH_ID = "^[A-Za-z0-9_-]+$"
LAML_ID = "^[A-Za-z0-9-]+$"
RECORDED = ("recordingAvailable", "conferenceRecordingAvailable", "transcriptionAvailable", "recordComplete")
HOOK: dict[str, Shape] = {
    "id": shapes.text("The document's id: YYYYMM-…"),
    "type": shapes.text("The document's type.", examples=["call_recording"]),
    "action": shapes.text("What became of it.", examples=["doc_created", "doc_edited"]),
    "account_id": shapes.text("KAZOO's account."),
}
REFUSAL: dict[str, Shape] = {
    "error": shapes.text("A constant.", examples=["invalid_request"]),
    "message": shapes.text("What is wrong."),
    "field": shapes.text("Which field is."),
}

SCHEMAS: dict[str, Shape] = {
    "BandwidthCallback": shapes.loose(
        {
            "eventType": shapes.text("What happened; what is none of these is acknowledged.", examples=list(RECORDED)),
            "accountId": shapes.text("Bandwidth's account."),
            "recordingId": shapes.text("Has to be there if it is about a recording.", pattern=BANDWIDTH_ID),
            "callId": shapes.text("The call.", pattern=BANDWIDTH_ID),
            "parentCallId": shapes.text("The call that this call was made for.", pattern=BANDWIDTH_ID),
            "conferenceId": shapes.text("The conference.", pattern=BANDWIDTH_ID),
            "from": shapes.text("The caller."),
            "to": shapes.text("The callee."),
            "direction": shapes.text("inbound or outbound."),
            "startTime": shapes.text("ISO 8601."),
            "endTime": shapes.text("ISO 8601."),
            "duration": shapes.text("ISO 8601 duration.", examples=["PT20.056S"]),
            "channels": shapes.whole("How many.", minimum=1),
            "fileFormat": shapes.text("wav or mp3."),
            "status": shapes.text("complete, partial, processing, error or deleted."),
            "mediaUrl": shapes.text("Never fetched: the address is made of the ids."),
            "tag": shapes.text("The user's own tag."),
            "recordingName": shapes.text("The user's own name for it."),
        },
        "https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable",
    ),
    "CompatibilityCallback": shapes.loose(
        {
            "AccountSid": shapes.text("The provider's account."),
            "RecordingSid": shapes.text("Has to be there with a RecordingStatus.", pattern=LAML_ID),
            "RecordingStatus": shapes.text("What became of it.", examples=list(provider.STATES)),
            "CallSid": shapes.text("The call.", pattern=LAML_ID),
            "ConferenceSid": shapes.text("The conference.", pattern=LAML_ID),
            "RecordingDuration": shapes.text("Whole seconds."),
            "RecordingChannels": shapes.text("1 or 2."),
            "RecordingStartTime": shapes.text("RFC 2822."),
            "RecordingSource": shapes.text("What asked for the recording."),
            "RecordingTrack": shapes.text("Which side was recorded."),
            "RecordingUrl": shapes.text("Never fetched: the address is made of the ids."),
            "ErrorCode": shapes.text("Why there is no recording."),
        },
        "https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback",
    ),
    "KazooWebhookFields": shapes.loose(HOOK, "Version 1: the document's fields beside the hook's own."),
    "KazooWebhook": {
        "description": "KAZOO's `object` webhook: https://docs.2600hz.com/dev/applications/crossbar/doc/webhooks/",
        "anyOf": [
            shapes.schema("KazooWebhookFields"),
            shapes.loose(
                {
                    "action": shapes.word("Version 2.", "event"),
                    "name": shapes.text("What became of it.", examples=["doc_edited"]),
                    "timestamp": shapes.whole("Gregorian seconds."),
                    "hmac": shapes.text("Base64 of HMAC-SHA256 over the seconds and `data`."),
                    "data": {"type": "object", "description": "The hook's fields; `doc` is the document."},
                },
                required=("action", "data"),
            ),
        ],
    },
    "Refusal": shapes.loose(REFUSAL, required=("error", "message")),
}
