"""The events that the local S3 sends to queues: at least once, and in any order."""

import json
from typing import Any

from tests.e2e.local.small_stack import bodies
from tools.local.aws.deliveries import Deliveries
from tools.local.stack import Stack


def keys(*wanted: tuple[int, ...]) -> list[str]:
    """Return a key for each of these deliveries, which the stack's seed draws for a first put."""
    deliveries, created = Deliveries(0), "ObjectCreated:Put"
    drawn = {deliveries.draw(key, created): key for key in (f"drawn/{number}" for number in range(500))}
    return [drawn[one] for one in wanted]


def records(local: Stack, prefix: str) -> list[Any]:
    """Return the events of the objects with this prefix; other tests put objects, too."""
    messages = [json.loads(body) for body in bodies(local, "ObjectsUrl")]
    found = [message["Records"][0] for message in messages if "Records" in message]
    return [record for record in found if record["s3"]["object"]["key"].startswith(prefix)]


def put(local: Stack, *objects: str) -> list[str]:
    """Put objects in this order, and return the keys of their events in the order received."""
    for key in objects:
        local.client("s3").put_object(Bucket="dummy-objects", Key=key, Body=b"RIFF")
    return [record["s3"]["object"]["key"] for record in records(local, "drawn/")]


def test_the_bucket_announces_each_object_and_each_deletion(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": "dummy-objects", "Key": "media/a b+c.wav"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"RIFF")
    s3.complete_multipart_upload(
        **place, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    version = s3.put_object(**place, Body=b"RIFF2")["VersionId"]
    s3.delete_object(**place)
    s3.delete_object(**place, VersionId=version)

    # The sequencer orders the events of a key, and copies of an event have the same one.
    sequenced = {record["s3"]["object"]["sequencer"]: record for record in records(local, "media/a+b")}
    found = [record for _, record in sorted(sequenced.items())]
    assert [record["eventName"] for record in found] == [
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
    ]
    assert {record["s3"]["object"]["key"] for record in found} == {"media/a+b%2Bc.wav"}
    assert found[1]["s3"]["object"]["versionId"] == found[3]["s3"]["object"]["versionId"] == version


def test_a_bucket_announces_itself_to_a_queue_once(local: Stack) -> None:
    s3, sqs = local.client("s3"), local.client("sqs")
    url = sqs.create_queue(QueueName="announced")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="announcing")
    s3.put_bucket_notification_configuration(
        Bucket="announcing",
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]},
    )

    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert {"Event": "s3:TestEvent", "Bucket": "announcing"}.items() <= json.loads(message["Body"]).items()
    s3.delete_bucket(Bucket="announcing")
    sqs.delete_queue(QueueUrl=url)


def test_some_events_are_delivered_twice_with_the_same_sequencer(local: Stack) -> None:
    at_once, later = keys((0, 0), (0, 2))
    assert sorted(put(local, at_once, later)) == sorted([at_once, at_once, later, later])


def test_a_late_event_is_overtaken_by_the_next_one(local: Stack) -> None:
    late, prompt = keys((1,), (0,))
    assert put(local, late, prompt) == [prompt, late]
