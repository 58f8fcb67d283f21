"""Describe the fields of callbacks that the archive reads. It stores all other fields too."""

from callvault.providers.laml import recordings, relay_events
from callvault.providers.telnyx import recordings as telnyx
from tools.openapi import shapes
from tools.openapi.shapes import Shape

BANDWIDTH_ID = "^[A-Za-z0-9_-]+$"
LAML_ID = "^[A-Za-z0-9-]+$"
RECORDED = ("recordingAvailable", "conferenceRecordingAvailable", "transcriptionAvailable", "recordComplete")
HOOK: dict[str, Shape] = {
    "id": shapes.text("Id of the document, such as `YYYYMM-…`."),
    "type": shapes.text("Type of the document.", examples=["call_recording"]),
    "action": shapes.text("Event.", examples=["doc_created", "doc_edited"]),
    "account_id": shapes.text("Id of the account at KAZOO."),
}
REFUSAL: dict[str, Shape] = {
    "error": shapes.text("Error code.", examples=["invalid_request"]),
    "message": shapes.text("Description of the error."),
    "field": shapes.text("Field that is invalid."),
}

SCHEMAS: dict[str, Shape] = {
    "BandwidthCallback": shapes.loose(
        {
            "eventType": shapes.text("Event. Other events are acknowledged and ignored.", examples=list(RECORDED)),
            "accountId": shapes.text("Id of the account at Bandwidth."),
            "recordingId": shapes.text(
                "Id of the recording. Required in callbacks about a recording.", pattern=BANDWIDTH_ID
            ),
            "callId": shapes.text("Id of the call.", pattern=BANDWIDTH_ID),
            "parentCallId": shapes.text("Id of the call that this call belongs to.", pattern=BANDWIDTH_ID),
            "conferenceId": shapes.text("Id of the conference.", pattern=BANDWIDTH_ID),
            "from": shapes.text("The caller."),
            "to": shapes.text("The callee."),
            "direction": shapes.text("Direction of the call: inbound or outbound."),
            "startTime": shapes.text("Start of the recording, ISO 8601."),
            "endTime": shapes.text("End of the recording, ISO 8601."),
            "duration": shapes.text("Duration of the recording, ISO 8601.", examples=["PT20.056S"]),
            "channels": shapes.whole("Number of channels.", minimum=1),
            "fileFormat": shapes.text("Format of the audio: wav or mp3."),
            "status": shapes.text("Status: complete, partial, processing, error or deleted."),
            "mediaUrl": shapes.text("URL of the audio. Never fetched: the archive builds the URL from the ids."),
            "tag": shapes.text("The user's tag."),
            "recordingName": shapes.text("The user's name for the recording."),
        },
        "https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable",
    ),
    "CompatibilityCallback": shapes.loose(
        {
            "AccountSid": shapes.text("Id of the account at the provider."),
            "RecordingSid": shapes.text("Id of the recording. Required with RecordingStatus.", pattern=LAML_ID),
            "RecordingStatus": shapes.text("Status of the recording.", examples=list(recordings.STATES)),
            "CallSid": shapes.text("Id of the call.", pattern=LAML_ID),
            "ConferenceSid": shapes.text("Id of the conference.", pattern=LAML_ID),
            "RecordingDuration": shapes.text("Duration of the recording, in whole seconds."),
            "RecordingChannels": shapes.text("Number of channels: 1 or 2."),
            "RecordingStartTime": shapes.text("Start of the recording, RFC 2822."),
            "RecordingSource": shapes.text("Origin of the recording, such as a verb or the API."),
            "RecordingTrack": shapes.text("Track that was recorded."),
            "RecordingUrl": shapes.text("URL of the audio. Never fetched: the archive builds the URL from the ids."),
            "RecordingConfigurationId": shapes.text("Id of a Recording Configuration of Twilio's. It is kept."),
            "EncryptionDetails": shapes.text("How to decrypt the media, as the text of a JSON object. It is kept."),
            "ErrorCode": shapes.text("Error code, if there is no recording."),
        },
        "https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback",
    ),
    "SignalWireEvent": shapes.loose(
        {
            "event_type": shapes.text(
                "Event. Other events are acknowledged and ignored, unless they name a recording.",
                examples=[relay_events.EVENT],
            ),
            "project_id": shapes.text("Id of the project at SignalWire."),
            "params": {
                "type": "object",
                "description": "The recording: `recording_id`, `call_id`, `control_id`, `state` (one of "
                f"{', '.join(relay_events.STATES)}), `duration` in seconds, `size` in bytes, `start_time` and "
                "`end_time` in Unix seconds, and `record.audio` with `format`, `direction` and `stereo`. `url` is "
                "never fetched.",
            },
        },
        "Event of SWML's `record` and `record_call`, and of Relay: "
        "https://signalwire.com/docs/swml/reference/calling/record-call",
    ),
    "TelnyxWebhook": shapes.loose(
        {
            "data": {
                "type": "object",
                "description": "The event: `event_type`, `occurred_at`, and `payload` with `recording_id`, "
                "`call_control_id`, `call_leg_id`, `conference_id`, `channels`, `client_state`, "
                "`recording_started_at` and `recording_ended_at`. The archive reads "
                f"{', '.join((*telnyx.SAVED[:2], telnyx.ERROR, telnyx.TRANSCRIBED))}. Other events are acknowledged "
                "and ignored. `recording_urls` are never fetched.",
            },
        },
        "Webhook of version 2: https://developers.telnyx.com/api-reference/callbacks/call-recording-saved",
    ),
    "KazooWebhookFields": shapes.loose(HOOK, "Version 1: the fields of the document and those of the webhook."),
    "KazooWebhook": {
        "description": "KAZOO's `object` webhook: https://docs.2600hz.com/dev/applications/crossbar/doc/webhooks/",
        "anyOf": [
            shapes.schema("KazooWebhookFields"),
            shapes.loose(
                {
                    "action": shapes.word("Constant that marks version 2.", "event"),
                    "name": shapes.text("Event.", examples=["doc_edited"]),
                    "timestamp": shapes.whole("Time of the event, in Gregorian seconds."),
                    "hmac": shapes.text("HMAC-SHA256 over `timestamp` and `data`, in Base64."),
                    "data": {"type": "object", "description": "Fields of the webhook; `doc` is the document."},
                },
                required=("action", "data"),
            ),
        ],
    },
    "Refusal": shapes.loose(REFUSAL, required=("error", "message")),
}
