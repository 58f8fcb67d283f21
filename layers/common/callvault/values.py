"""Define the values that the models are made of: immutable, compared by content."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from callvault import times

Timestamp = Annotated[datetime, PlainSerializer(times.write, return_type=str, when_used="json")]


class Frozen(BaseModel):
    """An immutable value, compared by content. Unknown fields are ignored.

    An error about it does not repeat the value, which may be personal, in a log.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Attempt(Frozen):
    """The last failed attempt to copy pending audio or a pending transcript, and the next one.

    `count` includes the attempts before it. It is 0 if no request was made yet, because the
    provider fails for the whole account.
    """

    count: int
    reason: str
    next_time: Timestamp | None = None
    """Time of the next attempt, if it is known."""
    first_time: Timestamp | None = None
    """Time of the first attempt. An older release did not write it."""
    in_table: bool = False
    """No message is in the queue: from `next_time` on, the sweep queues one."""
    origin: str | None = None
    """The origin that failed, if the failure speaks of the provider and not of the recording."""
