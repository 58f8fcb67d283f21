"""Make random texts of transcriptions, and serve those that the archive would store."""

from random import Random
from typing import Any

from callvault.dialects.bandwidth import documents
from callvault.errors import UnavailableError
from callvault.models import Recording
from callvault.providers.bandwidth import transcriptions
from tests.fuzz import values

ENTRY = {"speaker": 0, "text": "Hello", "confidence": 0.9, "startTimeSeconds": 0.5}
NAMES = ["transcripts", "clips", "speaker", "text", "confidence"]


def serve(random: Random, recording: Recording) -> dict[str, Any] | None:
    """Return a random text as the archive serves it, or None if it would not store the text.

    Raises LookupError if the archive stores a text that it does not serve.
    """
    body = _body(random)
    try:
        transcriptions.check(body, doubt=random.random() < 0.5)
    except UnavailableError:
        return None
    served = documents.text_of(recording, body)
    if served is None:
        raise LookupError(body[:200])
    return served


def _body(random: Random) -> bytes:
    """Return a mutated text."""
    if random.random() < 0.05:
        return random.choice(values.NASTY_JSON)
    entries = [dict(values.pairs(random, list(ENTRY.items()), NAMES)) for _ in range(random.randrange(3))]
    known = [("transcripts", entries), ("clips", entries)]
    body = values.document(random, values.pairs(random, known, NAMES))
    return values.garble(random, body) if random.random() < 0.1 else body
