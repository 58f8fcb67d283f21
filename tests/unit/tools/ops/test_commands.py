"""The operator's command line, against a stack in memory."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

import callvault
from callvault import clients, settings, times
from callvault.messaging import dead_letters as letters
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.settings import Settings
from callvault.storage import table
from tests.conftest import ENVIRONMENT
from tools.ops import cli, dead_letters

type Run = Callable[..., Any]

BODY = {"account_id": "a1", "recording_id": "r1", "provider": "bandwidth", "state": "pending", "caller": "+15551112222"}


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any]) -> None:
    """Make a stack with the template's outputs and parameters, which lead to the world of the tests."""
    values = {name.title().replace("_", ""): value for name, value in ENVIRONMENT.items()}
    body = {
        "Parameters": {
            name: {"Type": "String", "Default": str(parameter["Default"])}
            for name, parameter in template["Parameters"].items()
        },
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-the-stack"}}},
        "Outputs": {name: {"Value": values.get(name, "elsewhere")} for name in template["Outputs"]},
    }
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)  # what the tools set is undone
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper())
    boto3.client("cloudformation").create_stack(StackName="callvault", TemplateBody=json.dumps(body))
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    monkeypatch.setattr(cli, "_who", lambda: "alice")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command and returns what it printed as JSON; it must exit as said."""

    def run_command(line: str, status: int = 0) -> Any:
        capsys.readouterr()
        assert cli.main([*line.split(), "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return run_command


def url(name: str) -> str:
    return ENVIRONMENT[f"{name.upper()}_URL"]


def bury(body: object = BODY, queue: str = "fetch", group: str | None = None, **said: str) -> None:
    """Put a message among the dead letters."""
    attributes: Any = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    grouped: Any = {"MessageGroupId": group} if group else {}
    clients.sqs().send_message(
        QueueUrl=url(f"{queue}_dead_letters"), MessageBody=json.dumps(body), MessageAttributes=attributes, **grouped
    )


def waiting(name: str) -> list[dict[str, Any]]:
    """Return what is visible in a queue."""
    answer = clients.sqs().receive_message(
        QueueUrl=url(name), MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
    )
    return [dict(message) for message in answer.get("Messages", [])]


def put(recording_id: str = "r1", **fields: Any) -> Recording:
    """Make a row; the settings are the tools' by then or set here."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        settings.get.cache_clear()
        known = {"account_id": "a1", "provider": "bandwidth", "state": State.FAILED, "reason": "http_403"}
        row = table.put(Recording.model_validate(known | {"recording_id": recording_id} | fields), "callback")
    settings.get.cache_clear()
    return row


def row(recording_id: str = "r1", account_id: str = "a1") -> Recording:
    found = table.get(account_id, recording_id)
    assert found is not None
    return found


def hours_ago(hours: float) -> str:
    return times.write(times.now() - timedelta(hours=hours))


def test_the_list_counts_by_queue_reason_and_account(run: Run) -> None:
    times_buried = [hours_ago(hours) for hours in (3, 2, 1)]
    for time in times_buried:
        bury(reason="crashed", buried=time)
    bury(BODY | {"account_id": "a2"})
    bury("garbage", "objects", reason="unreadable")
    found = run("dlq list")
    assert [(group["queue"], group["reason"], group["account"], group["count"]) for group in found] == [
        ("fetch", "crashed", "a1", 3),
        ("fetch", letters.UNEXPLAINED, "a2", 1),
        ("objects", "unreadable", None, 1),
    ]
    assert (found[0]["oldest"], found[0]["newest"]) == (times_buried[0], times_buried[-1])


@pytest.mark.parametrize(
    ("options", "accounts"),
    [
        ("--reason crashed", ["a1"]),
        ("--account a2", ["a2"]),
        ("--older-than 90m", ["a2"]),
        ("--queue objects", []),
        ("--reason crashed --account a2", []),
    ],
)
def test_filters_choose(run: Run, options: str, accounts: list[str]) -> None:
    bury(reason="crashed", buried=hours_ago(1))
    bury(BODY | {"account_id": "a2"}, reason="gone", buried=hours_ago(2))
    assert [group["account"] for group in run(f"dlq list {options}")] == accounts
    assert [group["account"] for group in run(f"dlq redrive {options}")["groups"]] == accounts
    assert [letter["account_id"] for letter in run(f"dlq show {options}", int(not accounts))] == accounts


def test_a_look_hides_nothing_and_sees_each_once(run: Run) -> None:
    for number in range(25):
        bury(BODY | {"recording_id": f"r{number}"})
    for command in ("dlq list", "dlq redrive", "dlq redrive --reason another --yes", "dlq show --limit 3"):
        run(command)
        assert len(waiting("fetch_dead_letters")) == 10
    assert run("dlq list")[0]["count"] == 25


def test_a_look_that_finds_the_same_again_and_again_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "HOLD_SECONDS", 0)
    for number in range(3):
        bury(BODY | {"recording_id": f"r{number}"})
    assert run("dlq list")[0]["count"] == 3


