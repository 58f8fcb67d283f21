"""Remember which recordings of a day were seen, in about 60 bytes each."""

import base64
import hashlib
from array import array

BYTES = 8
"""Length of the part of an id's hash that is remembered.

Two of 100,000 ids have the same eight bytes with a probability of one in 3.7 thousand million.
"""


class Seen:
    """The ids of the recordings that were seen, as parts of their hashes."""

    def __init__(self, text: str = "") -> None:
        """Make a set from what `write` returned; by default it is empty."""
        self._marks = set(array("Q", base64.b64decode(text)))

    def __contains__(self, recording_id: str) -> bool:
        """Return whether a recording was seen."""
        return _mark(recording_id) in self._marks

    def add(self, recording_id: str) -> None:
        """Remember a recording."""
        self._marks.add(_mark(recording_id))

    def write(self) -> str:
        """Return the set as Base64, in about 11 bytes for each recording."""
        return base64.b64encode(array("Q", self._marks).tobytes()).decode()


def _mark(recording_id: str) -> int:
    """Return the part of an id's hash that is remembered."""
    digest = hashlib.blake2b(recording_id.encode(errors="surrogatepass"), digest_size=BYTES)
    return int.from_bytes(digest.digest())
