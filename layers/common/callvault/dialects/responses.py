"""Answer as JSON or with the address of audio, where a dialect asks for nothing beyond that."""

import json
from collections.abc import Mapping

from callvault.dialects import shared_fields
from callvault.models import Recording
from callvault.readers import access
from callvault.web import Response

JSON = "application/json"
GUARDS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Of every answer: what it says changes, and is somebody's."""


def as_json(
    status: int, content: object, headers: Mapping[str, str] | None = None, *, content_type: str = JSON
) -> Response:
    """Return a JSON answer."""
    return Response(
        status=status, headers={**GUARDS, "content-type": content_type, **(headers or {})}, body=text(content)
    )


def audio(recording: Recording, *, inline: bool) -> Response:
    """Return where a recording's audio is, good for some minutes; raises NotFoundError where there is none."""
    disposition = shared_fields.disposition(shared_fields.file_name(recording), inline=inline)
    return Response(status=302, headers={**GUARDS, "location": access.media_url(recording, disposition=disposition)})


def nothing() -> Response:
    """Return the answer to what is done and needs no word."""
    return Response(status=204, headers=GUARDS)


def text(content: object) -> str:
    """Return JSON; a provider's own JSON can spell what no UTF-8 can hold."""
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return written.encode(errors="replace").decode()


def weigh(document: object) -> int:
    """Return how many bytes a document takes in an answer, which Lambda hands on as a string in JSON."""
    return len(json.dumps(text(document)))
