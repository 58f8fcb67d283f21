"""The reconciliation, by the template's schedule and its queue."""

import json

from callvault.completeness import Day
from callvault.messaging.queues import Queue
from callvault.models import State
from tests import worlds
from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.stack import Stack


def test_the_schedule_writes_a_report_on_each_day_of_each_account(stack: Stack) -> None:
    stack.put_account("unlisted", worlds.parameter("telnyx"))
    assert all(answer["accounts"] >= 1 for answer in stack.run_schedule("ReconcileAccounts"))
    worlds.until(lambda: len(reports(stack, "unlisted")) == 40)
    assert {(one.unknown, one.unaccountable) for one in reports(stack, "unlisted")} == {("no_list", ("recordings",))}


def reports(stack: Stack, account_id: str) -> list[Day]:
    """Return the reports of an account."""
    s3, bucket = stack.client("s3"), stack.outputs["BucketName"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"completeness/{account_id}/").get("Contents", [])
    keys = [item["Key"] for item in listed if item["Key"].endswith(".json")]
    return [Day.model_validate_json(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]


def test_a_message_of_a_backfill_is_copied_and_verified(stack: Stack) -> None:
    with standins.Standin() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        stack.put_account("old", worlds.parameter(api=worlds.basic_api(standin)))
        old = worlds.recording("r-1", account_id="old", call_id="c-1", format="wav")
        body = json.dumps(old.model_dump(mode="json", exclude_none=True))
        stack.client("sqs").send_message(QueueUrl=stack.outputs[f"{Queue.BACKFILL.title()}QueueUrl"], MessageBody=body)
        worlds.until(lambda: (found := archive.row(stack, "old", "r-1")) and found.state is State.VERIFIED)
