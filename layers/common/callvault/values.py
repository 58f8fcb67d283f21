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
    """The last failed attempt to copy pending audio or a pending transcript.

    `count` includes the attempts before it.
    """

    count: int
    reason: str
    next_time: Timestamp | None = None
    """Time of the next attempt, if it is known."""
