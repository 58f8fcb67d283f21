"""The operator's command line, against a stack in memory."""

import functools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

import callvault
from callvault import accounts, clients, settings, times
from callvault.account_parameter import Account
from callvault.errors import UnavailableError
from callvault.ingest import backfill, transcripts
from callvault.messaging import attempt_logs
from callvault.messaging.dead_letters import UNEXPLAINED, DeadLetter
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.providers.look_ups import STORED_ELSEWHERE
from callvault.settings import Settings
from callvault.storage import notes, table
from callvault.values import Attempt
from tests import reasons, worlds
from tests.conftest import ENVIRONMENT
from tests.unit.tools.ops import stacks
from tools.ops import cli, inspection, registry, selection
from tools.ops.inspection import Inspection

type Run = Callable[..., Any]

VALID = '{"provider": "bandwidth"}'
BODY = {"account_id": "a1", "recording_id": "r1", "provider": "bandwidth", "state": "pending", "caller": "+15551112222"}

row = functools.partial(worlds.row, account_id="a1")


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any]) -> None:
    """Create a stack with the template's outputs and parameters.

    Their values are the queues, the table and the bucket of the tests.
    """
    stacks.create(monkeypatch, template)
    clients.ssm().put_parameter(Name="/callvault/accounts/a1", Value=VALID, Type="SecureString")
    accounts.forget()
    monkeypatch.setattr(inspection, "WAIT_SECONDS", 0)
    monkeypatch.setattr(registry, "operator", lambda: "alice")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command, checks its exit status and returns its JSON."""

    def run_command(line: str, status: int = 0) -> Any:
        capsys.readouterr()
        assert cli.main([*line.split(), "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return run_command


def url(name: str) -> str:
    return ENVIRONMENT[f"{name.upper()}_URL"]


def dead_letter(body: object = BODY, queue: str = "fetch", group: str | None = None, **said: str) -> None:
    """Send a message to a dead-letter queue."""
    attributes: Any = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    grouped: Any = {"MessageGroupId": group} if group else {}
    clients.sqs().send_message(
        QueueUrl=url(f"{queue}_dead_letters"), MessageBody=json.dumps(body), MessageAttributes=attributes, **grouped
    )


def waiting(name: str) -> list[dict[str, Any]]:
    """Return the visible messages of a queue."""
    answer = clients.sqs().receive_message(
        QueueUrl=url(name), MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
    )
    return [dict(message) for message in answer.get("Messages", [])]


def put_in_stack(recording_id: str = "r1", **fields: Any) -> Recording:
    """Write the row of a failed recording, with changes, although no setting is in force here."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        settings.get.cache_clear()
        failed: dict[str, Any] = {"account_id": "a1", "state": State.FAILED, "reason": "http_403"}
        written = worlds.put(recording_id, **failed | fields)
    settings.get.cache_clear()
    return written


def hours_ago(hours: float) -> str:
    return times.write(times.now() - timedelta(hours=hours))


def test_the_list_counts_by_queue_reason_and_account(run: Run) -> None:
    dead_lettered = [hours_ago(hours) for hours in (3, 2, 1)]
    for time in dead_lettered:
        dead_letter(reason="crashed", buried=time)
    dead_letter(BODY | {"account_id": "a2"})
    dead_letter("garbage", "objects", reason="unreadable")
    found = run("dlq list")
    assert [(group["queue"], group["reason"], group["account"], group["count"]) for group in found] == [
        ("fetch", "crashed", "a1", 3),
        ("fetch", UNEXPLAINED, "a2", 1),
        ("objects", "unreadable", None, 1),
    ]
    assert (found[0]["oldest"], found[0]["newest"]) == (dead_lettered[0], dead_lettered[-1])


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
def test_options_filter_dead_letters(run: Run, options: str, accounts: list[str]) -> None:
    dead_letter(reason="crashed", buried=hours_ago(1))
    dead_letter(BODY | {"account_id": "a2"}, reason="gone", buried=hours_ago(2))
    assert [group["account"] for group in run(f"dlq list {options}")] == accounts
    assert [group["account"] for group in run(f"dlq redrive {options}")["groups"]] == accounts
    assert [shown["account_id"] for shown in run(f"dlq show {options}", int(not accounts))] == accounts


