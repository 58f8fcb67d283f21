"""Check that a body is the media of a recording, by its beginning and its length.

A 200 response is not proof of audio, and a Content-Length is not proof of the whole recording.
"""

import codecs
from dataclasses import dataclass
from typing import Protocol

from callvault import audio, providers
from callvault.errors import RejectedError, UnavailableError
from callvault.models import ENCRYPTED_TYPE, Recording

TEXTUAL = (b"<", b"{", b"[")
"""First bytes of HTML and JSON. Such a body is an error page; the next attempt may get audio."""
TEXT_BYTES = 64
"""Number of bytes that show whether a body is text: so many random ones are hardly ever UTF-8."""
CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\f\r")
"""Bytes that no text has. A file that is not text usually has one near its beginning."""
UNFINISHED = "The file may still be being written."
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MOSTLY = 0.75
"""Minimum share of ASCII in a text of Latin-1 or the like; of random bytes, half are ASCII."""


class Check(Protocol):
    """What a body must be. `first` is its beginning, of up to 8 MiB."""

    def identify(self, first: bytes, *, is_delimited: bool) -> str:
        """Return the content type that the beginning shows; raises UnavailableError, RejectedError.

        `is_delimited` says whether the HTTP response shows where the body ends.
        """

    def end(self, first: bytes, size: int, *, is_delimited: bool) -> None:
        """Refuse a body of `size` bytes that broke off: raises UnavailableError, RejectedError."""


@dataclass(frozen=True)
class Audio:
    """Audio of a format that `audio` knows."""

    recording: Recording
    doubt: bool
    """Whether an incomplete body is refused even if it has the length that HTTP says."""

    def identify(self, first: bytes, *, is_delimited: bool) -> str:
        """Return the content type.

        Raises UnavailableError if the body is empty, a text or possibly broken off, because the
        next attempt may get audio; raises RejectedError otherwise. With `doubt`, the beginning of a
        file that may become audio counts as broken off.
        """
        try:
            return audio.check(audio.head(first))
        except RejectedError as error:
            if first and self.doubt and audio.may_become_audio(first):
                raise UnavailableError("short_body", UNFINISHED) from None
            if _is_page(first) or _is_text(first) or not is_delimited:
                raise UnavailableError(error.reason, str(error)) from None
            raise

    def end(self, first: bytes, size: int, *, is_delimited: bool) -> None:
        """Refuse a body that is shorter than its own header says or than the provider announced.

        That is the only sign if HTTP does not say where the body ends. With `doubt`, no body may be
        shorter: a provider, or a cache in front of it, may serve a file that is still being
        written. The Content-Length is then the length so far, and a header that was not filled in
        says nothing or cannot be read. A size that the provider reported must then be the body's.
        Raises UnavailableError, RejectedError.
        """
        if self.doubt and providers.announced_bytes(self.recording) not in {None, size}:
            raise UnavailableError("other_size", "The body has another size than the provider reported.")
        try:
            measured = audio.measure(audio.head(first), size)
        except RejectedError:
            if self.doubt or not is_delimited:
                raise UnavailableError("short_body", UNFINISHED) from None
            raise
        short = audio.too_short(self.recording, measured)
        if (not is_delimited and short) or (self.doubt and (short or self._is_unfinished(measured))):
            raise UnavailableError("short_body", "The body broke off.")

    def _is_unfinished(self, measured: audio.Measurement) -> bool:
        """Return whether a header without audio may be the beginning of a recording."""
        return audio.is_empty(measured) and self.recording.duration_ms != 0


@dataclass(frozen=True)
class Encrypted:
    """Media that the provider encrypted. It may be any bytes."""

    recording: Recording
    doubt: bool
    """Whether a body is refused that is too small for the announced duration."""

    def identify(self, first: bytes, *, is_delimited: bool) -> str:
        """Return the content type of encrypted media.

        Raises UnavailableError if the body is empty or a text, or if nothing shows where it ends.
        """
        if not first:
            raise UnavailableError("empty", "The file has no bytes.")
        if _is_utf8(first) or _is_text(first):  # ciphertext may begin with the byte of an error page
            raise UnavailableError("not_audio", "The body is a text.")
        if not is_delimited:
            raise UnavailableError("short_body", "The response does not say how long the encrypted media is.")
        return ENCRYPTED_TYPE

    def end(self, first: bytes, size: int, *, is_delimited: bool) -> None:  # noqa: ARG002 - as the protocol has it
        """Refuse, with `doubt`, a body that is too small for the announced duration.

        The file may still be being written. Raises UnavailableError.
        """
        if self.doubt and audio.is_too_small(self.recording, size):
            raise UnavailableError("short_body", UNFINISHED)


def _is_page(first: bytes) -> bool:
    """Return whether a body begins like HTML, XML or JSON."""
    return first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(TEXTUAL)


def _is_text(first: bytes) -> bool:
    """Return whether a body begins with text: in UTF-8 or UTF-16, or in an extension of ASCII.

    An empty body does.
    """
    beginning = first[:TEXT_BYTES]
    if beginning.startswith(UTF_16):
        beginning = beginning[2:].replace(b"\0", b"")
    is_ascii = len(beginning.decode("ascii", "ignore")) >= MOSTLY * len(beginning)
    return not CONTROLS.intersection(beginning) and (is_ascii or _is_utf8(beginning))


def _is_utf8(first: bytes) -> bool:
    """Return whether a body begins with UTF-8, which also zeros are."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first[:TEXT_BYTES])
    except UnicodeDecodeError:
        return False
    return True
