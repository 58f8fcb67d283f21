"""A parked callback is authenticated and processed as if it came when its account can be read."""

import base64
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
import twilio.request_validator as twilio

from callvault import accounts, alarm_messages, clients, settings, times
from callvault.ingest import transcripts
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.providers import PROVIDERS, forward_parameter
from callvault.providers.commands import Forward
from callvault.providers.kazoo import webhooks
from callvault.storage import daily_counts, table
from callvault.storage.daily_counts import Kind
from tests import samples, worlds
from tests.integration import parked
from tests.integration.parked import CALLBACK, RECORDING_ID
from tests.samples import Contract, Sample
from tools.ops.inspection import Inspection

CONTRACTS = {name: samples.of(name) for name in PROVIDERS}
SAMPLES = [
    pytest.param(contract, sample, id=f"{name}-{sample.name}")
    for name, contract in CONTRACTS.items()
    for sample in contract.samples
    if "recording_id" in (sample.recording or {})
]
TOKEN = {"token": "s3cret"}
A_DAY_AGO = time.time() - 25 * 3600


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("acme", callback=TOKEN)


def correct() -> None:
    """Correct the parameter of the account, and let the seconds pass that it is remembered."""
    worlds.put_account("acme", callback=TOKEN)
    accounts.forget()


def refusals(caplog: pytest.LogCaptureFixture) -> list[tuple[int, bool]]:
    """Return status and `parked` of each logged refusal."""
    found = [vars(record) for record in caplog.records if record.message == alarm_messages.CALLBACK_REFUSED]
    return [(one["status"], one["parked"]) for one in found]


def counts() -> list[str]:
    """Return the keys of the table."""
    return [item["pk"]["S"] for item in clients.dynamodb().scan(TableName=settings.get().table_name)["Items"]]


@pytest.mark.parametrize(("contract", "sample"), SAMPLES)
def test_every_sample_is_recorded_as_a_direct_callback_is(contract: Contract, sample: Sample) -> None:
    worlds.put_account(contract.account_id, **contract.parameter)
    assert sample.recording is not None
    message = parked.park(sample.request)
    assert table.get(contract.account_id, sample.recording["recording_id"]) is None
    assert parked.process(message)
    row = worlds.row(sample.recording["recording_id"], contract.account_id)
    assert row.state == sample.recording["state"]
    assert len(worlds.queued(Queue.FETCH)) == (row.state is State.PENDING) + transcripts.is_due(row)


def test_a_parked_callback_that_is_delivered_twice_changes_nothing() -> None:
    message = parked.park()
    assert parked.process(message)
    before = worlds.row(RECORDING_ID)
    assert parked.process(message)
    assert worlds.row(RECORDING_ID) == before


def test_a_callback_waits_until_its_parameter_is_corrected() -> None:
    worlds.put_account("acme", callback={"tokn": "s3cret"})
    parked.send()
    [message] = worlds.queued(Queue.PARKED)
    assert not parked.process(message)
    correct()
    assert parked.process(message)
    assert worlds.row(RECORDING_ID).state is State.PENDING


def test_a_callback_waits_until_the_deleted_parameter_of_its_account_is_back(caplog: pytest.LogCaptureFixture) -> None:
    parked.send()
    assert worlds.row(RECORDING_ID).state is State.PENDING
    clients.ssm().delete_parameter(Name="/callvault/accounts/acme")
    accounts.forget()
    missed = replace(CALLBACK, body=CALLBACK.body.replace(b"r-115da407", b"r-215da407"))
    assert parked.send(missed)["statusCode"] == 204
    [invalid] = [vars(one) for one in caplog.records if one.message == alarm_messages.ACCOUNT_INVALID]
    assert (invalid["account"], invalid["fields"]) == ("acme", ["account (its parameter is missing)"])
    [message] = worlds.queued(Queue.PARKED)
    assert not parked.process(message)
    correct()
    assert parked.process(message)
    assert worlds.row(RECORDING_ID.replace("r-1", "r-2")).state is State.PENDING


def test_a_callback_waits_while_ssm_does_not_answer() -> None:
    message = parked.park()
    with parked.ssm_down():
        assert not parked.process(message)
    assert parked.process(message)


def test_a_callback_waits_while_table_and_queue_do_not_answer() -> None:
    message = parked.park()
    with pytest.MonkeyPatch.context() as monkeypatch:
        worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
        worlds.fail(monkeypatch, clients.sqs(), "send_message")
        assert not parked.process(message)
    assert parked.process(message)
    assert worlds.row(RECORDING_ID).state is State.PENDING


