"""Read what Bandwidth says of a recording's transcription, check its text, and ask for one.

The event is https://dev.bandwidth.com/docs/voice/webhooks/transcriptionAvailable. A recording's
resource describes its transcription in the same form: `id`, `status`, `completedTime`, `url`. The
text is JSON with the lists `transcripts` and `clips` (bandwidth-sdk, RecordingTranscriptions).
Bandwidth transcribes recordings of calls, not those of conferences.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import UnavailableError
from callvault.providers import callback_urls, commands
from callvault.providers.bandwidth import resources
from callvault.providers.fields import json_object_or_empty, text
from callvault.storage import notes
from callvault.transcript import Transcript, TranscriptState
from callvault.transport import Answer

AVAILABLE = "transcriptionAvailable"
"""Event type of a transcription whose text can be fetched."""
WITHOUT_TEXT = {"error", "timeout", "file-size-too-big", "file-size-too-small"}
"""Values of `status` for a transcription that failed."""
NONE = "none"
"""Value of `status` for a recording that is not transcribed."""
TEXT_FIELDS = ("transcripts", "clips")
"""The members of the text. Their entries have the words that were spoken."""


def read(kind: str, description: Mapping[str, Any] | None, happened: datetime | None) -> Transcript | None:
    """Return the transcript that an event of type `kind`, or a resource, describes, or None.

    `happened` is the time of the event. It replaces a `completedTime` that is missing or
    impossible, such as one in the year 1. With an impossible time, later texts would count as
    earlier ones or as the same one.
    """
    known = description or {}
    status = str(known.get("status") or "").lower()
    if kind != AVAILABLE and status in {"", NONE}:
        return None
    reported = (times.read(known.get("completedTime")), happened if kind == AVAILABLE else None)
    completed = next((time for time in reported if time and notes.is_plausible(time)), None)
    return Transcript(
        state=_state(kind, status),
        reason=status if status in WITHOUT_TEXT else None,
        transcription_id=text(known.get("id")),
        completed_time=completed,
        source_expires_time=times.after(completed, resources.RETENTION) if completed else None,
    )


def check(body: bytes, *, doubt: bool) -> None:
    """Check that a body is the text of a transcription; raises UnavailableError.

    With `doubt`, a text without entries is refused too: Bandwidth's command line waits "until the
    transcription has content" (`band transcription create --wait`).
    """
    lists = [value for name, value in json_object_or_empty(body).items() if name in TEXT_FIELDS]
    if not any(isinstance(entries, list) for entries in lists):
        raise UnavailableError("not_transcript", "The provider's answer is not the text of a transcription.")
    if doubt and not any(lists):
        raise UnavailableError("empty", "The provider's transcription has no text yet.")


def order(account: Account, options: Mapping[str, Any], base: str, post: Callable[[Mapping[str, Any]], Answer]) -> None:
    """Ask for a transcription by `post`, with the options of TranscribeRecording (bandwidth-sdk).

    Without a `callbackUrl`, Bandwidth calls the archive back, whose public URL is `base`. Raises
    NotFoundError, UnprocessableError, UnavailableError.
    """
    body = dict(options)
    if not body.get("callbackUrl"):
        body |= {"callbackUrl": callback_urls.callback(account, base), "callbackMethod": "POST"}
        if account.callback.username is not None and account.callback.password is not None:
            body |= {"username": account.callback.username, "password": account.callback.password.get_secret_value()}
    answer = post(body)
    if not commands.succeeded(answer):
        commands.raise_refusal(account, answer, json_object_or_empty(answer.body).get("description"))


def _state(kind: str, status: str) -> TranscriptState:
    """Return the state of a transcription that exists, by its status or the event about it."""
    if status in WITHOUT_TEXT:
        return TranscriptState.ABSENT
    return TranscriptState.PENDING if kind == AVAILABLE or status == "available" else TranscriptState.ANNOUNCED
