"""Describe the routes to which KAZOO pushes audio and from which it reads the audio back."""

from callvault.ingest.kazoo_uploads import MAX_BODY_BYTES
from tools.openapi import facts, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import AUDIO_TYPES, JSON, Shape

AUDIO: Shape = {"description": "The audio."}
MULTIPART = shapes.loose({"metadata": {"type": "object"}, "file": {"type": "string"}})
BODY: Shape = {
    "description": "The audio, raw or in Base64, with any content type; or the document and the audio, as parts.",
    "required": True,
    "content": {
        **{kind: {"schema": AUDIO} for kind in (*AUDIO_TYPES, "application/octet-stream")},
        "multipart/mixed": {"schema": MULTIPART},
    },
}
WRITTEN: dict[int, Shape] = {
    201: shapes.answer("The audio is stored.", {JSON: shapes.schema("UploadReceipt")}),
    **facts.refused("Refusal", 400, 401, 403, 409, 413, 415, 500, 503),
}
READ: dict[int, Shape] = {
    200: shapes.answer(
        "The audio, or the probe: a text that KAZOO uploaded to test a storage plan.",
        {**dict.fromkeys(AUDIO_TYPES, AUDIO), "text/plain": shapes.text("Text of the probe.")},
    ),
    302: shapes.answer("Redirect to audio that is too large for one response.", Location=facts.LOCATION),
    **facts.refused("Refusal", 401, 403, 404, 500, 503),
}
FIELDS = {
    "recording_id": "Id of the document, such as `YYYYMM-…`.",
    "call_id": "The call that was recorded.",
    "from": "The caller.",
    "to": "The callee.",
    "direction": "Direction of the call: inbound or outbound.",
    "start": "Start of the recording, in Gregorian seconds.",
    "duration_ms": "Duration of the recording, in milliseconds.",
    "owner_id": "The user whose recording it is.",
}
PARAMETERS: dict[str, Shape] = {
    f"upload_{name}": shapes.query(name, shapes.text(description)) for name, description in FIELDS.items()
}
SENT = tuple(shapes.parameter(name) for name in PARAMETERS)
FINDING = (shapes.parameter("upload_recording_id"), shapes.parameter("upload_call_id"))
ADVICE = f"The body has at most {MAX_BODY_BYTES} bytes. For larger recordings, use KAZOO's own S3 handler."


def _entry(method: str) -> Entry:
    """Return the entry of an HTTP method."""
    if method == "GET":
        return Entry(
            parameters=FINDING,
            answers=READ,
            security=({}, {"basic": []}),
            words="""Return audio that was pushed to this address. Recordings that came in another way are not found.

            The recording is found by the document's id, in the path or the query, or by the call's id if the call has
            only one recording.""",
        )
    return Entry(
        parameters=SENT,
        body=BODY,
        answers=WRITTEN,
        security=({}, {"basic": []}),
        words=f"""Push a recording's audio by {method}.

        The token is the account's `callback.upload_token`, or its `callback.token` if it has none. {ADVICE}
        Fields that are missing in the query are read from the path, because some versions of KAZOO write them
        there.""",
    )


ENTRIES: dict[tuple[str, str], Entry] = {
    (method, f"/uploads/kazoo/{{account_id}}/{{token}}{rest}"): _entry(method)
    for rest in ("", "/{path}")
    for method in ("PUT", "POST", "GET")
}
SCHEMAS: dict[str, Shape] = {
    "UploadReceipt": shapes.loose(
        {
            "id": shapes.text("Id of the recording."),
            "name": shapes.text("Name of the probe, if KAZOO uploaded one to test a storage plan."),
        }
    )
}
