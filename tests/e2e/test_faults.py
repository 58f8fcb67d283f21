"""Each named fault of the providers and of AWS once, on one stack at the same time."""

import dataclasses
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tools.local.emulator.pace import Pace
from tools.local.faults import media, texts
from tools.local.faults.aws import AwsFaults, Effect, Rule
from tools.local.faults.media import FAULTS, Fault
from tools.local.start import running
from tools.storm import audit, found, plan, providers, run, settling, witness
from tools.storm.found import Found
from tools.storm.kills import Killer
from tools.storm.ledger import Entry, Ledger
from tools.storm.plan import Drawn, Way
from tools.storm.senders import Sender
from tools.storm.variants import Variant
from tools.storm.world import World

PLAIN = dataclasses.replace(
    next(plan.draw(0)),
    fault=media.NONE,
    absent=False,
    partial=False,
    wrong=False,
    big=False,
    killed_halfway=False,
    seconds=1,
    channels=1,
    format="wav",
    concurrent=False,
    described_late=False,
    repetitions=1,
    variant=Variant.PLAIN,
    text=None,
    text_again=False,
)
AWS = {
    Effect.ERROR: ("dynamodb.PutItem", "sqs.SendMessage", "s3.PutObject", "s3.CompleteMultipartUpload"),
    Effect.UNAVAILABLE: ("s3.UploadPart", "s3.GetObject", "ssm.GetParameter"),
    Effect.THROTTLE: ("dynamodb.GetItem", "sqs.ChangeMessageVisibility", "ssm.GetParameter"),
    Effect.RESET: ("dynamodb.PutItem", "s3.PutObjectTagging"),
    Effect.STALL: ("dynamodb.PutItem",),
    Effect.LOSE: ("dynamodb.PutItem", "sqs.SendMessage", "s3.PutObject", "s3.CreateMultipartUpload", "s3.UploadPart"),
    Effect.CUT: ("s3.GetObject",),
    Effect.ERROR_IN_200: ("s3.CompleteMultipartUpload",),
    Effect.KILL: ("s3.CompleteMultipartUpload", "s3.PutObjectTagging", "dynamodb.PutItem"),
}
RULES = [
    Rule(operations=operation, effect=effect, seconds=3.4, max_count=1)
    for effect, operations in AWS.items()
    for operation in operations
]
DELETION = Rule(operations="sqs.DeleteMessageBatch", effect=Effect.LOSE, max_count=3)


@dataclasses.dataclass
class Played:
    """The recordings and their outcome."""

    entries: dict[int, Entry]
    found: Found
    verdict: audit.Verdict
    aws: AwsFaults
    killed: int
    """Number of processes that were killed in the middle of a transfer."""
    leaks: int


LINKED_FAULTS = ("forbidden_once", "json_200", "reset_in_body", "redirect_chain", "redirect_elsewhere", "always_json")
"""Faults of Telnyx's storage, which a link leads to."""


def recordings() -> list[Drawn]:
    """Return a recording for each fault, and some without a fault, for the faults of AWS."""
    bandwidth = dataclasses.replace(PLAIN, way=Way.BANDWIDTH, order=("complete",))
    drawn = [dataclasses.replace(bandwidth, fault=fault) for fault in FAULTS.values()]
    hook = dataclasses.replace(PLAIN, way=Way.HOOK, order=("doc_edited",), described_late=True)
    drawn += [
        dataclasses.replace(hook, fault=FAULTS[name]) for name in ("unauthorized_once", "reset_in_body", "missing")
    ]
    linked = dataclasses.replace(PLAIN, way=Way.TELNYX, order=("completed", "in-progress"), repetitions=2)
    drawn += [dataclasses.replace(linked, fault=FAULTS[name]) for name in LINKED_FAULTS]
    signed = dataclasses.replace(PLAIN, way=Way.TWILIO, repetitions=3, concurrent=True)
    orders = (("in-progress", "completed"), ("completed", "in-progress"))
    drawn += [dataclasses.replace(signed, way=way, order=order) for way in plan.LAML for order in orders]
    drawn += [dataclasses.replace(signed, way=way, absent=True, order=("absent", "in-progress")) for way in plan.LAML]
    drawn += [dataclasses.replace(bandwidth, absent=True, order=("error",))]
    drawn += [dataclasses.replace(PLAIN, way=way, repetitions=2) for way in (Way.PUT, Way.POST, Way.INCOMING)]
    drawn += [dataclasses.replace(PLAIN, way=way, wrong=True) for way in (Way.PUT, Way.INCOMING)]
    drawn += variants()
    big = dataclasses.replace(bandwidth, big=True, seconds=280, channels=2)
    drawn += [big, dataclasses.replace(big, killed_halfway=True), dataclasses.replace(big, way=Way.INCOMING)]
    return [dataclasses.replace(one, number=number) for number, one in enumerate(drawn)]


