"""Read what Telnyx says of a recording's transcription, and check its text.

https://developers.telnyx.com/api-reference/callbacks/call-recording-transcription-saved. The text
is `data.transcription_text` of the resource `/v2/recording_transcriptions/ID` (telnyx 4.189,
recording_transcriptions.retrieve). The webhook has the text too, which is not kept: a row stays
after its recording was deleted.
"""

from datetime import datetime

from callvault.errors import UnavailableError
from callvault.providers.fields import Fields, json_object_or_empty, text
from callvault.storage import notes
from callvault.transcript import Transcript, TranscriptState


def read(payload: Fields, happened: datetime | None) -> Transcript:
    """Return the transcript that a webhook's payload reports; `happened` is the event's time.

    An impossible time, such as one in the year 9999, is ignored. With it, later texts would count
    as earlier ones.
    """
    transcription_id = payload.take("recording_transcription_id", text)
    payload.drop("transcription_text", "status")
    return Transcript(
        state=TranscriptState.PENDING if transcription_id else TranscriptState.ANNOUNCED,
        transcription_id=transcription_id,
        completed_time=happened if happened and notes.is_plausible(happened) else None,
    )


def words(body: bytes) -> str | None:
    """Return the words in a transcription's resource; None if the body is no such resource."""
    data = json_object_or_empty(body).get("data")
    found = data.get("transcription_text") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def check(body: bytes, *, doubt: bool) -> None:
    """Check that a body is a transcription's resource with its text; raises UnavailableError.

    With `doubt`, an empty text is refused too, because Telnyx may still be writing it.
    """
    found = words(body)
    if found is None:
        raise UnavailableError("not_transcript", "The provider's answer is not the text of a transcription.")
    if doubt and not found.strip():
        raise UnavailableError("empty", "The provider's transcription has no text yet.")
