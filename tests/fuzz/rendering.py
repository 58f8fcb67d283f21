"""Check that a recording can be rendered in every dialect, as standard JSON."""

import json

from callvault.dialects import responses
from callvault.dialects.bandwidth import documents as bandwidth_documents
from callvault.dialects.kazoo import documents as kazoo_documents
from callvault.dialects.laml import documents as laml_documents
from callvault.dialects.relay import documents as relay_documents
from callvault.models import Recording


class Broken(AssertionError):  # noqa: N818 - it is a finding, not an error of the fuzzer's
    """A property does not hold."""


def check(recording: Recording) -> None:
    """Raise Broken unless each dialect renders a recording as standard JSON."""
    if recording.listed_at is None:
        return
    place = laml_documents.Place("https://x", "/2010-04-01", "a")
    for document in (
        kazoo_documents.render(recording),
        bandwidth_documents.render_call(recording, "https://x", "a"),
        bandwidth_documents.render_conference(recording, "https://x", "a"),
        laml_documents.render_twilio(recording, place),
        laml_documents.render_signalwire(recording, place),
        relay_documents.render(recording, "https://x", "a"),
    ):
        check_document(document)


def check_document(document: object) -> None:
    """Raise Broken unless a document is written as standard JSON."""
    json.loads(responses.text(document).encode(), parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise Broken(f"{constant} is not JSON.")
