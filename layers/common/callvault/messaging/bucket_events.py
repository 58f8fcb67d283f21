"""Read S3 event notifications, as SQS delivers them.

Amazon S3, "Event message structure", describes them. Keys are URL-encoded; a space is "+".
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault.errors import RejectedError


class ChangeKind(StrEnum):
    """The kind of a change. A value is the first part of an S3 event type (`ObjectCreated:Put`)."""

    CREATED = "ObjectCreated"
    REMOVED = "ObjectRemoved"
    EXPIRED = "LifecycleExpiration"


@dataclass(frozen=True)
class ObjectChange:
    """One change of one object."""

    kind: ChangeKind
    key: str
    version_id: str | None
    marker: bool
    """Whether the removal only added a delete marker. The object's versions then still exist."""


def write(key: str, version_id: str | None) -> str:
    """Return the body of a message that repeats the S3 notification of an object's creation."""
    described = {"key": quote_plus(key, safe="/"), "versionId": version_id}
    return json.dumps({"Records": [{"eventName": f"{ChangeKind.CREATED}:Again", "s3": {"object": described}}]})


def read(record: SQSRecord) -> list[ObjectChange]:
    """Return the changes in a message: none for the test event that S3 sends first.

    Raises RejectedError for a message that is not an S3 notification.
    """
    try:
        entries = json.loads(record.body).get("Records", [])
        return [change for entry in entries if (change := _change(entry)) is not None]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RejectedError("unreadable", "The message is not an S3 notification.") from error


def _change(entry: dict[str, Any]) -> ObjectChange | None:
    """Return the change in one record of a notification, or None for an event of no ChangeKind."""
    family, _, detail = entry["eventName"].removeprefix("s3:").partition(":")
    if family not in ChangeKind:
        return None
    described = entry["s3"]["object"]
    return ObjectChange(
        kind=ChangeKind(family),
        key=unquote_plus(described["key"]),
        version_id=described.get("versionId"),
        marker=detail == "DeleteMarkerCreated",
    )