def test_an_inspection_leaves_all_messages_visible_and_yields_each_once(run: Run) -> None:
    for number in range(25):
        dead_letter(BODY | {"recording_id": f"r{number}"})
    for command in ("dlq list", "dlq redrive", "dlq redrive --reason another --yes", "dlq show --limit 3"):
        run(command)
        assert len(waiting("fetch_dead_letters")) == 10
    assert run("dlq list")[0]["count"] == 25


def test_an_inspection_that_receives_the_same_messages_again_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "HOLD_SECONDS", 0)
    for number in range(3):
        dead_letter(BODY | {"recording_id": f"r{number}"})
    assert run("dlq list")[0]["count"] == 3


def test_a_dead_letter_is_shown_in_full_with_numbers_and_secrets_masked(run: Run) -> None:
    dead_letter(BODY | {"extra": {"token": "s3cret"}}, reason="crashed", error="KeyError")
    (shown,) = run("dlq show")
    assert (shown["reason"], shown["error"], shown["recording_id"]) == ("crashed", "KeyError", "r1")
    assert shown["body"] == BODY | {"caller": "***22", "extra": {"token": "***"}}
    (unmasked,) = run(f"dlq show {shown['message_id'][:8]} --unmasked")
    assert json.loads(unmasked["body"])["caller"] == "+15551112222"
    assert run("dlq show nobody", status=1) == []


def test_a_redrive_without_yes_changes_nothing(run: Run) -> None:
    dead_letter()
    answer = run("dlq redrive")
    assert (answer["dry_run"], answer["redriven"], answer["groups"][0]["count"]) == (True, 0, 1)
    assert (len(waiting("fetch_dead_letters")), waiting("fetch_queue")) == (1, [])


def test_a_redriven_message_is_in_its_queue_unchanged(run: Run) -> None:
    dead_letter(group="a1", reason="crashed")
    dead_letter({"Records": []}, "objects")
    assert run("dlq redrive --yes")["redriven"] == 2
    (message,) = waiting("fetch_queue")
    assert json.loads(message["Body"]) == BODY
    assert message["Attributes"]["MessageGroupId"] == "a1"
    assert [json.loads(message["Body"]) for message in waiting("objects_queue")] == [{"Records": []}]
    assert waiting("fetch_dead_letters") == waiting("objects_dead_letters") == []


def test_a_redrive_leaves_other_dead_letters(run: Run) -> None:
    dead_letter(reason="crashed")
    dead_letter(BODY | {"recording_id": "r2"}, reason="gone")
    assert run("dlq redrive --reason gone --yes")["redriven"] == 1
    assert [json.loads(message["Body"])["recording_id"] for message in waiting("fetch_queue")] == ["r2"]
    assert [json.loads(message["Body"])["recording_id"] for message in waiting("fetch_dead_letters")] == ["r1"]


def test_a_limit_counts_over_all_queues(run: Run) -> None:
    for number in range(3):
        dead_letter(BODY | {"recording_id": f"r{number}"})
    dead_letter({"Records": []}, "objects")
    assert run("dlq redrive --yes --limit 2")["redriven"] == 2
    assert len(waiting("fetch_dead_letters")) == 1
    assert len(waiting("objects_dead_letters")) == 1


def test_a_message_that_is_dead_lettered_again_at_once_is_redriven_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    redrive = Inspection.redrive

    def redrive_without_success(inspected: Inspection, one: DeadLetter, operator: str) -> None:
        redrive(inspected, one, operator)
        dead_letter("garbage", "objects", reason="unreadable")

    monkeypatch.setattr(Inspection, "redrive", redrive_without_success)
    dead_letter("garbage", "objects", reason="unreadable")
    answer = run("dlq redrive --yes")
    assert (answer["redriven"], answer["repeated"]) == (1, 1)
    assert len(waiting("objects_dead_letters")) == 1


