"""Copy a recording's audio from its provider into S3: whole, once, in bounded memory.

What arrives is hashed as it streams by in parts of 8 MiB. Nothing is written before its beginning is known to be audio,
and nothing is completed before its end is known to be the end.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Self

import urllib3

from callvault import audio, settings, transport
from callvault.errors import ConflictError, RejectedError, UnavailableError
from callvault.models import Media, Recording
from callvault.providers.base import Provider
from callvault.storage import bucket, multipart_uploads

PART_BYTES = 8 * 1024 * 1024
READ_BYTES = 64 * 1024
LONGEST_NUMBER = 18
"""Digits."""
TEXTUAL = (b"<", b"{", b"[")
"""How an error page begins; it may be gone the next time."""


class Stream:
    """A body, counted and hashed as it is read; `deadline` is of time.monotonic()."""

    def __init__(
        self, read: Callable[[int], bytes], length: int | None, deadline: float, *, chunked: bool = False
    ) -> None:
        self.announced = length
        self.end_is_proof = length is not None or chunked
        """A body whose end is just the connection's may have broken off."""
        self.size = 0
        self.sha256 = hashlib.sha256()
        self._read = read
        self._deadline = deadline

    @classmethod
    def of(cls, response: urllib3.BaseHTTPResponse, deadline: float) -> Self:
        """Return the body of an answer."""
        length = response.headers.get("content-length", "")
        chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
        read = partial(response.read1, decode_content=False)
        size = int(length) if length.isascii() and length.isdecimal() and len(length) <= LONGEST_NUMBER else None
        return cls(read, size, deadline, chunked=chunked)

    def parts(self) -> Iterator[bytes]:
        """Yield the body in parts of PART_BYTES, the last one shorter; raises UnavailableError, RejectedError."""
        limit = settings.get().max_media_bytes
        if (self.announced or 0) > limit:
            raise RejectedError("too_large", f"The recording is longer than {limit} bytes.")
        part = bytearray()
        while piece := self._read(READ_BYTES):
            self.size += len(piece)
            self.sha256.update(piece)
            part += piece
            if self.size > limit:
                raise RejectedError("too_large", f"The recording is longer than {limit} bytes.")
            if time.monotonic() > self._deadline:
                raise UnavailableError("too_slow", "The provider did not send the recording in time.")
            if len(part) >= PART_BYTES:
                yield bytes(part[:PART_BYTES])
                del part[:PART_BYTES]
        if self.announced is not None and self.size != self.announced:
            raise UnavailableError("short_body", "The body broke off.")
        if part:
            yield bytes(part)


def copy(recording: Recording, provider: Provider, deadline: float, *, doubt: bool = False) -> Media:
    """Copy a recording's audio and return what was stored; `deadline` is of time.monotonic().

    What its row knows to be in its place, a partial copy or one that turned out corrupt, gets a newer version; anything
    else is left alone. With `doubt`, a body that lacks what its own header promises is refused although its length is
    right. Raises UnavailableError or RejectedError.
    """
    replaces = recording.media.etag if recording.media else None
    doubt = doubt and not recording.partial
    try:
        return _copy(recording, provider, deadline, replaces, doubt=doubt)
    except ConflictError:
        existing = bucket.head(str(recording.media_key))
    if recording.partial or existing["Metadata"].get("partial") != "true":
        raise RejectedError("conflict", "Another recording is stored under the same key.")
    return _copy(recording, provider, deadline, existing["ETag"], doubt=doubt)


def store(recording: Recording, stream: Stream) -> Media:
    """Store audio that was sent to us and return what was stored.

    The same bytes may be there already; raises ConflictError where others are, UnavailableError, RejectedError.
    """
    return _store(recording, stream, {"IfNoneMatch": "*"}, doubt=False)


def _copy(recording: Recording, provider: Provider, deadline: float, replaces: str | None, *, doubt: bool) -> Media:
    """Copy once; raises ConflictError where another object than the one replaced is there."""
    condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
    with transport.download(provider.source, provider.media_url(recording)) as response:
        return _store(recording, Stream.of(response, deadline), condition, doubt=doubt)


def _store(recording: Recording, stream: Stream, condition: dict[str, str], *, doubt: bool) -> Media:
    """Store what a stream brings; raises ConflictError where the condition is not met."""
    parts = stream.parts()
    first = next(parts, b"")
    content_type = _identify(stream, first)
    head = first[: audio.HEAD_BYTES]
    if len(first) < PART_BYTES:
        _check_end(recording, stream, head, doubt=doubt)
        stored = bucket.put(recording, first, content_type, condition)
    else:
        with multipart_uploads.begin(recording, content_type) as upload:
            for part in chain([first], parts):
                upload.add(part)
            _check_end(recording, stream, head, doubt=doubt)
            stored = upload.complete(condition, stream.sha256.hexdigest())
    return Media(
        key=str(recording.media_key),
        version_id=stored.get("VersionId"),
        etag=stored["ETag"],
        size=stream.size,
        sha256=stream.sha256.hexdigest(),
        content_type=content_type,
        partial=recording.partial,
    )


def _identify(stream: Stream, first: bytes) -> str:
    """Return the content type of what begins like this; what is empty, broken off or an error page may yet be audio."""
    try:
        return audio.check(first[: audio.HEAD_BYTES])
    except RejectedError as error:
        textual = first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(TEXTUAL)
        if textual or not first or not stream.end_is_proof:
            raise UnavailableError(error.reason, str(error)) from None
        raise


def _check_end(recording: Recording, stream: Stream, head: bytes, *, doubt: bool) -> None:
    """Refuse a body whose end proves nothing if it is shorter than announced; with `doubt`, than its header promises.

    A provider, or a cache before it, may give a file that is still being written the length that it has so far.
    """
    measured = audio.measure(head, stream.size)
    if (doubt and measured.missing) or (not stream.end_is_proof and audio.too_short(recording, measured)):
        raise UnavailableError("short_body", "The body broke off.")
