"""Define how a provider's answer to a request for the text of a transcription fails.

Most of these faults are those of audio. A text has no magic bytes, so some have other reasons.
"""

from dataclasses import replace

from tools.local.faults.media import FAULTS as OF_MEDIA
from tools.local.faults.media import Fault

WITHOUT_WORDS = b'{"transcripts": []}'
"""A text that is not there yet: Bandwidth's command line waits "until the transcription has
content"."""

TRANSIENT = (
    *(
        OF_MEDIA[name]
        for name in (
            "not_yet_404", "unauthorized_once", "rate_limited", "many_502", "html_200", "empty_200", "hung_up",
            "reset_in_body", "truncated", "truncated_without_length", "truncated_chunked", "length_too_long",
            "without_length", "wrong_type_header", "redirect_chain", "redirect_elsewhere",
        )
    ),
    Fault(name="without_words", script=lambda stage: [replace(stage.good, body=WITHOUT_WORDS), stage.good]),
)  # fmt: skip
"""Faults that end: the text ends verified."""
PERMANENT = tuple(OF_MEDIA[name] for name in ("deleted_410", "bad_request", "forbidden_redirect"))
"""Faults after which the text fails at once."""
EXHAUSTING = (
    OF_MEDIA["missing"],
    OF_MEDIA["down"],
    *(replace(OF_MEDIA[name], reason="not_transcript") for name in ("always_html", "always_json", "always_empty")),
)
"""Faults after which the text fails when a day of attempts is over."""
FAULTS = {fault.name: fault for fault in (*TRANSIENT, *PERMANENT, *EXHAUSTING)}