def test_a_message_whose_redrive_fails_stays_a_dead_letter(run: Run) -> None:
    dead_letter({"Records": []}, "objects")
    dead_letter()
    clients.sqs().delete_queue(QueueUrl=url("fetch_queue"))
    answer = run("dlq redrive --yes", status=1)
    assert (answer["redriven"], answer["failed"]) == (1, 1)
    assert len(waiting("fetch_dead_letters")) == 1


def test_an_interruption_leaves_all_messages_visible(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    dead_letter()
    dead_letter(BODY | {"recording_id": "r2"})
    monkeypatch.setattr(Inspection, "redrive", interrupt)
    assert cli.main(["dlq", "redrive", "--yes"]) == registry.INTERRUPTED
    said = capsys.readouterr().err
    assert said.endswith("callvault: interrupted; dead letters that were not redriven are visible again.\n")
    assert len(waiting("fetch_dead_letters")) == 2


@pytest.mark.parametrize("queue", ["fetch", "backfill"])
def test_a_redriven_message_finds_its_failed_row_pending(run: Run, queue: str) -> None:
    put_in_stack()
    dead_letter(queue=queue)
    assert run("dlq redrive --yes")["redriven"] == 1
    assert row("r1").state is State.PENDING
    assert row("r1").history[-1].what == "retried by alice"
    assert len(waiting(f"{queue}_queue")) == 1


@pytest.mark.parametrize("state", [State.VERIFIED, State.DELETED, State.PENDING])
def test_a_redrive_changes_no_row_that_has_not_failed(run: Run, state: State) -> None:
    before = put_in_stack(state=state)
    dead_letter()
    assert run("dlq redrive --yes")["redriven"] == 1
    assert row("r1") == before


def test_a_retry_without_yes_changes_nothing(run: Run) -> None:
    put_in_stack()
    answer = run("retry --account a1")
    assert (answer["dry_run"], answer["outcomes"]) == (True, {})
    assert [(group["reason"], group["count"]) for group in answer["groups"]] == [("http_403", 1)]
    assert row("r1").state is State.FAILED
    assert waiting("fetch_queue") == []


def test_failed_recordings_are_retried(run: Run) -> None:
    put_in_stack("r1")
    put_in_stack("r2", state=State.VERIFIED)
    put_in_stack("r3", account_id="a2")
    assert run("retry --account a1 --yes")["outcomes"] == {"queued": 1}
    assert (row("r1").state, row("r2").state, row("r3", account_id="a2").state) == (
        State.PENDING,
        State.VERIFIED,
        State.FAILED,
    )
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
    put_in_stack("r1", start_time=hours_ago(48))
    put_in_stack("r2", start_time=hours_ago(24), reason="gone")
    put_in_stack("r3", start_time=hours_ago(1))
    run(f"retry --account a1 --yes {options}")
    assert {name for name in ("r1", "r2", "r3") if row(name).state is State.PENDING} == retried


def test_all_accounts_are_those_with_an_ssm_parameter(run: Run) -> None:
    clients.ssm().put_parameter(Name="/callvault/accounts/a2", Value="{}", Type="SecureString")
    for account_id in ("a1", "a2"):
        put_in_stack(account_id=account_id)
    put_in_stack(account_id="a3")
    answer = run("retry --all-accounts --yes")
    assert [group["account"] for group in answer["groups"]] == ["a1", "a2"]
    assert row("r1", account_id="a3").state is State.FAILED


def test_recordings_that_the_provider_has_probably_deleted_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    put_in_stack("r1", source_expires_time=hours_ago(1))
    put_in_stack("r2", source_expires_time=hours_ago(-1))
    assert cli.main(["retry", "--account", "a1"]) == 0
    assert "Probably deleted by the provider, whose retention period is over: 1." in capsys.readouterr().out


def test_a_retry_during_an_outage_reports_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_stack("r1")
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    assert run("retry --account a1 --yes", status=1)["outcomes"] == {"unavailable": 1}


def put_pending(recording_id: str = "r1", **fields: Any) -> Recording:
    attempt = Attempt(count=3, reason="http_503", next_time=hours_ago(-1))
    return put_in_stack(recording_id, **{"state": State.PENDING, "reason": None, "attempt": attempt} | fields)


def test_a_retry_says_what_is_pending_and_why(run: Run) -> None:
    later = Attempt(count=5, reason="http_503", next_time=hours_ago(-2))
    first = put_pending("r1", start_time=hours_ago(2))
    put_pending("r2", start_time=hours_ago(1), attempt=later)
    put_pending("r3", attempt=None)
    put_pending("r4", state=State.VERIFIED)
    answer = run("retry --account a1")
    assert answer["groups"] == []
    fresh, failing = answer["pending"]
    assert (fresh["reason"], fresh["count"], fresh["attempts"], fresh["next_attempt"]) == (None, 1, 0, None)
    assert (failing["account"], failing["reason"], failing["count"], failing["attempts"]) == ("a1", "http_503", 2, 5)
    assert first.attempt is not None
    assert first.attempt.next_time is not None
    assert failing["next_attempt"] == times.write(first.attempt.next_time)
    assert waiting("fetch_queue") == []


def test_a_retry_includes_what_was_not_compared_with_crossbar(run: Run) -> None:
    note = f"{notes.NOT_COMPARED}: http_503"
    for recording_id, found in (("r1", (note,)), ("r2", ())):
        fields: dict[str, Any] = {"state": State.VERIFIED, "media": worlds.media(), "discrepancies": found}
        put_in_stack(recording_id, provider="kazoo", reason=None, **fields)
    answer = run("retry --account a1 --reason not_compared --yes")
    assert [(group["reason"], group["count"]) for group in answer["groups"]] == [("not_compared", 1)]
    assert answer["outcomes"] == {"queued": 1}
    assert [one.recording_id for one in worlds.queued_recordings()] == ["r1"]


def test_a_retry_without_hurry_leaves_pending_recordings_alone(run: Run) -> None:
    put_pending()
    assert run("retry --account a1 --yes")["outcomes"] == {}
    assert (row("r1").revision, waiting("fetch_queue")) == (1, [])


def test_pending_recordings_are_hurried(run: Run) -> None:
    put_pending("r1")
    put_in_stack("r2")
    put_pending("r3", state=State.STORED)
    assert run("retry --account a1 --hurry")["dry_run"]
    assert waiting("fetch_queue") == []
    assert run("retry --account a1 --hurry --yes")["outcomes"] == {"hurried": 1, "queued": 1}
    assert {json.loads(message["Body"])["recording_id"] for message in waiting("fetch_queue")} == {"r1", "r2"}
    assert row("r1").state is State.PENDING
    assert row("r1").history[-1].what == "hurried by alice"


@pytest.mark.parametrize(
    ("options", "hurried"),
    [("--reason http_503", {"r1"}), ("--reason gone", set()), ("--id r2", {"r2"}), ("--limit 1", {"r1"})],
)
def test_a_hurry_can_be_narrowed(run: Run, options: str, hurried: set[str]) -> None:
    put_pending("r1", start_time=hours_ago(2))
    put_pending("r2", start_time=hours_ago(1), attempt=None)
    run(f"retry --account a1 --hurry --yes {options}")
    assert {json.loads(message["Body"])["recording_id"] for message in waiting("fetch_queue")} == hurried


def test_a_recording_that_another_writer_changed_is_not_hurried(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put_pending()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    assert run("retry --account a1 --hurry --yes")["outcomes"] == {"left": 1}
    assert waiting("fetch_queue") == []


def test_pending_recordings_are_a_table_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    put_pending()
    assert cli.main(["retry", "--account", "a1"]) == 0
    none, _, title, head, line, hint = capsys.readouterr().out.splitlines()
    assert none == "There are no such failed recordings."
    assert title == "Pending, and attempted again without a retry:"
    assert "ATTEMPTS  NEXT ATTEMPT" in head
    assert line.split()[:3] == ["a1", "http_503", "1"]
    assert hint == "Nothing was changed. Add --hurry --yes to attempt the pending recordings now."
    assert cli.main(["retry", "--account", "a1", "--hurry", "--yes"]) == 0
    assert "0 queued, 0 pending, 0 left, 1 hurried, 0 unavailable." in capsys.readouterr().out


def test_recordings_that_are_stored_elsewhere_can_be_retried_by_their_reason(run: Run) -> None:
    put_in_stack("r1")
    put_in_stack("r2", state=State.ABSENT, reason=STORED_ELSEWHERE)
    put_in_stack("r3", state=State.ABSENT, reason="unknown")
    run(f"retry --account a1 --yes --reason {STORED_ELSEWHERE}")
    assert [row(name).state for name in ("r1", "r2", "r3")] == [State.FAILED, State.PENDING, State.ABSENT]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--account a9", "There is no account a9: no parameter /callvault/accounts/a9."),
        ("--account a/b", "There is no account a/b: no parameter /callvault/accounts/a/b."),
        ("--account a1 --since 1d --until 3d", "--since is later than --until."),
        ("--account a1 --id nobody", "Account a1 has no recording nobody."),
        ("--all-accounts --id nobody", "No account has a recording nobody."),
        (
            "--account a1 --reason htp_403",
            "There is no reason htp_403. docs/operate/failures.md lists the reasons.",
        ),
        (
            "--all-accounts --reason not_adio",
            "There is no reason not_adio. Did you mean not_audio? docs/operate/failures.md lists the reasons.",
        ),
        (
            "--account a1 --reason no_audio",
            "no_audio is a reason of absent recordings. They have no audio that could be fetched.",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    put_in_stack()
    assert cli.main(["retry", "--yes", *line.split()]) == 2
    assert capsys.readouterr().err == f"callvault: {sentence}\n"
    assert row("r1").state is State.FAILED


def test_a_wrong_id_among_others_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    put_in_stack()
    assert cli.main(["retry", "--account", "a1", "--yes", "--id", "r1", "--id", "nobody"]) == 2
    assert row("r1").state is State.FAILED


def test_the_period_of_a_retry_includes_its_last_day(run: Run) -> None:
    put_in_stack(start_time=hours_ago(0))
    today = f"{times.now():%Y-%m-%d}"
    assert run(f"retry --account a1 --since {today} --until {today}")["groups"][0]["count"] == 1


def test_an_id_that_is_given_twice_is_counted_once(run: Run) -> None:
    put_in_stack()
    answer = run("retry --account a1 --id r1 --id r1 --yes")
    assert (answer["groups"][0]["count"], answer["outcomes"]) == (1, {"queued": 1})


def test_an_id_of_a_recording_that_has_not_failed_is_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    put_in_stack(state=State.DELETED)
    assert cli.main(["retry", "--account", "a1", "--id", "r1"]) == 0
    assert capsys.readouterr().err == "callvault: a1 r1 is deleted, and left.\n"
    assert run("retry --account a1 --id r1 --yes")["outcomes"] == {"left": 1}
    assert row("r1").state is State.DELETED


def test_an_id_may_belong_to_any_of_all_accounts(run: Run) -> None:
    clients.ssm().put_parameter(Name="/callvault/accounts/a2", Value="{}", Type="SecureString")
    put_in_stack("r2", account_id="a2")
    assert run("retry --all-accounts --yes --id r2")["outcomes"] == {"queued": 1}


def test_a_retry_says_that_the_parameter_of_its_account_is_invalid(capsys: pytest.CaptureFixture[str]) -> None:
    value = '{"provider": "twillio"}'
    clients.ssm().put_parameter(Name="/callvault/accounts/a1", Value=value, Type="SecureString", Overwrite=True)
    put_in_stack()
    assert cli.main(["retry", "--account", "a1"]) == 0
    said = capsys.readouterr().err
    assert "The parameter of account a1 is invalid: provider (Value error, must be one of bandwidth" in said
    assert "its callbacks are parked" in said


def test_a_parameter_that_the_operator_may_not_decrypt_is_not_called_invalid(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> Account:
        raise UnavailableError("accounts_unavailable", "AccessDeniedException")

    monkeypatch.setattr(accounts, "get", refuse)
    put_in_stack()
    assert cli.main(["retry", "--account", "a1"]) == 0
    assert "invalid" not in capsys.readouterr().err


def test_a_reason_that_no_recording_has_is_no_error(run: Run) -> None:
    put_in_stack()
    for reason in ("http_500", "gone"):
        assert run(f"retry --account a1 --reason {reason}")["groups"] == []


def test_every_reason_in_the_code_may_be_asked_for() -> None:
    of_forwards = {"not_signed", "forbidden_address"}  # they have no row
    of_lists = {"endless_list"}  # nor have these
    of_rows = {attempt_logs.CRASHED, selection.NOT_COMPARED, transcripts.UNANSWERED, STORED_ELSEWHERE, backfill.SOURCE}
    found = {reason for reason in reasons.in_code() if not reason.endswith("_")} - of_forwards - of_lists
    assert found == selection.REASONS - of_rows


def test_without_json_the_output_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    dead_letter(reason="crashed", buried="2026-11-20T10:00:00.000Z")
    assert cli.main(["dlq", "redrive"]) == 0
    head, line, hint = capsys.readouterr().out.splitlines()
    assert head.split() == ["QUEUE", "REASON", "ACCOUNT", "COUNT", "OLDEST", "NEWEST"]
    assert line.split() == ["fetch", "crashed", "a1", "1", "2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00.000Z"]
    assert hint == "Nothing was changed. Add --yes to redrive these messages: 1."
    assert cli.main(["dlq", "show"]) == 0
    assert '"caller": "***22"' in capsys.readouterr().out
    assert cli.main(["dlq", "redrive", "--yes"]) == 0
    assert "Redriven: 1. Failed, and still dead letters: 0." in capsys.readouterr().out
    assert cli.main(["dlq", "list"]) == 0
    assert capsys.readouterr().out == "There are no such dead letters.\n"


@pytest.mark.parametrize("options", [[], ["--unmasked"], ["--json"]])
def test_a_dead_letter_cannot_write_control_characters_to_the_terminal(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    dead_letter("\x9b31m not JSON \u202e\r\n", reason="unreadable")
    dead_letter(BODY | {"name": "\x1b[31m\x7f\x9b\u202e"}, reason="crashed")
    assert cli.main(["dlq", "show", *options]) == 0
    assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_a_missing_stack_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dlq", "list", "--stack", "another"]) == 1
    assert (
        capsys.readouterr().err == "callvault: There is no stack another in us-east-1: check --stack and AWS_REGION.\n"
    )


def test_a_stack_is_looked_for_in_the_region_of_aws_region(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert cli.main(["dlq", "list", "--stack", "another"]) == 1
    assert "no stack another in eu-west-1" in capsys.readouterr().err


def test_a_stack_of_an_older_version_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    boto3.client("cloudformation").create_stack(StackName="old", TemplateBody=json.dumps(template))
    assert cli.main(["dlq", "list", "--stack", "old"]) == 1
    assert "TableName: deploy this version of Callvault first" in capsys.readouterr().err


def test_a_missing_queue_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    clients.sqs().delete_queue(QueueUrl=url("objects_dead_letters"))
    assert cli.main(["dlq", "list"]) == 1
    assert "callvault: The queue did not accept the request: " in capsys.readouterr().err


def test_missing_credentials_are_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(boto3, "client", refuse)
    assert cli.main(["dlq", "list"]) == 1
    said, advice = capsys.readouterr().err.splitlines()
    assert said == "callvault: Unable to locate credentials"
    assert advice.startswith("Set AWS_PROFILE ")


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
    assert cli.main(line.split()) == 2
    assert "error: " in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"callvault {callvault.__version__}\n"


def test_every_setting_is_an_output_or_a_parameter_of_the_stack(template: dict[str, Any]) -> None:
    known = {*template["Outputs"], *template["Parameters"], "AccountsPath"}
    assert {name.title().replace("_", "") for name in Settings.model_fields} <= known


def test_every_queue_can_be_chosen(run: Run) -> None:
    for queue in Queue:
        assert run(f"dlq list --queue {queue}") == []
