"""Describe the documents of Bandwidth's dialect, field by field."""

from callvault.dialects.bandwidth import controls, documents, oauth, refusals
from tools.openapi import facts, shapes
from tools.openapi.shapes import JSON, Shape

ALWAYS = ("accountId", "recordingId", "status", "mediaUrl", "transcription", "archive")
"""Members that every document has, if its schema has them."""
COMMON: dict[str, Shape] = {
    "duration": shapes.text("ISO 8601 duration, as announced or else as measured.", examples=["PT90.5S"]),
    "channels": shapes.whole("Number of channels, as announced or else as measured.", minimum=0),
    "startTime": shapes.moment("When the recording began."),
    "endTime": shapes.moment("When the recording ended."),
    "fileFormat": shapes.word("The audio's format.", *documents.FILE_FORMATS),
    "status": shapes.word("Status of the recording.", "processing", "partial", "complete", "error"),
    "mediaUrl": shapes.text("URL of the audio in this API; null while there is no audio.", null=True, format="uri"),
    "recordingName": shapes.text("The user's own name for the recording."),
    "archive": shapes.schema("Archive"),
}
TRANSCRIPTION = shapes.loose(
    {
        "id": shapes.text("Bandwidth's id of the transcription."),
        "status": shapes.text("Bandwidth's status of the transcription."),
        "completedTime": shapes.moment("When the transcription was ready."),
        "url": shapes.text("URL of the text, if the archive has the text.", format="uri"),
    }
)
NULLABLE_TRANSCRIPTION: Shape = {
    "description": "Description of the transcription.",
    "anyOf": [TRANSCRIPTION, {"type": "null"}],
}
ERROR = shapes.record(
    {
        "type": shapes.word("Type of the error.", *dict.fromkeys([*refusals.TYPES.values(), refusals.DEFAULT_TYPE])),
        "description": shapes.text("Description of the error."),
        "id": shapes.text("Id of the request in the log.", null=True),
    }
)

SCHEMAS: dict[str, Shape] = {
    "BandwidthCallRecording": shapes.loose(
        {
            "applicationId": shapes.text("Bandwidth's application; missing for other providers' recordings."),
            "accountId": shapes.text("The account's id, as in the path."),
            "callId": shapes.text("The call that was recorded."),
            "parentCallId": shapes.text("The call that this call belongs to."),
            "recordingId": shapes.text("The recording's id."),
            "to": shapes.text("The callee: E.164, a SIP address, or a word, as the provider wrote it."),
            "from": shapes.text("The caller: E.164, a SIP address, or a word, as the provider wrote it."),
            "transferCallerId": shapes.text("The caller id of a transfer, if Bandwidth reported one."),
            "transferTo": shapes.text("The callee of a transfer, if Bandwidth reported one."),
            "direction": shapes.word("Direction of the call.", "inbound", "outbound"),
            **COMMON,
            "transcription": NULLABLE_TRANSCRIPTION,
        },
        "A call's recording, as Bandwidth describes it. A member whose value is unknown is left out.",
        required=ALWAYS,
    ),
    "BandwidthConferenceRecording": shapes.loose(
        {
            "accountId": shapes.text("The account's id, as in the path."),
            "conferenceId": shapes.text("The conference that was recorded."),
            "name": shapes.text("The conference's name, if Bandwidth reported it."),
            "recordingId": shapes.text("The recording's id."),
            **COMMON,
        },
        "A conference's recording, as Bandwidth describes it. A member whose value is unknown is left out.",
        required=ALWAYS,
    ),
    "BandwidthTranscript": shapes.loose(
        {
            "transcripts": shapes.listed({}, "Transcripts, as Bandwidth sent them."),
            "clips": shapes.listed({}, "Clips, as Bandwidth sent them."),
        },
        "The text of the transcription, as Bandwidth sent it.",
    ),
    "BandwidthTranscribe": shapes.loose(
        {
            "callbackUrl": shapes.text(
                "Where Bandwidth reports the transcription. Default: the archive. It asks Bandwidth itself if not.",
                format="uri",
            ),
            "callbackMethod": shapes.word("Method of the report.", "GET", "POST"),
            "username": shapes.text("User name for Basic at `callbackUrl`."),
            "password": shapes.text("Password for Basic at `callbackUrl`.", format="password"),
            "tag": shapes.text("Text that Bandwidth sends with its report."),
            "callbackTimeout": {"type": "number", "description": "Timeout of the report, in seconds.", "minimum": 1},
            "detectLanguage": shapes.flag("Whether Bandwidth detects the language. Default: English."),
        },
        "What Bandwidth is asked for. Other members are refused.",
    ),
    "BandwidthControl": shapes.record(
        {"state": shapes.word("New state of the recording in progress.", *map(str, controls.STATES))}
    ),
    "BandwidthError": ERROR,
    "TokenRequest": shapes.loose(
        {
            "grant_type": shapes.word("Grant type. No other is supported.", oauth.GRANT),
            "client_id": shapes.text("The account's id, if Basic does not have it."),
            "client_secret": shapes.text("A reader's secret, if Basic does not have it.", format="password"),
            "scope": shapes.text("Ignored."),
        },
        required=("grant_type",),
    ),
    "Token": shapes.record(
        {
            "access_token": shapes.text("The token: `<account_id>.<secret>`."),
            "token_type": shapes.word("Authentication scheme of the token.", "Bearer"),
            "expires_in": shapes.whole("Lifetime for SDKs, in seconds; the token is valid as long as the secret is."),
        }
    ),
    "TokenError": shapes.record(
        {
            "error": shapes.word(
                "Error code (RFC 6749 5.2).",
                "invalid_client",
                "unsupported_grant_type",
                "invalid_request",
                "server_error",
            ),
            "error_description": shapes.text("Description of the error."),
        }
    ),
}
RESPONSES: dict[str, Shape] = {
    **facts.refusals(
        "Bandwidth",
        (400, 401, 403, 404, 413, 422, 500, 503),
        {refusals.CONTENT_TYPE: shapes.schema("BandwidthError")},
        challenge=True,
    ),
    **facts.refusals("Token", (400, 401, 500, 503), {JSON: shapes.schema("TokenError")}, challenge=True),
}