def test_a_letter_is_shown_whole_but_for_numbers_and_secrets(run: Run) -> None:
    bury(BODY | {"extra": {"token": "s3cret"}}, reason="crashed", error="KeyError")
    (letter,) = run("dlq show")
    assert (letter["reason"], letter["error"], letter["recording_id"]) == ("crashed", "KeyError", "r1")
    assert letter["body"] == BODY | {"caller": "***22", "extra": {"token": "***"}}
    (unmasked,) = run(f"dlq show {letter['message_id'][:8]} --unmasked")
    assert json.loads(unmasked["body"])["caller"] == "+15551112222"
    assert run("dlq show nobody", status=1) == []


def test_a_redrive_does_nothing_unless_told(run: Run) -> None:
    bury()
    answer = run("dlq redrive")
    assert (answer["dry_run"], answer["redriven"], answer["groups"][0]["count"]) == (True, 0, 1)
    assert (len(waiting("fetch_dead_letters")), waiting("fetch_queue")) == (1, [])


def test_a_redriven_message_is_where_it_came_from_as_it_was(run: Run) -> None:
    bury(group="a1", reason="crashed")
    bury({"Records": []}, "objects")
    assert run("dlq redrive --yes")["redriven"] == 2
    (message,) = waiting("fetch_queue")
    assert json.loads(message["Body"]) == BODY
    assert message["Attributes"]["MessageGroupId"] == "a1"
    assert [json.loads(message["Body"]) for message in waiting("objects_queue")] == [{"Records": []}]
    assert waiting("fetch_dead_letters") == waiting("objects_dead_letters") == []


def test_what_is_not_chosen_stays(run: Run) -> None:
    bury(reason="crashed")
    bury(BODY | {"recording_id": "r2"}, reason="gone")
    assert run("dlq redrive --reason gone --yes")["redriven"] == 1
    assert [json.loads(message["Body"])["recording_id"] for message in waiting("fetch_queue")] == ["r2"]
    assert [json.loads(message["Body"])["recording_id"] for message in waiting("fetch_dead_letters")] == ["r1"]


def test_a_limit_is_kept_over_all_queues(run: Run) -> None:
    for number in range(3):
        bury(BODY | {"recording_id": f"r{number}"})
    bury({"Records": []}, "objects")
    assert run("dlq redrive --yes --limit 2")["redriven"] == 2
    assert len(waiting("fetch_dead_letters")) == 1
    assert len(waiting("objects_dead_letters")) == 1


