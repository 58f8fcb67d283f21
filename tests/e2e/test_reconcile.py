"""The reconciliation, by the template's schedule and its queue."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from callvault import times
from callvault.completeness import Day
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.upkeep.reconcile import plan
from callvault.upkeep.reconcile.tally import OUTCOMES
from tests import worlds
from tests.e2e import archive
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.bandwidth_lists import BandwidthLists
from tools.local.providers.books import Book, Kept
from tools.local.providers.laml_lists import LamlLists
from tools.local.providers.relay_lists import SignalWireLists
from tools.local.providers.standins import Standin
from tools.local.stack import Stack
from tools.local.start import running

TWILIO_ACCOUNT, PROJECT = "AC" + "0" * 31 + "7", "b3877c40-da60-4998-90ad-b792e98472a7"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Run a stack without other tests' accounts, because the schedule works on all accounts."""
    with running() as started:
        yield started


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


PROVIDERS: dict[str, tuple[str, Callable[[Book], Standin]]] = {
    "bandwidth": ("9900000", lambda book: BandwidthLists("9900000", book)),
    "twilio": (TWILIO_ACCOUNT, lambda book: LamlLists("twilio", TWILIO_ACCOUNT, book)),
    "signalwire": (PROJECT, lambda book: SignalWireLists(PROJECT, book)),
}
"""The account and the stand-in of each provider."""


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_reports_are_the_providers_book(stack: Stack, name: str) -> None:
    """No callback comes: the archive has what it has from the provider's lists."""
    now, book, account_id = times.now(), Book(), f"listed-{name}"
    for number in range(60):
        is_gone, is_relay = number % 20 == 7, name == "signalwire" and number % 3 == 0
        book.add(
            [
                Kept(
                    recording_id=f"r-{number}",
                    call_id=f"c-{number}",
                    time=now - timedelta(hours=1 + number),
                    seconds=2,
                    conference_id=f"f-{number}" if number % 10 == 0 else None,
                    media=None if is_gone else audio_samples.wav(2),
                    media_status=410,
                    status="deleted" if number % 20 == 8 else "completed",
                    is_relay=is_relay,
                )
            ]
        )
    if name == "signalwire":  # it lists no deleted recordings
        for number in range(8, 60, 20):
            book.remove(f"r-{number}")
    provider_account_id, start = PROVIDERS[name]
    with start(book) as provider:
        api = worlds.oauth_api(provider) if name == "bandwidth" else worlds.basic_api(provider)
        stack.put_account(account_id, worlds.parameter(name, provider_account_id=provider_account_id, api=api))
        stack.run_schedule("ReconcileAccounts")
        worlds.until(lambda: total(stack, account_id, "listed") == len(book.kept))
        worlds.until(lambda: all(state(stack, account_id, one) not in {None, State.PENDING} for one in book.kept))
        stack.run_schedule("ReconcileAccounts")
        worlds.until(lambda: total(stack, account_id, "pending") == 0)
    assert [total(stack, account_id, one) for one in OUTCOMES] == [54, 0, 0, 0, len(book.kept) - 54, 0]
    numbers = [total(stack, account_id, one) for one in ("unlisted", "callbacks", "seconds_measured")]
    assert numbers == [0, 0, 108]
    for report in reports(stack, account_id):
        assert report.listed == len(book.between(*span(report.date, now - timedelta(minutes=10))))


def total(stack: Stack, account_id: str, name: str) -> int:
    """Return the sum of a number of all reports of an account."""
    return sum(getattr(one, name) for one in reports(stack, account_id))


def state(stack: Stack, account_id: str, recording_id: str) -> State | None:
    """Return the state of a recording."""
    found = archive.row(stack, account_id, recording_id)
    return None if found is None else found.state


def span(day: date, end: datetime) -> tuple[datetime, datetime]:
    """Return the span of a day, up to a time."""
    found = plan.span(day, end)
    return found.since, found.until


def test_a_message_of_a_backfill_is_copied_and_verified(stack: Stack) -> None:
    with standins.Standin() as standin:
        standin.otherwise = Reply(body=audio_samples.wav(2), headers={"content-type": "audio/vnd.wave"})
        stack.put_account("old", worlds.parameter(api=worlds.basic_api(standin)))
        old = worlds.recording("r-1", account_id="old", call_id="c-1", format="wav")
        body = json.dumps(old.model_dump(mode="json", exclude_none=True))
        stack.client("sqs").send_message(QueueUrl=stack.outputs[f"{Queue.BACKFILL.title()}QueueUrl"], MessageBody=body)
        worlds.until(lambda: (found := archive.row(stack, "old", "r-1")) and found.state is State.VERIFIED)
