"""Protocols of the providers that transcribe recordings."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from callvault.models import Recording
from callvault.transport.source import Source


@runtime_checkable
class Transcriber(Protocol):
    """A provider that transcribes recordings, for one account."""

    @property
    def source(self) -> Source:
        """Return what `Provider.source` returns; the text comes from there too."""

    def transcript_url(self, recording: Recording) -> str:
        """Return the URL of the text of a recording's latest transcription, built from the ids.

        Raises RejectedError if the recording has none, or lacks an id that the URL needs.
        """

    def check_transcript(self, body: bytes, *, doubt: bool) -> None:
        """Check that a body is the text of a transcription; raises UnavailableError.

        With `doubt`, a text without content is refused too.
        """

    def transcribe(self, recording: Recording, options: Mapping[str, Any], base: str) -> None:
        """Ask the provider to transcribe a recording; `base` is the public URL of our callbacks.

        `options` are in the provider's own terms. Raises NotFoundError if there is no such
        recording; UnprocessableError if the provider refuses, and UnavailableError.
        """


@runtime_checkable
class Speech(Protocol):
    """A provider, or its class, whose texts do not have Bandwidth's form."""

    @staticmethod
    def spoken(body: bytes) -> list[str]:
        """Return the words in the text of a transcription, in order, as a list of texts."""
