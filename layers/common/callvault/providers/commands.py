"""Say what is to be done with the recording of a live call, in no provider's words.

What a caller did not say, or said as it is anyway (`both` tracks, a recording that follows a transfer), is None. What a
provider cannot do as it was said is refused by name and never left out: the caller would take it for done.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, NoReturn

from callvault.errors import NotFoundError, UnavailableError, UnprocessableError
from callvault.models import Format, Recording
from callvault.transport import Answer, retry_after

type Method = Literal["GET", "POST"]
type Progress = Literal["in-progress", "paused", "stopped"]

CURRENT_RECORDING = "Twilio.CURRENT"
"""Id that stands for the recording in progress of a call. Twilio defines it; the archive accepts it for
the calls of every provider."""
MAX_MESSAGE = 300
"""Characters of a provider's own message that are handed on."""
LATER = {401, 403, 408, 425, 429}
"""Statuses of 4xx that are not the caller's fault: the account's credentials are wrong, or the provider is busy."""
NAMES = {
    "channels": "RecordingChannels",
    "track": "RecordingTrack",
    "trim": "Trim",
    "forward": "RecordingStatusCallback",
    "name": "media_name",
    "min_seconds": "record_min_sec",
    "max_seconds": "time_limit",
    "sample_rate": "record_sample_rate",
    "on_answer": "record_on_answer",
    "on_bridge": "record_on_bridge",
    "follow_transfer": "should_follow_transfer",
    "upload_url": "url",
    "upload_method": "method",
}
"""What callers call a field, where it has another name: no two dialects have a parameter in common."""


@dataclass(frozen=True, kw_only=True)
class Forward:
    """Whom else to tell of a recording."""

    url: str
    method: Method = "POST"
    events: tuple[str, ...] = ("completed",)
    """The values of RecordingStatus to tell of."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """Start to record a call."""

    call_id: str
    channels: Literal["dual"] | None = None
    track: Literal["inbound", "outbound"] | None = None
    trim: Literal["trim-silence"] | None = None
    format: Format | None = None
    name: str | None = None
    label: str | None = None
    origin: str | None = None
    min_seconds: int | None = None
    max_seconds: int | None = None
    sample_rate: int | None = None
    on_answer: Literal[True] | None = None
    on_bridge: Literal[True] | None = None
    follow_transfer: Literal[False] | None = None
    upload_url: str | None = None
    upload_method: Literal["post"] | None = None
    forward: Forward | None = None
    owner_id: str | None = None
    """The user whose recording it will be; not the caller's to say."""

    @property
    def said(self) -> dict[str, Any]:
        """Return what the caller said beside the call, by field."""
        names = [field.name for field in fields(self) if field.name not in {"call_id", "owner_id"}]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, kw_only=True)
class Update:
    """Pause, resume or stop the recording of a call."""

    call_id: str
    progress: Progress
    recording_id: str | None = None
    """None: the one that runs."""
    newest: Callable[[], str | None] = lambda: None
    """Asks the archive for the call's newest recording that may still run, for who has no word for that one."""
    pause_behavior: Literal["skip"] | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    recording: Recording | None
    """The recording as the provider describes it; None where it tells nothing of it."""
    status: str
    """What the provider calls its state now."""


def refuse_unless(command: Start, carried: frozenset[str]) -> None:
    """Raise UnprocessableError that names what a caller said and the provider cannot carry out."""
    lost = names_of(command.said.keys() - carried)
    if lost:
        raise UnprocessableError(f"The account's provider cannot start a recording with {lost}. Leave it out.")


def names_of(fields: set[str]) -> str:
    """Return fields as callers call them."""
    return ", ".join(sorted(NAMES.get(name, name) for name in fields))


def refuse(answer: Answer, message: object = None, number: object = None) -> NoReturn:
    """Raise what a provider's refusal means to the caller, with the provider's own words if it gave any.

    NotFoundError for 404; UnprocessableError for what the caller can mend; UnavailableError for all else.
    """
    status = answer.status
    if status == 404:  # noqa: PLR2004
        raise NotFoundError("The provider knows no such call or recording.")
    if status in LATER or not 400 <= status < 500:  # noqa: PLR2004
        wait = retry_after(answer.headers.get("retry-after"))
        raise UnavailableError(f"http_{status}", f"The provider answered {status}.", wait)
    said = " ".join("".join(letter if letter.isprintable() else " " for letter in str(message or "")).split())
    known = number if isinstance(number, int) and not isinstance(number, bool) else None
    raise UnprocessableError(f"The provider refused: {said[:MAX_MESSAGE] or f'status {status}'}", known)