def variants() -> list[Drawn]:
    """Return a recording of each variant, and texts of transcriptions."""
    relay = dataclasses.replace(PLAIN, way=Way.RELAY, order=("finished", "recording"), repetitions=2)
    forms = (Variant.PLAIN, Variant.ENVELOPE, Variant.FLAT)
    drawn = [dataclasses.replace(relay, variant=form) for form in forms]
    growing = dataclasses.replace(relay, fault=FAULTS["growing"], seconds=3, format="mp3")
    drawn += [growing, dataclasses.replace(growing, described_late=True)] * 2
    drawn += [dataclasses.replace(relay, absent=True, variant=form, order=("no_input",)) for form in forms]
    twilio = dataclasses.replace(PLAIN, way=Way.TWILIO, order=("completed",), described_late=True, repetitions=2)
    kinds = (Variant.SEALED, Variant.SEALED_SILENTLY, *[Variant.ELSEWHERE] * 4)
    drawn += [dataclasses.replace(twilio, variant=kind) for kind in kinds]
    text = dataclasses.replace(PLAIN, way=Way.BANDWIDTH, order=("complete",), text=media.NONE)
    drawn += [dataclasses.replace(text, text=texts.FAULTS[name]) for name in ("without_words", "down", "deleted_410")]
    return [*drawn, text, dataclasses.replace(text, text_again=True, fault=FAULTS["unavailable"])]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    aws, pace, ledger = AwsFaults([*RULES, DELETION]), Pace(run.STORM_SPEED, 3), Ledger()
    parameters = run.PARAMETERS | {"AccountCacheSeconds": "1"}
    with (
        providers.running() as everyone,
        running(faults=aws, pace=pace, parameters=parameters, processes=2) as stack,
    ):
        killer = Killer(stack, aws, 0)
        aws.kill = killer.kill_owner
        world = World(stack, everyone, ledger, killer.kill_owner, 2)
        world.configure()
        sender = Sender(world, 0, threading.Event())
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(sender.play, recordings()))
        sender.close()
        settling.finish(stack, ledger, pace)
        left = found.look(stack)
        entries = {entry.drawn.number: entry for entry in ledger.entries.values()}
        verdict = audit.compare(ledger, left)
        verdict.unexplained = witness.disagreements(ledger, left)
        yield Played(entries, left, verdict, aws, killer.killed["in transfer"], everyone.leaks)


def final(played: Played, number: int) -> tuple[Entry, dict[str, Any] | None, list[str]]:
    entry = played.entries[number]
    key = entry.account_id, entry.recording_id
    return entry, played.found.rows.get(key), played.found.objects.get(key, [])


@pytest.mark.parametrize(("number", "fault"), list(enumerate(FAULTS.values())), ids=FAULTS)
def test_a_recording_reaches_the_expected_state_after_a_fault(played: Played, number: int, fault: Fault) -> None:
    entry, row, objects = final(played, number)
    assert row is not None
    assert (row["state"], row.get("reason")) == ("failed" if fault.reason else "verified", fault.reason)
    assert objects == ([] if fault.reason else [entry.sha256])


@pytest.mark.parametrize("drawn", recordings()[len(FAULTS) :], ids=lambda one: f"{one.way} {'-'.join(one.order)}")
def test_a_recording_reaches_the_expected_state_despite_failures_of_aws(played: Played, drawn: Drawn) -> None:
    entry, row, objects = final(played, drawn.number)
    if drawn.wrong and drawn.way is Way.PUT:
        assert row is None
        return
    assert row is not None
    assert (row["state"], row.get("reason")) == (entry.state, entry.reason)
    assert objects == ([entry.sha256] if entry.state == "verified" else [])


@pytest.mark.parametrize("rule", [*RULES, DELETION], ids=lambda rule: rule.name)
def test_aws_failed_at_least_once(played: Played, rule: Rule) -> None:
    assert played.aws.struck[rule.name] == rule.max_count


def test_processes_were_killed_during_invocations(played: Played) -> None:
    assert played.killed >= len(AWS[Effect.KILL])


def test_no_recording_is_lost_or_stored_twice(played: Played) -> None:
    verdict = played.verdict
    assert (verdict.lost, verdict.double, verdict.wrong, played.found.uploads, played.leaks) == ([], [], [], 0, 0)
    assert verdict.unexplained == []
    assert played.found.incoming == 1  # the object that is not audio
    assert played.found.dead_letters == 0
