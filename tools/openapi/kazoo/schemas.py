"""Describe the documents of KAZOO's dialect, field by field."""

from collections.abc import Mapping

from callvault.dialects.kazoo import envelopes
from tools.openapi import facts, shapes
from tools.openapi.shapes import Shape

ENVELOPE: dict[str, Shape] = {
    "status": shapes.word("Whether the request succeeded.", "success"),
    "timestamp": shapes.text("Time of the response, ISO 8601.", format="date-time"),
    "version": shapes.text("Version of KAZOO whose API this is.", examples=[envelopes.VERSION]),
    "node": shapes.text("Name of the node that answered."),
    "request_id": shapes.text("The caller's id for the request, or else an id that the archive chooses."),
}
REVISION = shapes.text("Version of the content, as in the ETag.")
RECORDING: dict[str, Shape] = {
    "id": shapes.text("The recording's id."),
    "name": shapes.text("The user's name for the recording, or else the file name."),
    "description": shapes.text("Text that describes the recording."),
    "content_type": shapes.word(
        "Media type of the audio, as stored or as announced.", *shapes.AUDIO_TYPES, shapes.ENCRYPTED_TYPE
    ),
    "media_type": shapes.word("File name extension.", *facts.FORMATS),
    "media_source": shapes.word("Always `recorded`.", "recorded"),
    "source_type": shapes.text("Source of the recording: KAZOO's value, or else the provider."),
    "from": shapes.text("The caller: E.164, a SIP address, or a word, as the provider wrote it."),
    "to": shapes.text("The callee: E.164, a SIP address, or a word, as the provider wrote it."),
    "caller_id_number": shapes.text("KAZOO's value, or else `from` if that is a plain number."),
    "callee_id_number": shapes.text("KAZOO's value, or else `to` if that is a plain number."),
    "caller_id_name": shapes.text("KAZOO only: the caller's name."),
    "callee_id_name": shapes.text("KAZOO only: the callee's name."),
    "direction": shapes.word("Direction of the call.", "inbound", "outbound"),
    "start": shapes.whole("Start of the recording, in Gregorian seconds: Unix time + 62167219200."),
    "duration": shapes.whole("Duration in whole seconds, as announced or else as measured.", minimum=0),
    "duration_ms": shapes.whole("Duration in milliseconds, as announced or else as measured.", minimum=0),
    "call_id": shapes.text("The call that was recorded."),
    "conference_id": shapes.text("The conference that was recorded."),
    "cdr_id": shapes.text("KAZOO only: the call detail record."),
    "interaction_id": shapes.text("KAZOO only: the id that all legs of a call share."),
    "owner_id": shapes.text("The user whose recording it is."),
    "origin": shapes.text("KAZOO only: the origin of the recording."),
    "request": shapes.text("KAZOO only: the SIP address that was called."),
    "custom_channel_vars": {"type": "object", "description": "KAZOO only: the call's variables."},
    "user_metadata": {"type": "object", "description": "Metadata that readers set by PATCH."},
    "archive": shapes.schema("Archive"),
    "_read_only": shapes.loose(
        {
            "content_types": shapes.listed({"type": "string"}, "In lists: the media type of the stored audio."),
            "deleted": shapes.flag("Whether the audio was removed."),
        }
    ),
}
REQUIRED = ("id", "media_source", "archive")
ERROR: dict[str, Shape] = {
    **ENVELOPE,
    "data": shapes.anything("Details of the error, often by field and rule."),
    "error": shapes.text("The HTTP status.", pattern=r"^\d{3}$"),
    "message": shapes.text("A constant that clients compare, in Crossbar's spelling.", examples=["bad_identifier"]),
    "status": shapes.word("Whether the request succeeded.", "error"),
}
IDENTITY = shapes.loose(
    {
        "account_id": shapes.text("The account."),
        "owner_id": shapes.text("The user that the reader is limited to."),
        "is_reseller": shapes.flag("Always false."),
        "apps": shapes.listed({}, "Always empty."),
    },
    required=("account_id", "is_reseller", "apps"),
)
LOGIN = shapes.record(
    {
        "data": shapes.record(
            {"api_key": shapes.text("`<account_id>.<secret>` of a reader.", format="password", minLength=1)}
        )
    }
)
PATCH = shapes.record(
    {
        "data": {
            **shapes.loose(
                {
                    "user_metadata": {
                        "type": "object",
                        "description": "Merged as in RFC 7396: a null removes a name. Needs `can_edit`.",
                    },
                    "owner_id": shapes.text("The new owner. Needs `is_admin`.", minLength=1, maxLength=256),
                }
            ),
            "additionalProperties": False,
        }
    },
    "The changes. No other field can be changed.",
)


def envelope(data: Shape, members: Mapping[str, Shape] | None = None) -> Shape:
    """Return the schema of a response; it may have these further members."""
    more = dict(members or {})
    return shapes.record({"data": data, **more, **ENVELOPE}, optional=tuple(more))


PAGE: dict[str, Shape] = {
    "archive": shapes.loose(
        {
            "created_from": shapes.moment("First moment of the list."),
            "created_to": shapes.moment("Last moment of the list."),
            "ignored": shapes.listed({"type": "string"}, "Names of parameters that the list does not know."),
        },
        "What was searched.",
        required=("created_from", "created_to"),
    ),
    "page_size": shapes.whole("Number of recordings on this page.", minimum=0),
    "start_key": shapes.text("Key of this page."),
    "next_start_key": shapes.text("Key of the next page. It is missing at the end of the list."),
    "revision": REVISION,
}
SCHEMAS: dict[str, Shape] = {
    "KazooRecording": shapes.loose(
        RECORDING,
        "A recording, as in KAZOO's schema `call_recordings`. Unknown fields are left out. A recording from KAZOO "
        "also has all other public fields that KAZOO sent.",
        required=REQUIRED,
    ),
    "KazooRecordings": envelope(shapes.listed(shapes.schema("KazooRecording")), PAGE),
    "KazooRecordingAnswer": envelope(shapes.schema("KazooRecording"), {"revision": REVISION}),
    "KazooIdentityAnswer": envelope(IDENTITY, {"auth_token": shapes.text("The token.", format="password")}),
    "KazooLogin": LOGIN,
    "KazooPatch": PATCH,
    "KazooError": shapes.record(ERROR),
}
