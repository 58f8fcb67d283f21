"""Read what the bucket says of its objects: S3 event notifications, as SQS delivers them.

Shape: Amazon S3 "Event message structure"; keys come URL-encoded, a space as "+".
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault.errors import RejectedError


class Kind(StrEnum):
    """What happened to an object."""

    CREATED = "ObjectCreated"
    REMOVED = "ObjectRemoved"
    EXPIRED = "LifecycleExpiration"


@dataclass(frozen=True)
class Change:
    """One thing that happened to one object."""

    kind: Kind
    key: str
    version_id: str | None
    marker: bool
    """A delete marker was put on the object; its versions are still there."""


def write(key: str, version_id: str | None) -> str:
    """Return a message that tells of an object again, as S3 did when it was created."""
    described = {"key": quote_plus(key, safe="/"), "versionId": version_id}
    return json.dumps({"Records": [{"eventName": f"{Kind.CREATED}:Again", "s3": {"object": described}}]})


def read(record: SQSRecord) -> list[Change]:
    """Return the changes that a message tells of; none for the test event that S3 sends first.

    Raises RejectedError for a message that is no event of S3.
    """
    try:
        entries = json.loads(record.body).get("Records", [])
        return [change for entry in entries if (change := _change(entry)) is not None]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RejectedError("unreadable", "The message is no event of S3.") from error


def _change(entry: dict[str, Any]) -> Change | None:
    """Return what one record of an event tells of, or None if it is nothing that matters here."""
    family, _, detail = entry["eventName"].removeprefix("s3:").partition(":")
    if family not in Kind:
        return None
    described = entry["s3"]["object"]
    return Change(
        kind=Kind(family),
        key=unquote_plus(described["key"]),
        version_id=described.get("versionId"),
        marker=detail == "DeleteMarkerCreated",
    )
