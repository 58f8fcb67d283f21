"""Make the time of the queues pass faster than the clock, without a change to the functions.

Retries are spread over hours and end after a day. A function learns from SQS how much time has
passed: by how long a message stays hidden, and by the time of its first receipt. Both are changed
on the way: the proxy in front of AWS shortens how long a message is hidden, and the poller moves
the time of the first receipt back. The clock of the functions does not change.
"""

import time
from dataclasses import dataclass


@dataclass
class Pace:
    """The speed of the queues' time; it may be changed while the stack runs."""

    speed: float = 1
    """Number of seconds that pass in one second of the clock."""
    max_seconds: int = 43200
    """Maximum number of seconds, by the clock, for which a message stays hidden."""

    def hidden(self, seconds: int) -> int:
        """Return the number of clock seconds for which to hide a message.

        It is from 1 to `max_seconds`, or 0 if `seconds` is 0.
        """
        return min(max(round(seconds / self.speed), min(seconds, 1)), self.max_seconds)

    def first_received(self, milliseconds: int) -> int:
        """Return the time of a first receipt, as if `speed` times as much time had passed since.

        The argument and the result are milliseconds since 1970.
        """
        if self.speed == 1:
            return milliseconds
        now = time.time() * 1000
        return round(now - (now - milliseconds) * self.speed)
