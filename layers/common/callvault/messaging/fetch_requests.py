"""Send and read the message that requests copying a recording to S3.

The message carries all fields of the recording except `history`, `media` and `attempt`. If the
table was unavailable when the recording was announced, the row is written from them.
"""

import json

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError

from callvault.errors import RejectedError
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import Recording

ESCAPES = {"\ufffe": r"\ufffe", "\uffff": r"\uffff"}
"""Maps each character that JSON allows unescaped but SQS refuses to its JSON escape.

Source: SendMessage, "MessageBody".
"""


def send(recording: Recording) -> None:
    """Queue a request to copy a recording. The message group is the account's id.

    Raises UnavailableError.
    """
    carried = recording.model_dump(mode="json", exclude_none=True, exclude={"history", "media", "attempt"})
    body = json.dumps(carried, ensure_ascii=False)
    for character, escape in ESCAPES.items():  # str.translate takes a hundred times as long
        body = body.replace(character, escape)
    queues.send(Queue.FETCH, body, group=recording.account_id)


def read(record: SQSRecord) -> Recording:
    """Return the recording of a message; raises RejectedError for a message without one."""
    try:
        return Recording.model_validate_json(record.body)
    except ValidationError as error:
        raise RejectedError("unreadable", "The message carries no recording.") from error
