"""Describe where KAZOO pushes audio, and reads it back."""

from callvault.ingest.kazoo_uploads import MAX_BODY_BYTES
from tools.openapi import facts, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import AUDIO_TYPES, JSON, Shape

AUDIO: Shape = {"description": "The audio."}
MULTIPART = shapes.loose({"metadata": {"type": "object"}, "file": {"type": "string"}})
BODY: Shape = {
    "description": "The audio, raw or in Base64, whatever its content type says; or the document and the audio.",
    "required": True,
    "content": {
        **{kind: {"schema": AUDIO} for kind in (*AUDIO_TYPES, "application/octet-stream")},
        "multipart/mixed": {"schema": MULTIPART},
    },
}
WRITTEN: dict[int, Shape] = {
    201: shapes.answer("It is stored.", {JSON: shapes.schema("UploadReceipt")}),
    **facts.refused("Refusal", 400, 401, 403, 404, 409, 413, 415, 500, 503),
}
READ: dict[int, Shape] = {
    200: shapes.answer(
        "The audio, or the probe that was put.",
        {**dict.fromkeys(AUDIO_TYPES, AUDIO), "text/plain": shapes.text("The probe.")},
    ),
    302: shapes.answer("Where audio is that is too long for an answer.", Location=facts.LOCATION),
    **facts.refused("Refusal", 401, 403, 404, 500, 503),
}
FIELDS = {
    "recording_id": "The document's id: YYYYMM-…",
    "call_id": "The call that was recorded.",
    "from": "The caller.",
    "to": "The callee.",
    "direction": "Of the call: inbound or outbound.",
    "start": "When it began: Gregorian seconds.",
    "duration_ms": "Milliseconds.",
    "owner_id": "The user whose recording it is.",
}
PARAMETERS: dict[str, Shape] = {
    f"upload_{name}": shapes.query(name, shapes.text(description)) for name, description in FIELDS.items()
}
SENT = tuple(shapes.parameter(name) for name in PARAMETERS)
SOUGHT = (shapes.parameter("upload_recording_id"), shapes.parameter("upload_call_id"))
ADVICE = f"At most {MAX_BODY_BYTES} bytes: longer recordings go by KAZOO's own S3 handler."


def _entry(method: str) -> Entry:
    """Return the entry of a method."""
    if method == "GET":
        return Entry(
            parameters=SOUGHT,
            answers=READ,
            security=({}, {"basic": []}),
            words="""Read back what was pushed.

            By the document's id, in the path or the query, or by its call if that has one recording only.""",
        )
    return Entry(
        parameters=SENT,
        body=BODY,
        answers=WRITTEN,
        security=({}, {"basic": []}),
        words=f"""Push a recording's audio by {method}.

        {ADVICE} What the query lacks is taken from the path, as KAZOO's versions write both.""",
    )


ENTRIES: dict[tuple[str, str], Entry] = {
    (method, f"/uploads/kazoo/{{account_id}}/{{token}}{rest}"): _entry(method)
    for rest in ("", "/{path}")
    for method in ("PUT", "POST", "GET")
}
SCHEMAS: dict[str, Shape] = {
    "UploadReceipt": shapes.loose(
        {"id": shapes.text("The recording's id."), "name": shapes.text("The probe's name, if it was one.")}
    )
}
