"""Make the queues' time pass faster than the clock, without a switch in what runs on them.

Retries are spread over hours and given up after a day. What tells a function how much time has passed is SQS: how long
a message stays hidden, and when it was received for the first time. Both are changed on the way: the hiding by the
proxy before AWS, the time of the first receipt by the poller. The functions' clock, and the code, stay what they are.
"""

import time
from dataclasses import dataclass


@dataclass
class Pace:
    """How much faster the queues' time passes; may be changed while the stack runs."""

    speed: float = 1
    longest_seconds: int = 43200
    """No message stays hidden for longer than that, by the clock."""

    def hidden(self, seconds: int) -> int:
        """Return how long to hide a message that is to be hidden for that long; what is hidden at all stays so."""
        return min(max(round(seconds / self.speed), min(seconds, 1)), self.longest_seconds)

    def first_received(self, milliseconds: int) -> int:
        """Return the time of a first receipt as it is at this speed; both in milliseconds since 1970."""
        if self.speed == 1:
            return milliseconds
        now = time.time() * 1000
        return round(now - (now - milliseconds) * self.speed)
