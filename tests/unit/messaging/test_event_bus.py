"""What others hear of a recording."""

import functools
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from callvault import clients
from callvault.errors import UnavailableError
from callvault.messaging import event_bus
from callvault.models import State
from callvault.providers import fields
from tests import worlds
from tools.local.aws import size_rules

KEY = "media/a1/2026/06/17/r1.wav"
MEDIA = worlds.media(key=KEY, etag="e1")

recording = functools.partial(worlds.recording, "r1", account_id="a1")


@pytest.fixture
def queue() -> str:
    """Return a queue that gets whatever the default bus gets from us."""
    url = boto3.client("sqs").create_queue(QueueName="listener")["QueueUrl"]
    bus = boto3.client("events")
    bus.put_rule(Name="all", EventPattern=json.dumps({"source": ["callvault"]}))
    bus.put_targets(Rule="all", Targets=[{"Id": "listener", "Arn": "arn:aws:sqs:us-east-1:123456789012:listener"}])
    return url


def received(queue: str) -> dict[str, Any]:
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    event: dict[str, Any] = json.loads(message["Body"])
    return event


def test_a_stored_recording_is_published_with_its_object(queue: str) -> None:
    event_bus.publish(
        event_bus.DetailType.STORED,
        recording(
            state=State.VERIFIED,
            media=MEDIA,
            call_id="c1",
            conference_id="f1",
            owner_id="u1",
            start_time=datetime(2026, 6, 17, 22, 19, 40, 375000, UTC),
            duration_ms=30_000,
            discrepancies=("duration announced 30000 ms, measured 20000 ms",),
        ),
    )
    event = received(queue)
    assert event["detail-type"] == "RecordingStored"
    assert event["source"] == "callvault"
    assert event["resources"] == [f"arn:aws:s3:::callvault-bucket/{KEY}"]
    assert event["detail"] == {
        "account_id": "a1",
        "recording_id": "r1",
        "provider": "bandwidth",
        "state": "verified",
        "partial": False,
        "discrepancies": ["duration announced 30000 ms, measured 20000 ms"],
        "call_id": "c1",
        "conference_id": "f1",
        "owner_id": "u1",
        "start_time": "2026-06-17T22:19:40.375Z",
        "bucket": "callvault-bucket",
        "key": KEY,
        "version_id": "v1",
        "size": 320_044,
        "sha256": "ab" * 32,
        "content_type": "audio/x-wav",
        "duration_ms": 20_000,
    }


def test_a_field_without_a_value_is_left_out(queue: str) -> None:
    event_bus.publish(event_bus.DetailType.FAILED, recording(state=State.FAILED, reason="gone", duration_ms=30_000))
    event = received(queue)
    assert event["detail-type"] == "RecordingFailed"
    assert event["resources"] == []
    assert event["detail"] == {
        "account_id": "a1",
        "recording_id": "r1",
        "provider": "bandwidth",
        "state": "failed",
        "reason": "gone",
        "partial": False,
        "discrepancies": [],
    }


def test_no_phone_number_is_published(queue: str) -> None:
    private = {"caller": "+12025550111", "callee": "+12025550122", "name": "Ann", "tag": "+12025550133"}
    extra = {"from": "+12025550111"}
    event_bus.publish(event_bus.DetailType.DELETED, recording(state=State.DELETED, media=MEDIA, extra=extra, **private))
    told = json.dumps(received(queue)["detail"])
    assert not any(value in told for value in private.values())


def test_an_event_that_the_bus_refuses_raises_unavailable() -> None:
    with Stubber(clients.events()) as bus:
        bus.add_response("put_events", {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]})
        with pytest.raises(UnavailableError, match="InternalFailure") as caught:
            event_bus.publish(event_bus.DetailType.STORED, recording(state=State.VERIFIED))
    assert caught.value.reason == "events_unavailable"


def test_an_event_that_eventbridge_does_not_take_raises_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.events(), "put_events", "InternalException")
    with pytest.raises(UnavailableError) as caught:
        event_bus.publish(event_bus.DetailType.STORED, recording(state=State.VERIFIED))
    assert caught.value.reason == "events_unavailable"


def test_the_event_of_the_largest_recording_is_accepted(queue: str) -> None:
    """Each field is as long as the providers' readers allow, and takes much space."""
    text, an_id = "\x01" * fields.MAX_TEXT_BYTES, "i" * fields.MAX_ID_BYTES
    largest = recording(
        state=State.VERIFIED,
        media=MEDIA,
        **dict.fromkeys(("call_id", "conference_id"), an_id),
        **dict.fromkeys(("owner_id", "reason"), text),
        discrepancies=(text,),
    )
    event_bus.publish(event_bus.DetailType.STORED, largest)

    event = received(queue)
    assert event["detail"]["owner_id"] == text
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Resources": event["resources"]}
    assert size_rules.events([entry | {"Detail": json.dumps(event["detail"])}]) is None
