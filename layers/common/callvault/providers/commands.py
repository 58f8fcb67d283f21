"""Commands that control the recording of a live call, in terms that fit every provider.

A dialect reads a command from a caller's request, and a provider carries it out. A field is None if
the caller did not set it, or set it to its default value: for example, `track` is None if the
caller asked for both tracks. If a provider does not support a field that is set, it refuses the
command and names the field. If it ignored the field, the caller would assume that the field took
effect.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, NoReturn

from callvault.account_parameter import Account
from callvault.errors import NotFoundError, UnavailableError, UnprocessableError
from callvault.models import OfferedFormat, Recording
from callvault.providers import own_secrets
from callvault.transport import TEMPORARY, Answer, retry_after

type Method = Literal["GET", "POST"]
type Progress = Literal["in-progress", "paused", "stopped"]

CURRENT_RECORDING = "Twilio.CURRENT"
"""Id that a caller can use for a call's recording in progress. Twilio defines this id, and the
archive accepts it for the calls of every provider."""
MAX_MESSAGE_CHARACTERS = 300
"""Maximum length of a provider's own message that is passed on to the caller."""
UNKNOWN_CALL = "The provider knows no such call or recording."
RETRYABLE = TEMPORARY | {401, 403}
"""4xx statuses that the caller did not cause: the account's credentials are wrong, or the
provider is busy."""
PARAMETER_NAMES = {
    "channels": "RecordingChannels",
    "track": "RecordingTrack",
    "trim": "Trim",
    "configuration_id": "RecordingConfigurationId",
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
"""The parameter that sets a field of `Start`, by field, where the two have different names. One
parameter per field is enough, because only one dialect can set each of these fields."""


@dataclass(frozen=True, kw_only=True)
class Forward:
    """The user's own callback, to which the archive forwards the provider's callbacks."""

    url: str
    method: Method = "POST"
    events: tuple[str, ...] = ("completed",)
    """Values of RecordingStatus to forward."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """A command to start recording a call."""

    call_id: str
    channels: Literal["dual"] | None = None
    track: Literal["inbound", "outbound"] | None = None
    trim: Literal["trim-silence"] | None = None
    configuration_id: str | None = None
    """Id of settings that are stored at the provider."""
    format: OfferedFormat | None = None
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
    """User that the recording will belong to. It comes from the caller's credentials, not from the
    request."""

    @property
    def options(self) -> dict[str, Any]:
        """Return the fields that the caller set, without the ids of the call and the owner."""
        names = [field.name for field in fields(self) if field.name not in {"call_id", "owner_id"}]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, kw_only=True)
class Update:
    """A command to pause, resume or stop the recording of a call."""

    call_id: str
    progress: Progress
    recording_id: str | None = None
    """Id of the recording; None for the one in progress."""
    newest: Callable[[], str | None] = lambda: None
    """Returns the id of the call's newest recording in the archive that may still be in progress,
    or None. It is for providers that have no name for the recording in progress."""
    pause_behavior: Literal["skip"] | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of a command that the provider carried out."""

    recording: Recording | None
    """The recording as the provider describes it; None if the provider does not describe it."""
    status: str
    """State of the recording in the provider's own term."""


def refuse_unsupported(command: Start, supported: frozenset[str]) -> None:
    """Raise UnprocessableError if the command has unsupported options; the message names them."""
    unsupported = parameter_names(command.options.keys() - supported)
    if unsupported:
        raise UnprocessableError(
            f"The account's provider cannot start a recording with {unsupported}. "
            f"Send the request without {unsupported}."
        )


def parameter_names(options: set[str]) -> str:
    """Return the parameter names of options (fields of `Start`), sorted, separated by commas."""
    return ", ".join(sorted(PARAMETER_NAMES.get(name, name) for name in options))


def succeeded(answer: Answer) -> bool:
    """Return whether the provider carried out a request."""
    return 200 <= answer.status < 300  # noqa: PLR2004


def raise_refusal(account: Account, answer: Answer, message: object = None, number: object = None) -> NoReturn:
    """Raise the error that a provider's refusal means for the caller.

    `message` and `number` are those of the provider's own error, if any. The caller is a reader, so
    the account's secrets are masked in the message. Raises NotFoundError for a 404,
    UnprocessableError for what the caller can correct, and UnavailableError for all else.
    """
    status = answer.status
    if status == 404:  # noqa: PLR2004
        raise NotFoundError(UNKNOWN_CALL)
    if status in RETRYABLE or not 400 <= status < 500:  # noqa: PLR2004
        wait = retry_after(answer.headers.get("retry-after"))
        raise UnavailableError(f"http_{status}", f"The provider answered {status}.", wait)
    printable = "".join(
        letter if letter.isprintable() else " " for letter in own_secrets.mask(account, str(message or ""))
    )
    explanation = " ".join(printable.split())[:MAX_MESSAGE_CHARACTERS] or f"status {status}"
    known = number if isinstance(number, int) and not isinstance(number, bool) else None
    raise UnprocessableError(f"The provider refused: {explanation}", known)
