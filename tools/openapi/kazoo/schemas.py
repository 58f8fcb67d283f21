"""Describe the documents of KAZOO's dialect, field by field."""

from collections.abc import Mapping

from callvault.dialects.kazoo import envelopes
from tools.openapi import facts, shapes
from tools.openapi.shapes import Shape

ENVELOPE: dict[str, Shape] = {
    "status": shapes.word("Whether it went well.", "success"),
    "timestamp": shapes.text("When it was answered, ISO 8601.", format="date-time"),
    "version": shapes.text("Of the KAZOO whose API this is.", examples=[envelopes.VERSION]),
    "node": shapes.text("Name of the node that answered."),
    "request_id": shapes.text("The caller's own id of the request, or else the archive's."),
}
REVISION = shapes.text("Changes with the content; the ETag.")
RECORDING: dict[str, Shape] = {
    "id": shapes.text("The recording's id."),
    "name": shapes.text("The user's own name for it, or else its file's."),
    "description": shapes.text("A line for people."),
    "content_type": shapes.word("The audio's type, or the one it will have.", *shapes.AUDIO_TYPES),
    "media_type": shapes.word("The file's extension.", *facts.FORMATS),
    "media_source": shapes.word("Always so.", "recorded"),
    "source_type": shapes.text("What recorded it: KAZOO's own word, or else the provider."),
    "from": shapes.text("The caller: E.164, a SIP address, or a word, as the provider wrote it."),
    "to": shapes.text("The callee, likewise."),
    "caller_id_number": shapes.text("KAZOO's own, or `from` where that is a plain number."),
    "callee_id_number": shapes.text("KAZOO's own, or `to` where that is a plain number."),
    "caller_id_name": shapes.text("KAZOO only."),
    "callee_id_name": shapes.text("KAZOO only."),
    "direction": shapes.word("Of the call.", "inbound", "outbound"),
    "start": shapes.whole("When it began: Gregorian seconds, Unix time + 62167219200."),
    "duration": shapes.whole("Whole seconds: as announced, or else as measured.", minimum=0),
    "duration_ms": shapes.whole("Milliseconds, likewise.", minimum=0),
    "call_id": shapes.text("The call that was recorded."),
    "conference_id": shapes.text("The conference that was recorded."),
    "cdr_id": shapes.text("KAZOO only: the call detail record."),
    "interaction_id": shapes.text("KAZOO only: what all legs of a call have in common."),
    "owner_id": shapes.text("The user whose recording it is."),
    "origin": shapes.text("KAZOO only: what asked for the recording."),
    "request": shapes.text("KAZOO only: the address that was called."),
    "custom_channel_vars": {"type": "object", "description": "KAZOO only: the call's variables."},
    "user_metadata": {"type": "object", "description": "Set by readers, by PATCH."},
    "archive": shapes.schema("Archive"),
    "_read_only": shapes.loose(
        {
            "content_types": shapes.listed({"type": "string"}, "In lists: the type of the audio that can be had."),
            "deleted": shapes.flag("In the answer to DELETE."),
        }
    ),
}
REQUIRED = ("id", "media_source", "archive")
ERROR: dict[str, Shape] = {
    **ENVELOPE,
    "data": shapes.anything("More about what is wrong, often by field and rule."),
    "error": shapes.text("The HTTP status.", pattern=r"^\d{3}$"),
    "message": shapes.text("A constant that clients compare, in Crossbar's spelling.", examples=["bad_identifier"]),
    "status": shapes.word("Whether it went well.", "error"),
}
IDENTITY = shapes.loose(
    {
        "account_id": shapes.text("The account."),
        "owner_id": shapes.text("The user that the reader is limited to."),
        "is_reseller": shapes.flag("Never."),
        "apps": shapes.listed({}, "None."),
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
                {"user_metadata": {"type": "object", "description": "Merged by RFC 7396: null removes a name."}}
            ),
            "additionalProperties": False,
        }
    },
    "All that may be changed.",
)


def envelope(data: Shape, members: Mapping[str, Shape] | None = None) -> Shape:
    """Return the schema of an answer that has these members, too, where they apply."""
    more = dict(members or {})
    return shapes.record({"data": data, **more, **ENVELOPE}, optional=tuple(more))


PAGE: dict[str, Shape] = {
    "page_size": shapes.whole("How many recordings this page has.", minimum=0),
    "start_key": shapes.text("This page's own."),
    "next_start_key": shapes.text("The next page's, as long as more may follow."),
    "revision": REVISION,
}
SCHEMAS: dict[str, Shape] = {
    "KazooRecording": shapes.loose(
        RECORDING,
        "A recording, as KAZOO's schema `call_recordings` has it; unknown fields are left out. One from KAZOO has "
        "whatever else KAZOO said, too, as KAZOO wrote it.",
        required=REQUIRED,
    ),
    "KazooRecordings": envelope(shapes.listed(shapes.schema("KazooRecording")), PAGE),
    "KazooRecordingAnswer": envelope(shapes.schema("KazooRecording"), {"revision": REVISION}),
    "KazooIdentityAnswer": envelope(IDENTITY, {"auth_token": shapes.text("The token.", format="password")}),
    "KazooLogin": LOGIN,
    "KazooPatch": PATCH,
    "KazooError": shapes.record(ERROR),
}
