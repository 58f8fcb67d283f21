"""Know which conditional writes are in progress, and which of them a deletion has overtaken."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tools.local.aws.refusals import Refusal
from tools.local.emulator.wire import Head

type Place = tuple[str, bytes]
"""A bucket and a key."""

NOT_IMPLEMENTED = "A header you provided implies functionality that is not implemented"
CONFLICT = "The conditional request cannot succeed due to a conflicting operation against this resource."


def conflict(condition: str, key: str) -> Refusal:
    """Return the answer to a conditional write with which another write or deletion interferes."""
    return Refusal(409, "ConditionalRequestConflict", CONFLICT, {"Condition": condition, "Key": key})


def unknown(head: Head) -> Refusal | None:
    """Return why S3 refuses the form of a write's conditions, or None.

    If-None-Match must be `*`, and If-Match an ETag (S3 User Guide, "How to prevent object
    overwrites with conditional writes"; RFC 9110 allows more). S3 answers 501 to others.
    """
    match, none_match = head.header("if-match"), head.header("if-none-match")
    if match is not None and none_match is not None:
        members = {
            "Header": "If-Match,If-None-Match",
            "additionalMessage": "Multiple conditional request headers present in the request",
        }
        return Refusal(501, "NotImplemented", NOT_IMPLEMENTED, members)
    if match == "*" or none_match not in {None, "*"}:
        name = "If-Match" if match else "If-None-Match"
        members = {
            "Header": name,
            "additionalMessage": f"We don't accept the provided value of {name} header for this API",
        }
        return Refusal(501, "NotImplemented", NOT_IMPLEMENTED, members)
    return None


class ConditionalWrites:
    """The writes with If-None-Match that have begun and have not ended.

    S3 User Guide, "How to prevent object overwrites with conditional writes": such a write gets 409
    Conflict if a deletion of the object succeeds before the write completes. (A write with If-Match
    gets 404 then, because the object is missing. Of several writes the first to finish succeeds,
    and the others get 412.)
    """

    def __init__(self) -> None:
        self._open: list[tuple[Place, threading.Event]] = []
        self._lock = threading.Lock()

    @contextmanager
    def begun(self, head: Head, place: Place) -> Iterator[threading.Event]:
        """Hold a write in progress for the block; the event is set when a deletion overtakes it."""
        write = (place, threading.Event())
        conditional = head.method in {"PUT", "POST"} and head.header("if-none-match") is not None
        if conditional:
            with self._lock:
                self._open.append(write)
        try:
            yield write[1]
        finally:
            if conditional:
                with self._lock:
                    self._open.remove(write)

    def deleted(self, place: Place) -> None:
        """Record that the deletion of an object has succeeded."""
        with self._lock:
            for other, overtaken in self._open:
                if other == place:
                    overtaken.set()