@pytest.mark.parametrize(
    ("broken", "reason"), [(None, "accounts_unavailable"), ({"callback": {"tokn": "x"}}, "configuration")]
)
def test_after_the_last_attempt_it_is_dead_lettered_and_can_be_redriven(
    broken: dict[str, Any] | None, reason: str
) -> None:
    message = parked.park()
    if broken is None:
        with parked.ssm_down():
            assert parked.process(message, received=23)
    else:
        worlds.put_account("acme", **broken)
        assert parked.process(message, received=23)
        correct()
    with Inspection(Queue.PARKED) as inspection:
        [dead_letter] = list(inspection)
        assert (dead_letter.reason, dead_letter.account_id, dead_letter.recording_id) == (reason, "acme", None)
        inspection.redrive(dead_letter, "ann")
    [again] = worlds.queued(Queue.PARKED)
    assert parked.process(again)
    assert worlds.row(RECORDING_ID).state is State.PENDING


@pytest.mark.parametrize("garbage", ["not json", "{}", '{"account_id": "acme"}'])
def test_what_is_no_parked_callback_is_dead_lettered(garbage: str) -> None:
    assert parked.process(garbage)
    assert [one.reason for one in worlds.dead_letters_of(Queue.PARKED)] == ["unreadable"]


def test_a_body_that_is_not_base64_is_dead_lettered() -> None:
    assert parked.process(json.dumps(parked.fields(parked.park()) | {"body": "?"}))
    assert [one.reason for one in worlds.dead_letters_of(Queue.PARKED)] == ["unreadable"]


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"callback": {"token": "other"}}, 403),
        ({"callback": {}}, 403),
        ({"callback": TOKEN | {"username": "bw", "password": "right"}}, 403),
        ({"callback": TOKEN, "provider_account_id": "1"}, 403),
    ],
)
def test_a_refused_callback_is_tried_for_a_day_and_each_refusal_is_counted(
    fields: dict[str, Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = base64.b64encode(b"bw:wrong").decode()
    message = parked.park(replace(CALLBACK, headers={"authorization": f"Basic {wrong}"}))
    worlds.put_account("acme", **fields)
    assert not parked.process(message)
    assert refusals(caplog) == [(status, True)]
    assert worlds.dead_letters_of(Queue.PARKED) == []
    assert parked.process(message, since=A_DAY_AGO)
    assert [one.reason for one in worlds.dead_letters_of(Queue.PARKED)] == [f"refused_{status}"]
    assert table.get("acme", RECORDING_ID) is None


def test_a_callback_outlives_a_parameter_that_is_wrong_twice() -> None:
    worlds.put_account("acme", callback={"tokn": "s3cret"})
    parked.send()
    [message] = worlds.queued(Queue.PARKED)
    worlds.put_account("acme", callback={"token": "anothr"})
    accounts.forget()
    assert not parked.process(message)
    correct()
    assert parked.process(message)
    assert worlds.row(RECORDING_ID).state is State.PENDING


def test_a_callback_of_another_provider_waits_until_the_parameter_is_corrected() -> None:
    message = parked.park()
    worlds.put_account("acme", provider="kazoo", callback=TOKEN)
    assert not parked.process(message)
    worlds.put_account("acme", callback=TOKEN)
    accounts.forget()
    assert parked.process(message)
    assert worlds.row(RECORDING_ID).state is State.PENDING


def test_a_genuine_signature_of_another_provider_parks_a_callback() -> None:
    contract = CONTRACTS["twilio"]
    worlds.put_account(contract.account_id, **{**contract.parameter, "provider": "kazoo"})
    assert parked.send(contract.sample("completed.form").request)["statusCode"] == 200
    assert len(worlds.queued(Queue.PARKED)) == 1


def test_a_callback_of_another_provider_waits_for_a_day() -> None:
    message = parked.park()
    worlds.put_account("acme", provider="kazoo", callback=TOKEN)
    assert parked.process(message, since=A_DAY_AGO)
    assert [one.reason for one in worlds.dead_letters_of(Queue.PARKED)] == ["configuration"]


def test_missing_credentials_can_no_longer_be_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    contract = CONTRACTS["kazoo"]
    request = contract.samples[0].request
    message = parked.park(request)
    callback = {"token": "s3cret", "username": "kazoo", "password": "right"}
    worlds.put_account(contract.account_id, **{**contract.parameter, "callback": callback})
    assert not parked.process(message)
    assert refusals(caplog) == [(401, True)]


def test_a_body_that_cannot_be_understood_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    assert parked.process(parked.park(replace(CALLBACK, body=b"not json")))
    assert refusals(caplog) == [(400, True)]


@pytest.mark.parametrize("name", ["signalwire", "twilio"])
def test_a_changed_callback_is_refused_by_its_signature(name: str, caplog: pytest.LogCaptureFixture) -> None:
    contract = CONTRACTS[name]
    worlds.put_account(contract.account_id, **contract.parameter)
    sample = contract.sample("completed.form")
    assert sample.recording is not None
    changed = replace(sample.request, body=sample.request.body.replace(b"completed", b"absent"))
    assert not parked.process(parked.park(changed))
    assert refusals(caplog) == [(403, True)]
    assert table.get(contract.account_id, sample.recording["recording_id"]) is None


def test_an_account_that_has_not_existed_for_a_day_is_refused_and_its_count_is_deleted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = parked.park(replace(CALLBACK, parameters={**CALLBACK.parameters, "account_id": "nobody"}))
    assert counts() == ["#PARKED#nobody"]
    assert not parked.process(message)
    assert refusals(caplog) == [(404, True)]
    assert counts() == ["#PARKED#nobody"]
    assert parked.process(message, since=A_DAY_AGO)
    assert [one.reason for one in worlds.dead_letters_of(Queue.PARKED)] == ["refused_404"]
    assert counts() == []


def test_a_refusal_for_another_reason_leaves_the_count(caplog: pytest.LogCaptureFixture) -> None:
    message = parked.park()
    worlds.put_account("acme", callback={"token": "other"})
    assert not parked.process(message)
    assert refusals(caplog) == [(403, True)]
    assert counts() == ["#PARKED#acme"]


# ---- signatures and forwards ---------------------------------------------------------------------


def test_a_signature_with_a_time_is_accepted_days_after_its_callback_arrived(clock: worlds.Clock) -> None:
    worlds.put_account("k1", provider="kazoo", callback={"hmac_key": "key"})
    data = {"id": "202401-0a", "account_id": "k1", "type": "call_recording"}
    seconds = int(clock.now().timestamp()) + times.GREGORIAN_EPOCH
    signature = webhooks.sign("key", seconds, webhooks.canonical(data)).decode()
    envelope = {"action": "event", "name": "doc_edited", "timestamp": seconds, "hmac": signature, "data": data}
    contract = CONTRACTS["kazoo"]
    request = replace(
        contract.samples[0].request,
        headers={"content-type": "application/json"},
        parameters={"provider": "kazoo", "account_id": "k1"},
        body=json.dumps(envelope).encode(),
    )
    message = parked.park(request)
    clock.forward(days=5)
    assert parked.process(message)
    assert worlds.row("202401-0a", "k1").state is State.PENDING


def test_a_request_keeps_its_time_of_arrival(clock: worlds.Clock) -> None:
    arrived = clock.now()
    clock.stop(arrived)
    message = parked.park(replace(CALLBACK, arrived=arrived))
    clock.forward(days=5)
    assert parked.fields(message)["arrived"] == arrived.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_history_of_a_row_has_the_time_at_which_its_callback_arrived(clock: worlds.Clock) -> None:
    arrived = clock.now()
    clock.stop(arrived)
    message = parked.park(replace(CALLBACK, arrived=arrived))
    clock.forward(hours=7)
    assert parked.process(message)
    row = worlds.row(RECORDING_ID)
    assert (row.history[0].time, row.created_time) == (arrived, arrived)
    assert row.updated_time == arrived + timedelta(hours=7)


def test_a_parked_callback_that_reports_no_recording_is_counted() -> None:
    account_id = CALLBACK.parameters["account_id"]
    assert parked.process(parked.park(samples.of("bandwidth").sample("disconnect.json").request))
    assert daily_counts.recent(Kind.IGNORED, account_id) == 1


def test_a_parked_callback_is_forwarded() -> None:
    contract = CONTRACTS["twilio"]
    worlds.put_account(contract.account_id, **contract.parameter)
    sample = contract.sample("completed.form").request
    query = "forward=" + forward_parameter.write(Forward(url="https://user.example.com/hook"))
    key = contract.account().callback.signing_keys[0].secret.get_secret_value()
    fields = dict(parse_qsl(sample.body.decode(), keep_blank_values=True))
    signature = twilio.RequestValidator(key).compute_signature(f"{sample.origin}{sample.path}?{query}", fields)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    assert parked.process(parked.park(replace(sample, raw_query=query, headers=headers)))
    assert len(worlds.queued(Queue.FORWARD)) == 1
