"""Name the queues, each with its dead letters: one line here, two settings, and the template's."""

from datetime import timedelta
from enum import StrEnum

from callvault import settings

MOST_RECEIVES = 24
"""How often SQS hands a message out before it buries it without a word: the template's maxReceiveCount."""
KEPT = timedelta(days=7)
"""After which SQS drops a message without a word: the template's MessageRetentionPeriod."""


class Queue(StrEnum):
    """A queue and its dead letters; the settings `<value>_queue_url` and `<value>_dead_letters_url` say where."""

    FETCH = "fetch"
    """Recordings that are to be copied."""
    OBJECTS = "objects"
    """What happened in the bucket."""
    FORWARD = "forward"
    """Callbacks that are to be sent on."""

    @property
    def url(self) -> str:
        """Return the queue's address."""
        return str(getattr(settings.get(), f"{self}_queue_url"))

    @property
    def dead_letters_url(self) -> str:
        """Return the address of its dead letters."""
        return str(getattr(settings.get(), f"{self}_dead_letters_url"))
