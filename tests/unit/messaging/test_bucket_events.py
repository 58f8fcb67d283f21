"""What the bucket says of its objects."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent, SQSRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.messaging import bucket_events
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import ids_of

unhurried = settings(deadline=None)
"""The machine may be busy with other things."""
EVENTS = Path(__file__).parents[3] / "events"
KEY = "media/9900000/2026/06/17/r-115da407-e3d9-4ea7-889f-5f4ad7386a80.wav"
VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"


def sample(name: str) -> list[ObjectChange]:
    """Return the changes that a sample event tells of."""
    event = SQSEvent(json.loads((EVENTS / f"{name}.json").read_text()))
    return [change for record in event.records for change in bucket_events.read(record)]


def message(*entries: tuple[str, dict[str, Any]]) -> SQSRecord:
    """Return a message with what happened to some objects."""
    records = [{"eventName": name, "s3": {"object": described}} for name, described in entries]
    return SQSRecord({"body": json.dumps({"Records": records})})


def test_a_new_object_is_a_change() -> None:
    assert sample("s3_object_created") == [ObjectChange(ChangeKind.CREATED, KEY, VERSION, marker=False)]


def test_a_new_object_of_many_parts_is_a_change_and_its_key_is_decoded_once() -> None:
    (change,) = sample("s3_object_created_multipart")
    assert change.kind is ChangeKind.CREATED
    assert change.key == "media/a1/2026/06/17/a%2Fb c+d ü.mp3"
    assert ids_of(change.key) == ("a1", "a/b c+d ü")


def test_a_delete_marker_is_a_change_that_leaves_versions() -> None:
    (change,) = sample("s3_delete_marker")
    assert (change.kind, change.key, change.marker) == (ChangeKind.REMOVED, KEY, True)
    assert change.version_id != VERSION


def test_an_expired_version_is_a_change() -> None:
    assert sample("s3_lifecycle_expiration") == [ObjectChange(ChangeKind.EXPIRED, KEY, VERSION, marker=False)]


def test_the_test_event_of_a_bucket_is_not_a_change() -> None:
    assert sample("s3_test") == []


@pytest.mark.parametrize(
    ("name", "kind", "marker"),
    [
        ("ObjectCreated:Put", ChangeKind.CREATED, False),
        ("ObjectCreated:Post", ChangeKind.CREATED, False),
        ("ObjectCreated:Copy", ChangeKind.CREATED, False),
        ("s3:ObjectCreated:Put", ChangeKind.CREATED, False),
        ("ObjectRemoved:Delete", ChangeKind.REMOVED, False),
        ("ObjectRemoved:DeleteMarkerCreated", ChangeKind.REMOVED, True),
        ("LifecycleExpiration:Delete", ChangeKind.EXPIRED, False),
        ("LifecycleExpiration:DeleteMarkerCreated", ChangeKind.EXPIRED, True),
    ],
)
def test_the_name_of_an_event_determines_the_kind_of_change(name: str, kind: ChangeKind, *, marker: bool) -> None:
    assert bucket_events.read(message((name, {"key": "k"}))) == [ObjectChange(kind, "k", None, marker)]


@pytest.mark.parametrize(
    "name", ["ObjectTagging:Put", "ObjectRestore:Completed", "ReducedRedundancyLostObject", "Unheard:Of"]
)
def test_other_events_are_not_changes(name: str) -> None:
    assert bucket_events.read(message((name, {"key": "k"}))) == []


def test_a_message_may_have_changes_of_several_objects() -> None:
    entries = [("ObjectCreated:Put", {"key": name, "versionId": f"v{name}"}) for name in "ab"]
    assert [(change.key, change.version_id) for change in bucket_events.read(message(*entries))] == [
        ("a", "va"),
        ("b", "vb"),
    ]


@pytest.mark.parametrize("encode", [quote, quote_plus, lambda key: quote(key, safe="")])
@unhurried
@given(key=st.text(min_size=1))
def test_a_key_is_read_however_it_was_encoded(encode: Any, key: str) -> None:
    (change,) = bucket_events.read(message(("ObjectCreated:Put", {"key": encode(key)})))
    assert change.key == key
