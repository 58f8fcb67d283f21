"""Build the responses that several dialects share: JSON, a redirect to audio, an empty response."""

import json
from collections.abc import Mapping

from callvault.dialects import shared_fields
from callvault.models import Recording
from callvault.readers import access
from callvault.web import Response

JSON = "application/json"
GUARDS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Headers of every response of a dialect.

Caches must not store responses, because their content changes and is private. Only
`kazoo.envelopes.succeed` replaces `cache-control`, in responses with an ETag.
"""
BASIC_CHALLENGE = {"www-authenticate": 'Basic realm="callvault"'}
"""Header of a 401 that asks for Basic authentication (RFC 7617)."""


def as_json(
    status: int, content: object, headers: Mapping[str, str] | None = None, *, content_type: str = JSON
) -> Response:
    """Return a JSON response with GUARDS and `headers`, which may replace GUARDS."""
    return Response(
        status=status, headers={**GUARDS, "content-type": content_type, **(headers or {})}, body=text(content)
    )


def audio(recording: Recording, *, inline: bool) -> Response:
    """Return a redirect to a recording's audio, by a URL that is valid for some minutes.

    With `inline`, a browser plays the audio instead of saving it. Raises NotFoundError if there is
    no audio.
    """
    disposition = shared_fields.disposition(shared_fields.file_name(recording), inline=inline)
    return redirect(access.media_url(recording, disposition=disposition))


def redirect(url: str) -> Response:
    """Return a redirect to a URL that is valid for some minutes."""
    return Response(status=302, headers={**GUARDS, "location": url})


def no_content() -> Response:
    """Return a 204."""
    return Response(status=204, headers=GUARDS)


def text(content: object) -> str:
    """Return a value as JSON text.

    Lone surrogates, which a provider's JSON can contain as escapes, become question marks.
    """
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return written.encode(errors="replace").decode()


def weigh(document: object) -> int:
    """Return the size of a document in Lambda's response, in bytes.

    Lambda's response contains the body as a JSON string, in which some characters are escaped.
    """
    return len(json.dumps(text(document)))
