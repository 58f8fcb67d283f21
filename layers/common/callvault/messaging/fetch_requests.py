"""Send and read the message that requests copying a recording, or its transcript, to S3.

The message carries all fields of the recording except `history`, `media` and `attempt`. If the
table was unavailable when the recording was announced, the row is written from them. A message
about audio carries no transcript unless that is still to be fetched, because the transcript would
change nothing. The member WANTED says which of the two is to be copied. A release that does not
know the member reads a request for the recording, and finds nothing to do if the audio is not
pending. The member ATTEMPTS says that the sweep queued the request, which therefore gets one
attempt. A release that does not know that member makes its usual attempts.
"""

import json
from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError

from callvault.errors import RejectedError
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.transcript import WAITING, TranscriptState

ESCAPES = {"\ufffe": r"\ufffe", "\uffff": r"\uffff"}
"""Maps each character that JSON allows unescaped but SQS refuses to its JSON escape.

Source: SendMessage, "MessageBody".
"""
WANTED, TRANSCRIPT = "wanted", "transcript"
"""The member of a message, and its value if the transcript is to be copied and not the audio."""
ATTEMPTS, SINGLE = "attempts", "single"
"""The member of a message, and its value if the message gets one attempt."""


@dataclass(frozen=True)
class Request:
    """A message for the fetch queue."""

    body: str
    account_id: str
    """The message group."""


def single(recording: Recording) -> Request:
    """Return a request to copy a recording in one attempt."""
    return _request(recording, {ATTEMPTS: SINGLE})


def single_transcript(recording: Recording) -> Request:
    """Return a request to copy the transcript of a recording in one attempt."""
    return _of_transcript(recording, {ATTEMPTS: SINGLE})


def is_single(record: SQSRecord) -> bool:
    """Return whether a message gets one attempt; False for one that cannot be read."""
    try:
        content = json.loads(record.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get(ATTEMPTS) == SINGLE


def send(recording: Recording, queue: Queue = Queue.FETCH) -> None:
    """Queue a request to copy a recording. The message group is the account's id.

    `queue` is FETCH or BACKFILL. Raises UnavailableError.
    """
    _send(_request(recording, {}), queue)


def send_transcript(recording: Recording) -> None:
    """Queue a request to copy the transcript of a recording; raises UnavailableError."""
    _send(_of_transcript(recording, {}))


def wants_transcript(record: SQSRecord) -> bool:
    """Return whether a message that `read` accepts requests the transcript and not the audio."""
    return bool(json.loads(record.body).get(WANTED) == TRANSCRIPT)


def _send(request: Request, queue: Queue = Queue.FETCH) -> None:
    """Queue a request; raises UnavailableError."""
    queues.send(queue, request.body, group=request.account_id)


def _of_transcript(recording: Recording, more: dict[str, str]) -> Request:
    """Return a request for the transcript of a recording.

    The message carries the state that changes no row, because it says nothing about the audio.
    """
    announced = recording.model_copy(update={"state": State.ANNOUNCED, "reason": None})
    return _request(announced, more | {WANTED: TRANSCRIPT})


def _request(recording: Recording, more: dict[str, str]) -> Request:
    """Return a request that carries a recording and more members."""
    known = recording.transcript
    if known is not None and known.state not in {*WAITING, TranscriptState.PENDING}:
        recording = recording.model_copy(update={"transcript": None})
    carried = more | recording.model_dump(mode="json", exclude_none=True, exclude={"history", "media", "attempt"})
    body = json.dumps(carried, ensure_ascii=False)
    for character, escape in ESCAPES.items():  # str.translate takes a hundred times as long
        body = body.replace(character, escape)
    return Request(body, recording.account_id)


def read(record: SQSRecord) -> Recording:
    """Return the recording of a message; raises RejectedError for a message without one."""
    try:
        return Recording.model_validate_json(record.body)
    except ValidationError as error:
        raise RejectedError("unreadable", "The message carries no recording.") from error


def without_copies(recording: Recording, known: Recording | None) -> Recording:
    """Return the recording of a message, or the row itself if the message is a copy of the row.

    A copy is no news, and no announcement by the provider: the row may have changed since, for
    example because audio with another owner was pushed. A message without a revision was queued in
    place of a row that could not be written, and one with a later revision than the row's is from
    before the table was restored from a backup.
    """
    return known if known is not None and 0 < recording.revision <= known.revision else recording
