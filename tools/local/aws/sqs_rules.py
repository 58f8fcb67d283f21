"""Check messages against the limits of SQS that moto does not enforce.

Unless another page is named, the limits are from the Amazon SQS Developer Guide, "Amazon SQS
message quotas"
(docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html). The limit
of a batch is from the API Reference, "SendMessageBatch". The texts of the errors are those that
callers of SQS quote.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

MAX_BATCH_BYTES = 1024 * 1024
"""Maximum size of all messages of one batch (SendMessageBatch: 1 MiB, 256 KB before August 2025).

A queue's MaximumMessageSize, which is 1 MiB at most, limits one message.
"""
MAX_ATTRIBUTES = 10
"""Maximum number of attributes of a message."""
MAX_DELAY_SECONDS = 900
"""Maximum delay of a message (SendMessage, "DelaySeconds")."""
MAX_HIDDEN_SECONDS = 43200
"""Maximum visibility timeout (ChangeMessageVisibility, "VisibilityTimeout")."""
MAX_IN_FLIGHT = 120_000
"""Maximum number of messages of a standard queue that were received and not deleted.

A receiver that does not wait then gets OverLimit, and one that waits gets no message and no error
("Amazon SQS standard queue quotas", SQSDeveloperGuide/quotas-queues.html).
"""
GROUP = re.compile(r"[!-~]{1,128}")
"""Matches a message group: ASCII letters, digits and all of ASCII's punctuation, no space."""
REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Matches a character that SQS does not accept in a message.

SendMessage documents that SQS rejects such a message with InvalidMessageContents. In the summer of
2025 the page said for a while that SQS replaces the character by U+FFFD instead.
"""


class Refusal(NamedTuple):
    """The code and the message of an error.

    The model of SQS in botocore has the HTTP status of each code.
    """

    code: str
    message: str


IN_FLIGHT = Refusal("OverLimit", "The maximum number of in flight messages is reached.")


def message(
    body: str, attributes: Mapping[str, Mapping[str, Any]], *, group: str | None, delay: int, most: int
) -> Refusal | None:
    """Return why SQS refuses a message, or None. `most` is the queue's MaximumMessageSize."""
    if not body:
        return Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
    if REFUSED.search(body):
        return Refusal(
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
            "#xE000 to #xFFFD | #x10000 to #x10FFFF",
        )
    if size(body, attributes) > most:
        return _invalid(f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.")
    if not 0 <= delay <= MAX_DELAY_SECONDS:
        return _invalid(
            f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        )
    if group is not None and not GROUP.fullmatch(group):
        return _invalid(
            f"Value {group} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include "
            "alphanumeric and punctuation characters. 1 to 128 in length."
        )
    return _attributes(attributes)


def batch(sizes: Iterable[int]) -> Refusal | None:
    """Return why SQS refuses a batch of messages with these sizes, or None."""
    total = sum(sizes)
    if total <= MAX_BATCH_BYTES:
        return None
    return Refusal(
        "BatchRequestTooLong",
        f"Batch requests cannot be longer than {MAX_BATCH_BYTES} bytes. You have sent {total} bytes.",
    )


def hidden(seconds: int) -> Refusal | None:
    """Return why SQS refuses a visibility timeout, or None."""
    if 0 <= seconds <= MAX_HIDDEN_SECONDS:
        return None
    return _invalid(
        f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and "
        f"{MAX_HIDDEN_SECONDS}, if provided."
    )


def size(body: str, attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of a message in bytes, with the names, types and values of its attributes.

    They all count (Developer Guide, "Amazon SQS message metadata").
    """
    texts = [body, *attributes]
    values = [value for attribute in attributes.values() for value in attribute.values()]
    return sum(len(text.encode(errors="replace")) if isinstance(text, str) else len(text) for text in texts + values)


def _attributes(attributes: Mapping[str, Mapping[str, Any]]) -> Refusal | None:
    """Return why SQS refuses attributes, or None.

    Their text has the same characters as a body (API reference, "MessageAttributeValue"). AWS does
    not document the error for another character.
    """
    if len(attributes) > MAX_ATTRIBUTES:
        return _invalid(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{MAX_ATTRIBUTES}]."
        )
    for name, attribute in attributes.items():
        if REFUSED.search(attribute.get("StringValue") or ""):
            return _invalid(f"The value of the message attribute {name} has a character that is not allowed.")
    return None


def _invalid(text: str) -> Refusal:
    return Refusal("InvalidParameterValue", text)