def test_what_is_buried_again_at_once_does_not_keep_a_redrive_going(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    redrive = dead_letters.Look.redrive

    def redrive_in_vain(look: dead_letters.Look, letter: letters.Letter, who: str) -> None:
        redrive(look, letter, who)
        bury("garbage", "objects", reason="unreadable")

    monkeypatch.setattr(dead_letters.Look, "redrive", redrive_in_vain)
    bury("garbage", "objects", reason="unreadable")
    answer = run("dlq redrive --yes")
    assert (answer["redriven"], answer["repeated"]) == (1, 1)
    assert len(waiting("objects_dead_letters")) == 1


def test_a_message_that_cannot_be_sent_back_stays_a_dead_letter(run: Run) -> None:
    bury({"Records": []}, "objects")
    bury()
    clients.sqs().delete_queue(QueueUrl=url("fetch_queue"))
    answer = run("dlq redrive --yes", status=1)
    assert (answer["redriven"], answer["failed"]) == (1, 1)
    assert len(waiting("fetch_dead_letters")) == 1


def test_an_interruption_leaves_nothing_hidden(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    bury()
    bury(BODY | {"recording_id": "r2"})
    monkeypatch.setattr(dead_letters.Look, "redrive", interrupt)
    assert cli.main(["dlq", "redrive", "--yes"]) == cli.INTERRUPTED
    assert "interrupted" in capsys.readouterr().err
    assert len(waiting("fetch_dead_letters")) == 2


def test_a_redriven_message_finds_its_failed_row_pending(run: Run) -> None:
    put()
    bury()
    assert run("dlq redrive --yes")["redriven"] == 1
    assert row().state is State.PENDING
    assert row().history[-1].what == "retried by alice"
    assert len(waiting("fetch_queue")) == 1


@pytest.mark.parametrize("state", [State.VERIFIED, State.DELETED, State.PENDING])
def test_a_redrive_touches_no_row_that_has_not_failed(run: Run, state: State) -> None:
    before = put(state=state)
    bury()
    assert run("dlq redrive --yes")["redriven"] == 1
    assert row() == before


def test_a_retry_does_nothing_unless_told(run: Run) -> None:
    put()
    answer = run("retry --account a1")
    assert (answer["dry_run"], answer["outcomes"]) == (True, {})
    assert [(group["reason"], group["count"]) for group in answer["groups"]] == [("http_403", 1)]
    assert row().state is State.FAILED
    assert waiting("fetch_queue") == []


def test_what_failed_is_retried(run: Run) -> None:
    put("r1")
    put("r2", state=State.VERIFIED)
    put("r3", account_id="a2")
    assert run("retry --account a1 --yes")["outcomes"] == {"queued": 1}
    assert (row("r1").state, row("r2").state, row("r3", "a2").state) == (State.PENDING, State.VERIFIED, State.FAILED)
    assert row("r1").history[-1].what == "retried by alice"
    assert [json.loads(message["Body"])["recording_id"] for message in waiting("fetch_queue")] == ["r1"]


@pytest.mark.parametrize(
    ("options", "retried"),
    [
        ("--since 36h", {"r2", "r3"}),
        ("--until 36h", {"r1"}),
        ("--reason gone", {"r2"}),
        ("--id r1 --id r2", {"r1", "r2"}),
        ("--limit 1", {"r1"}),
    ],
)
def test_a_retry_can_be_narrowed(run: Run, options: str, retried: set[str]) -> None:
    put("r1", start_time=hours_ago(48))
    put("r2", start_time=hours_ago(24), reason="gone")
    put("r3", start_time=hours_ago(1))
    run(f"retry --account a1 --yes {options}")
    assert {name for name in ("r1", "r2", "r3") if row(name).state is State.PENDING} == retried


def test_all_accounts_are_those_with_a_parameter(run: Run) -> None:
    for account_id in ("a1", "a2"):
        clients.ssm().put_parameter(Name=f"/callvault/accounts/{account_id}", Value="{}", Type="SecureString")
        put(account_id=account_id)
    put(account_id="a3")
    answer = run("retry --all-accounts --yes")
    assert [group["account"] for group in answer["groups"]] == ["a1", "a2"]
    assert row("r1", "a3").state is State.FAILED


def test_it_is_told_what_the_provider_has_deleted_by_now(capsys: pytest.CaptureFixture[str]) -> None:
    put("r1", source_expires_time=hours_ago(1))
    put("r2", source_expires_time=hours_ago(-1))
    assert cli.main(["retry", "--account", "a1"]) == 0
    assert "1 of them: the time for which the provider keeps a recording is over" in capsys.readouterr().out


def test_a_retry_that_meets_an_outage_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put("r1")
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    assert run("retry --account a1 --yes", status=1)["outcomes"] == {"unavailable": 1}


def test_tables_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    bury(reason="crashed", buried="2026-11-20T10:00:00.000Z")
    assert cli.main(["dlq", "redrive"]) == 0
    head, line, hint = capsys.readouterr().out.splitlines()
    assert head.split() == ["QUEUE", "REASON", "ACCOUNT", "COUNT", "OLDEST", "NEWEST"]
    assert line.split() == ["fetch", "crashed", "a1", "1", "2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00.000Z"]
    assert hint == "Nothing was done: --yes redrives these 1."
    assert cli.main(["dlq", "show"]) == 0
    assert '"caller": "***22"' in capsys.readouterr().out
    assert cli.main(["dlq", "redrive", "--yes"]) == 0
    assert "1 redriven, 0 could not be" in capsys.readouterr().out
    assert cli.main(["dlq", "list"]) == 0
    assert capsys.readouterr().out == "There are no such dead letters.\n"


def test_a_stack_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dlq", "list", "--stack", "another"]) == 1
    assert capsys.readouterr().err == "callvault: There is no stack another in us-east-1: see --stack, AWS_REGION.\n"


def test_a_stack_of_an_older_version_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    boto3.client("cloudformation").create_stack(StackName="old", TemplateBody=json.dumps(template))
    assert cli.main(["dlq", "list", "--stack", "old"]) == 1
    assert "TableName: deploy this version of Callvault first" in capsys.readouterr().err


def test_a_queue_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    clients.sqs().delete_queue(QueueUrl=url("objects_dead_letters"))
    assert cli.main(["dlq", "list"]) == 1
    assert "callvault: The queue did not take the request: " in capsys.readouterr().err


def test_without_credentials_one_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(boto3, "client", refuse)
    assert cli.main(["dlq", "list"]) == 1
    assert capsys.readouterr().err == "callvault: Unable to locate credentials\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "dlq",
        "dlq list --older-than soon",
        "dlq list --older-than 2",
        "dlq redrive --limit 0",
        "dlq list --queue nothing",
        "retry",
        "retry --account a1 --all-accounts",
        "retry --account a1 --since yesterday",
    ],
)
def test_a_wrong_command_line_is_refused(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(line.split())
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"callvault {callvault.__version__}\n"


def test_an_unknown_recording_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["retry", "--account", "a1", "--id", "nobody"]) == 1
    assert capsys.readouterr().err == "callvault: Account a1 has no recording nobody.\n"


def test_every_setting_can_be_learnt_from_the_stack(template: dict[str, Any]) -> None:
    known = {*template["Outputs"], *template["Parameters"], "AccountsPath"}
    assert {name.title().replace("_", "") for name in Settings.model_fields} <= known


def test_every_queue_can_be_chosen(run: Run) -> None:
    for queue in Queue:
        assert run(f"dlq list --queue {queue}") == []
