"""Draw how often, and how late, S3 delivers each of its event notifications.

S3 delivers each notification at least once, sometimes twice, and not always in the order of the
events (AWS Storage Blog, "Manage event ordering and duplicate events with Amazon S3 Event
Notifications"). AWS gives no rates. The rates here are probably much higher than AWS's, so that
each run of the local stack has some repeated and some late events.
"""

import hashlib
import threading
from collections import Counter

REPEATED_SHARE = 1 / 20
"""Share of the events that are delivered twice."""
LATE_SHARE = 1 / 20
"""Share of the events that are delivered so late that later ones overtake them."""
MAX_REPEAT_SECONDS = 2
"""Maximum number of seconds between an event and its repetition; it may also be 0."""
LATE_SECONDS = 1
"""Number of seconds by which a late event is late."""


class Deliveries:
    """The deliveries of all events of a run.

    They depend only on the seed, the object's key, the name of the event, and how many events of
    that name the object had before. So they do not depend on the speed of the processes.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def draw(self, key: str, event: str) -> tuple[int, ...]:
        """Return the delay of each delivery of an object's next event, in seconds."""
        with self._lock:
            number = self._numbers[key, event] = self._numbers[key, event] + 1
        chances = hashlib.sha256(f"{self._seed} {number} {event} {key}".encode()).digest()
        late, repeated, repeat_seconds = (int.from_bytes(chances[at : at + 8]) / 2**64 for at in (0, 8, 16))
        first = LATE_SECONDS if late < LATE_SHARE else 0
        if repeated >= REPEATED_SHARE:
            return (first,)
        return first, first + int(repeat_seconds * (MAX_REPEAT_SECONDS + 1))
