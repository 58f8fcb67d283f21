"""A callback whose account cannot be read is queued as it came, and acknowledged."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from callvault import clients, settings
from callvault.ingest import callbacks, parking
from callvault.ingest.parking import ParkedCallback
from callvault.messaging.queues import Queue
from callvault.providers import PROVIDERS
from callvault.storage import parked_counts
from callvault.web import Request
from functions.query_recordings import app as query_recordings
from functions.receive_upload import app as receive_upload
from functions.sweep_recordings import app as sweep_recordings
from tests import samples, worlds
from tests.captures import AUDIO
from tests.integration import events, parked
from tests.integration.parked import CALLBACK, RECORDING_ID
from tests.samples import Contract

CONTRACTS = {name: samples.of(name) for name in PROVIDERS}
each_provider = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("acme", callback={"token": "s3cret"})
    known("acme", "other", *(contract.account_id for contract in CONTRACTS.values()))


def known(*account_ids: str) -> None:
    """Make accounts known to the table, as the sweep does every hour."""
    for account_id in account_ids:
        parked_counts.know(account_id)


def queued() -> list[str]:
    return worlds.queued(Queue.PARKED)


def answer_while_down(request: Request = CALLBACK) -> dict[str, Any]:
    with parked.ssm_down():
        return parked.send(request)


def nameless(contract: Contract) -> Request:
    """Return a callback without any credential."""
    request = contract.samples[0].request
    parameters = {name: value for name, value in request.parameters.items() if name != "token"}
    return replace(request, headers={}, parameters=parameters)


@each_provider
def test_a_callback_is_acknowledged_as_its_provider_wants(contract: Contract) -> None:
    answer = answer_while_down(contract.samples[0].request)
    expected = contract.acknowledgement
    assert (answer["statusCode"], answer["headers"], answer["body"]) == (
        expected.status,
        dict(expected.headers),
        expected.body,
    )
    assert len(queued()) == 1


def test_the_request_is_queued_as_it_came() -> None:
    request = replace(CALLBACK, raw_query="tag=%7e&tag=b", headers={"x-name": "é\x01\uffff"}, body=b"\x00\xff{")
    answer_while_down(request)
    [message] = queued()
    assert message.isascii()  # so that it has no character that SQS refuses
    carried = ParkedCallback.model_validate_json(message).request()
    assert replace(carried, origin=request.origin, request_id="", api_id="") == request
    assert (carried.origin, carried.request_id, carried.api_id) == ("https://api.example.com", "request-1", "api-1")


def test_nothing_is_written_before_the_callback_is_authenticated() -> None:
    answer_while_down()
    assert worlds.queued(Queue.FETCH) == []
    items = clients.dynamodb().scan(TableName=settings.get().table_name)["Items"]
    assert all(item["pk"]["S"].startswith("#PARKED#") for item in items)


def test_an_account_shares_the_queue_fairly() -> None:
    answer_while_down()
    received = clients.sqs().receive_message(QueueUrl=Queue.PARKED.url, MessageSystemAttributeNames=["All"])
    assert [message["Attributes"]["MessageGroupId"] for message in received["Messages"]] == ["acme"]


@pytest.mark.parametrize("wrong", [{"callback": {"tokn": "s3cret"}}, {"provider": "bandwith"}, {"media_format": 7}])
def test_a_callback_whose_account_does_not_validate_is_parked(
    wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    worlds.put_account(**{"callback": {"token": "s3cret"}} | wrong)
    assert parked.send()["statusCode"] == 204
    assert len(queued()) == 1
    assert "An account parameter is invalid" in caplog.messages


def test_a_callback_whose_account_is_known_is_not_parked() -> None:
    parked.send()
    with pytest.MonkeyPatch.context() as monkeypatch:
        worlds.fail(monkeypatch, clients.ssm(), "get_parameter")
        assert parked.send()["statusCode"] == 204
    assert queued() == []
    assert worlds.row(RECORDING_ID).state == "pending"


@each_provider
def test_a_callback_without_any_credential_is_asked_for_them(contract: Contract) -> None:
    answer = answer_while_down(nameless(contract))
    assert (answer["statusCode"], answer["headers"]["www-authenticate"]) == (401, 'Basic realm="callvault"')
    assert queued() == []


@each_provider
def test_basic_credentials_are_enough_to_be_parked(contract: Contract) -> None:
    basic = {"authorization": "Basic " + base64.b64encode(b"user:wrong").decode()}
    answer = answer_while_down(replace(nameless(contract), headers=basic))
    assert answer["statusCode"] == contract.acknowledgement.status
    assert len(queued()) == 1


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"hmac": "x", "timestamp": 1}', 200), (b'{"timestamp": 1}', 401), (b"not json", 401)]
)
def test_a_webhook_of_kazoo_is_parked_by_its_signature(body: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    request = replace(nameless(CONTRACTS["kazoo"]), headers=headers, body=body)
    assert answer_while_down(request)["statusCode"] == status
    assert len(queued()) == (status == 200)


def test_a_body_over_256_kb_is_refused_and_not_parked() -> None:
    assert events.error(answer_while_down(replace(CALLBACK, body=b" " * (callbacks.MAX_BODY_BYTES + 1)))) == (
        413,
        "too_large",
    )
    assert queued() == []


def test_the_largest_message_is_far_below_what_sqs_accepts() -> None:
    head = "\x01" * 10_240  # what API Gateway accepts in the request line and the headers together
    largest = replace(CALLBACK, body=b"\xff" * callbacks.MAX_BODY_BYTES, headers={"x-name": head}, raw_query=head)
    assert len(ParkedCallback.of(largest).model_dump_json(ensure_ascii=True)) < 512 * 1024
    assert answer_while_down(largest)["statusCode"] == 204


@pytest.mark.parametrize(
    ("provider", "account_id", "error"),
    [
        ("pigeon", "acme", (404, "not_found")),
        ("bandwidth", "a b", (403, "forbidden")),
        ("bandwidth", "a.b", (403, "forbidden")),
    ],
)
def test_a_provider_or_an_id_that_cannot_be_is_refused(provider: str, account_id: str, error: tuple[int, str]) -> None:
    parameters = {"provider": provider, "account_id": account_id, "token": "s3cret"}
    assert events.error(answer_while_down(replace(CALLBACK, parameters=parameters))) == error
    assert queued() == []


def test_no_log_line_has_the_content_of_a_parked_callback(caplog: pytest.LogCaptureFixture) -> None:
    message = parked.park(replace(CALLBACK, raw_query="tag=private-tag"))
    worlds.put_account(callback={"token": "other"})
    assert not parked.process(message)
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "A callback was parked" in logged
    for content in ("s3cret", "private-tag", "+15551112222", base64.b64encode(CALLBACK.body[:30]).decode()[:40]):
        assert content not in logged


# ---- the bounds ----------------------------------------------------------------------------------


def test_an_account_parks_a_limited_number_in_an_hour(monkeypatch: pytest.MonkeyPatch, clock: worlds.Clock) -> None:
    monkeypatch.setattr(parked_counts, "MAX_PER_HOUR", 2)
    clock.stop(clock.now().replace(minute=0))
    other = replace(CALLBACK, parameters={**CALLBACK.parameters, "account_id": "other"})
    assert [answer_while_down()["statusCode"] for _ in range(2)] == [204, 204]
    refused = answer_while_down()
    assert events.error(refused) == (503, "unavailable")
    assert refused["headers"]["retry-after"] == "5"
    assert answer_while_down(other)["statusCode"] == 204
    clock.forward(hours=1)
    assert answer_while_down()["statusCode"] == 204
    assert len(queued()) == 4


def test_all_accounts_together_park_a_limited_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MAX_PARKED", 2)
    monkeypatch.setattr(parking, "COUNT_SECONDS", 0)
    for number in range(2):
        known(f"a{number}")
        parameters = {**CALLBACK.parameters, "account_id": f"a{number}"}
        assert answer_while_down(replace(CALLBACK, parameters=parameters))["statusCode"] == 204
    assert events.error(answer_while_down()) == (503, "unavailable")


def test_messages_between_two_attempts_count_as_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MAX_PARKED", 1)
    monkeypatch.setattr(parking, "COUNT_SECONDS", 0)
    answer_while_down()
    clients.sqs().receive_message(QueueUrl=Queue.PARKED.url, VisibilityTimeout=600)
    assert events.error(answer_while_down()) == (503, "unavailable")


def test_the_queue_is_counted_once_in_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MAX_PARKED", 1)
    assert [answer_while_down()["statusCode"] for _ in range(3)] == [204, 204, 204]


def test_without_the_table_a_callback_is_parked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.hasty_dynamodb(), "update_item")
    assert answer_while_down()["statusCode"] == 204
    assert len(queued()) == 1


def test_a_queue_that_does_not_count_its_messages_still_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.hasty_sqs(), "get_queue_attributes")
    assert answer_while_down()["statusCode"] == 204
    assert len(queued()) == 1


def test_a_callback_that_cannot_be_queued_is_not_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.sqs(), "send_message")
    answer = answer_while_down()
    assert events.error(answer) == (503, "unavailable")
    assert answer["headers"]["retry-after"] == "5"


def test_a_full_account_costs_the_table_one_write_in_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked_counts, "MAX_PER_HOUR", 1)
    assert [answer_while_down()["statusCode"] for _ in range(2)] == [204, 503]
    monkeypatch.setattr(parked_counts, "add", lambda _: pytest.fail("The table was asked again."))
    assert events.error(answer_while_down()) == (503, "unavailable")


def test_a_process_that_remembers_too_many_full_accounts_forgets_the_earlier_ones(
    monkeypatch: pytest.MonkeyPatch, clock: worlds.Clock
) -> None:
    clock.stop(clock.now())  # so that no new hour begins
    monkeypatch.setattr(parked_counts, "MAX_PER_HOUR", 1)
    monkeypatch.setattr(parking, "MAX_REMEMBERED", 1)
    requests = {
        name: replace(CALLBACK, parameters={**CALLBACK.parameters, "account_id": name}) for name in ("acme", "other")
    }
    assert [answer_while_down(request)["statusCode"] for request in requests.values()] == [204, 204]
    add, asked = parked_counts.add, []

    def noted(account_id: str) -> parked_counts.Outcome:
        asked.append(account_id)
        return add(account_id)

    monkeypatch.setattr(parked_counts, "add", noted)
    for name in ("acme", "acme", "other", "other", "acme"):
        assert events.error(answer_while_down(requests[name])) == (503, "unavailable")
    assert asked == ["acme", "other", "acme"]


def test_nothing_is_parked_for_an_invented_account() -> None:
    parameters = {**CALLBACK.parameters, "account_id": "invented"}
    assert events.error(answer_while_down(replace(CALLBACK, parameters=parameters))) == (503, "unavailable")
    assert queued() == []
    items = clients.dynamodb().scan(TableName=settings.get().table_name)["Items"]
    assert "#PARKED#invented" not in [item["pk"]["S"] for item in items]


def test_an_accepted_callback_makes_its_account_known() -> None:
    parked_counts.delete("acme")
    parked.send()
    assert answer_while_down()["statusCode"] == 204
    assert len(queued()) == 1


def test_a_refused_callback_makes_no_account_known() -> None:
    parked_counts.delete("acme")
    parked.send(replace(CALLBACK, parameters={**CALLBACK.parameters, "token": "wrong"}))
    assert events.error(answer_while_down()) == (503, "unavailable")


def test_an_account_that_cannot_be_made_known_does_not_fail_its_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.hasty_dynamodb(), "update_item")
    assert parked.send()["statusCode"] == 204


def test_a_new_account_that_does_not_validate_is_parked() -> None:
    parked_counts.delete("acme")
    worlds.put_account("acme", callback={"tokn": "s3cret"})
    assert parked.send()["statusCode"] == 204
    assert len(queued()) == 1


def test_the_sweep_makes_every_account_known() -> None:
    parked_counts.delete("acme")
    sweep_recordings.handler({"look_at": "accounts"}, events.context(300))
    assert answer_while_down()["statusCode"] == 204


@pytest.mark.parametrize("account_id", ["nobody", "a" * 3000, "a#b"])
def test_a_callback_of_an_account_that_never_existed_is_not_parked(account_id: str) -> None:
    unknown = replace(CALLBACK, parameters={**CALLBACK.parameters, "account_id": account_id})
    assert parked.send(unknown)["statusCode"] == 403
    assert queued() == []


def test_a_callback_of_an_unknown_account_is_not_parked_while_the_table_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for operation in ("get_item", "update_item"):
        worlds.fail(monkeypatch, clients.hasty_dynamodb(), operation)
    unknown = replace(CALLBACK, parameters={**CALLBACK.parameters, "account_id": "nobody"})
    assert parked.send(unknown)["statusCode"] == 403
    assert queued() == []


# ---- what is not parked, and what does not see it ------------------------------------------------


def test_an_upload_is_not_parked() -> None:
    parameters = {"account_id": "acme", "token": "s3cret"}
    event = events.http("PUT", "/uploads/kazoo/acme/s3cret", AUDIO, parameters=parameters)
    with parked.ssm_down():
        assert events.error(receive_upload.handler(event, events.context())) == (503, "unavailable")
    assert queued() == []


def test_no_list_and_no_sweep_sees_the_count_of_parked_callbacks(clock: worlds.Clock) -> None:
    answer_while_down()
    worlds.put_account(readers=[worlds.reader("ops")])
    clock.forward(days=40)
    assert sweep_recordings.handler({}, events.context(300)) == {}
    headers = {"x-auth-token": "acme.ops"}
    event = events.http("GET", "/v2/accounts/acme/recordings", headers=headers)
    assert '"data":[]' in query_recordings.handler(event, events.context())["body"]
