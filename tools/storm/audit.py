"""Compare the ledger with the table and the bucket; the audit hashes every object version."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import ids_of
from tools.local.stack import Stack
from tools.storm.ledger import Entry, Ledger

type Key = tuple[str, str]
"""The ids of an account and a recording."""


@dataclass
class Found:
    """The contents of the table, the bucket and the dead-letter queues."""

    rows: dict[Key, dict[str, Any]]
    objects: dict[Key, list[str]] = field(default_factory=dict)
    """The SHA-256 of each object version, by the recording in its key."""
    places: dict[Key, list[str]] = field(default_factory=dict)
    """The key and the time of each object version, by the recording in its key."""
    nameless: list[str] = field(default_factory=list)
    """S3 keys outside `incoming/` from which no recording's id can be read."""
    markers: int = 0
    """Number of delete markers."""
    uploads: int = 0
    """Number of open multipart uploads."""
    dead_letters: int = 0
    parked: int = 0
    """Number of callbacks that still wait for their account."""
    incoming: int = 0
    """Number of objects that remain under incoming/."""


@dataclass
class Verdict:
    """The errors found, and the figures."""

    lost: list[str] = field(default_factory=list)
    """Acknowledged recordings that do not have the expected state, reason and audio."""
    double: list[str] = field(default_factory=list)
    """Recordings that are stored more than once, or that no provider announced."""
    wrong: list[str] = field(default_factory=list)
    """All other errors."""
    states: Counter[str] = field(default_factory=Counter)
    """Number of acknowledged recordings by state."""
    refused: int = 0
    """Number of recordings that the archive does not have to store.

    No request was acknowledged, or only early announcements (`ledger.EARLY`)."""


def scan(stack: Stack) -> dict[Key, dict[str, Any]]:
    """Return every row of a recording; the table also counts the parked callbacks of accounts."""
    read = TypeDeserializer().deserialize
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    rows = [{name: read(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    return {(row["account_id"], row["recording_id"]): row for row in rows if "recording_id" in row}


def look(stack: Stack) -> Found:
    """Read the table, the bucket and the dead-letter queues, without the proxy that adds faults."""
    s3, bucket = stack.client("s3"), stack.outputs["BucketName"]
    found = Found(scan(stack))
    objects: defaultdict[Key, list[str]] = defaultdict(list)
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found.markers += len(page.get("DeleteMarkers", ()))
        for version in page.get("Versions", ()):
            ids = ids_of(version["Key"])
            if version["Key"].startswith("incoming/"):
                found.incoming += 1
            elif ids is None:
                found.nameless.append(version["Key"])
            else:
                objects[ids].append(_sha256(s3, bucket, version))
                found.places.setdefault(ids, []).append(f"{version['Key']} at {version['LastModified']:%T.%f}")
    found.objects = dict(objects)
    uploads = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
    found.uploads = sum(len(page.get("Uploads", ())) for page in uploads)
    found.dead_letters = sum(_messages(stack, f"{queue.title()}DeadLettersUrl") for queue in Queue)
    found.parked = _messages(stack, "ParkedQueueUrl")
    return found


def _messages(stack: Stack, output: str) -> int:
    """Return the number of messages, with hidden ones, of the queue that an output names."""
    url, names = stack.outputs[output], list(queues.COUNTS)
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def compare(ledger: Ledger, found: Found) -> Verdict:
    """Compare the announced recordings with those found, and return the verdict."""
    verdict = Verdict()
    for key, entry in ledger.entries.items():
        row, objects = found.rows.get(key), found.objects.get(key, [])
        if not entry.owed:
            verdict.refused += 1
        if row is None and objects:
            verdict.wrong.append(f"{_title(entry)}: an object without a row")
        if entry.owed:
            verdict.states[row["state"] if row else "missing"] += 1
            if missing := _missing(entry, row, objects):
                verdict.lost.append(f"{_title(entry)}: {missing}")
        if objects and sorted(set(objects)) != sorted(objects):
            places = f"{found.places.get(key)}, after {_history(row)}"
            verdict.double.append(f"{_title(entry)}: the same audio in {len(objects)} versions, {places}")
        elif unknown := set(objects) - {entry.sha256, *entry.earlier.values()}:
            verdict.wrong.append(f"{_title(entry)}: {len(unknown)} objects with audio that the provider never had")
    _compare_the_rest(ledger, found, verdict)
    return verdict


def _compare_the_rest(ledger: Ledger, found: Found, verdict: Verdict) -> None:
    """Add to the verdict what belongs to no entry: unknown recordings, shared audio, leftovers."""
    for key in (found.rows.keys() | found.objects.keys()) - ledger.entries.keys():
        verdict.double.append(f"{key}: it was not announced")
    owners: defaultdict[str, set[Key]] = defaultdict(set)
    for key, hashes in found.objects.items():
        for sha256 in hashes:
            owners[sha256].add(key)
    verdict.double += [f"{sorted(keys)}: the same audio" for keys in owners.values() if len(keys) > 1]
    verdict.wrong += [f"{name}: an object without a recording" for name in found.nameless]
    if found.uploads:
        verdict.wrong.append(f"{found.uploads} multipart uploads were left open")
    if found.parked:
        verdict.wrong.append(f"{found.parked} callbacks are still parked")
    if found.markers:
        verdict.wrong.append(f"{found.markers} delete markers")


def _missing(entry: Entry, row: Mapping[str, Any] | None, objects: list[str]) -> str | None:
    """Return what is wrong with an acknowledged recording, or None."""
    if row is None:
        return "no row"
    if (row["state"], row.get("reason")) != (entry.state, entry.reason):
        return f"{row['state']} {row.get('reason')} instead of {entry.state} {entry.reason}, after {_history(row)}"
    if entry.state != "verified":
        return f"{len(objects)} objects of a failed recording" if objects else None
    if row["media"]["sha256"] != entry.sha256 or int(row["media"]["size"]) != entry.size:
        return "the row has the hash or the size of other audio"
    return None if entry.sha256 in objects else "its audio is not in the bucket"


def _history(row: Mapping[str, Any] | None) -> list[str]:
    return [f"{event['time'][14:]} {event['what']}" for event in row.get("history", ())] if row else []


def _title(entry: Entry) -> str:
    drawn = entry.drawn
    return f"{drawn.way} {entry.recording_id} ({drawn.fault.name}{', big' if drawn.big else ''})"


def _sha256(s3: Any, bucket: str, version: Mapping[str, Any]) -> str:  # noqa: ANN401 - a boto3 client
    where = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
    digest = hashlib.sha256()
    for piece in s3.get_object(**where)["Body"].iter_chunks(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()
