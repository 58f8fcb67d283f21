"""Read what a storm left behind: the table, the bucket and the dead-letter queues.

Every object version of a recording is read and hashed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from callvault.completeness import Day
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import ids_of
from callvault.storage import reports
from tools.local.stack import Stack

type Key = tuple[str, str]
"""The ids of an account and a recording."""


@dataclass
class Found:
    """The contents of the table, the bucket and the dead-letter queues."""

    rows: dict[Key, dict[str, Any]]
    objects: dict[Key, list[str]] = field(default_factory=dict)
    """The SHA-256 of each object version, by the recording in its key."""
    texts: dict[Key, list[str]] = field(default_factory=dict)
    """The SHA-256 of each version of a transcription's text, by the recording in its key."""
    places: dict[Key, list[str]] = field(default_factory=dict)
    """The key and the time of each version of an object or a text, by the recording in its key."""
    nameless: list[str] = field(default_factory=list)
    """S3 keys outside `incoming/` from which no recording's id can be read."""
    reports: dict[str, list[Day]] = field(default_factory=dict)
    """The reports on the days of each account, as the archive wrote them."""
    markers: int = 0
    """Number of delete markers."""
    uploads: int = 0
    """Number of open multipart uploads."""
    dead_letters: int = 0
    parked: int = 0
    """Number of callbacks that still wait for their account."""
    incoming: int = 0
    """Number of objects that remain under incoming/."""


def scan(stack: Stack) -> dict[Key, dict[str, Any]]:
    """Return every row of a recording; the table also counts the parked callbacks of accounts."""
    read = TypeDeserializer().deserialize
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    rows = [{name: read(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    return {(row["account_id"], row["recording_id"]): row for row in rows if "recording_id" in row}


def look(stack: Stack) -> Found:
    """Read the table, the bucket and the dead-letter queues, without the proxy that adds faults."""
    s3, bucket = stack.client("s3"), stack.outputs["BucketName"]
    found = Found(scan(stack), reports=read_reports(stack))
    kinds: dict[str, defaultdict[Key, list[str]]] = {"media": defaultdict(list), "transcripts": defaultdict(list)}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found.markers += len(page.get("DeleteMarkers", ()))
        for version in page.get("Versions", ()):
            ids = ids_of(version["Key"])
            if version["Key"].startswith("incoming/"):
                found.incoming += 1
            elif version["Key"].startswith(reports.REPORTS):
                continue
            elif ids is None:
                found.nameless.append(version["Key"])
            else:
                kinds[version["Key"].partition("/")[0]][ids].append(_sha256(s3, bucket, version))
                found.places.setdefault(ids, []).append(f"{version['Key']} at {version['LastModified']:%T.%f}")
    found.objects, found.texts = dict(kinds["media"]), dict(kinds["transcripts"])
    uploads = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
    found.uploads = sum(len(page.get("Uploads", ())) for page in uploads)
    found.dead_letters = sum(_messages(stack, f"{queue.title()}DeadLettersUrl") for queue in Queue)
    found.parked = _messages(stack, "ParkedQueueUrl")
    return found


def read_reports(stack: Stack) -> dict[str, list[Day]]:
    """Return the reports on the days of each account."""
    s3, bucket = stack.client("s3"), stack.outputs["BucketName"]
    found: defaultdict[str, list[Day]] = defaultdict(list)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=reports.REPORTS):
        for key in (item["Key"] for item in page.get("Contents", ()) if item["Key"].endswith(".json")):
            day = Day.model_validate_json(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            found[key.split("/")[1]].append(day)
    return dict(found)


def _messages(stack: Stack, output: str) -> int:
    """Return the number of messages, with hidden ones, of the queue that an output names."""
    url, names = stack.outputs[output], list(queues.COUNTS)
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def _sha256(s3: Any, bucket: str, version: Mapping[str, Any]) -> str:  # noqa: ANN401 - a boto3 client
    where = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
    digest = hashlib.sha256()
    for piece in s3.get_object(**where)["Body"].iter_chunks(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()
