"""What `make deploy` asks, refuses, and runs; the SAM CLI is a stand-in."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO
from unittest.mock import Mock

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from moto.backends import get_backend

from tests import worlds
from tools.deploy import __main__ as tool
from tools.deploy import parameters, sam, stacks

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
BUCKET = "callvault-123456789012-us-east-1"
"""The bucket's name, if the parameter BucketName is blank."""
DEPLOYED = {
    "Parameters": {name: {"Type": "String", "Default": ""} for name in ("AlarmTopicArn", "BucketName")},
    "Resources": {"MediaBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": BUCKET}}},
    "Outputs": {"ApiUrl": {"Value": "https://api.example.com"}},
}


class Terminal:
    """What the user types, and a stand-in of the SAM CLI, which creates a stack."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[str] = []
        self.status = 0
        """The exit status of the SAM CLI."""
        self.opened: list[TextIO] = []
        self._monkeypatch = monkeypatch

    def types(self, text: str) -> None:
        """Connect a pseudo-terminal at which the user types."""
        master, slave = os.openpty()
        os.write(master, text.encode())
        self.opened += [os.fdopen(master), os.fdopen(slave)]
        self._monkeypatch.setattr("sys.stdin", self.opened[-1])

    def sam(self, arguments: Sequence[str]) -> int:
        """Record a command line; create the stack that it deploys."""
        self.commands.append(" ".join(arguments))
        if arguments[0] == "deploy" and not self.status:
            name = arguments[arguments.index("--stack-name") + 1]
            if not stacks.find(name, "us-east-1"):
                deployed(name)
        return self.status

    def given(self) -> Any:
        """Return the parameters that the stand-in of the SAM CLI was given."""
        return yaml.safe_load(sam.GIVEN.read_text()) if "--parameter-overrides" in self.commands[1] else {}


@pytest.fixture(autouse=True)
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Replace the SAM CLI by a stand-in; there is no terminal until the user types."""
    made = Terminal(monkeypatch)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    for name in ("STACK", "PARAMETERS", "ARTIFACT_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sam, "GIVEN", tmp_path / "parameters.yaml")
    monkeypatch.setattr(sam, "run", made.sam)
    monkeypatch.setattr(stacks, "SQS_SECONDS", 0)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        yield made
    for file in made.opened:
        file.close()


def deployed(stack_name: str = "callvault", **parameters: str) -> Any:
    """Create a stack and return its client."""
    client = boto3.client("cloudformation", region_name="us-east-1")
    values = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    boto3.client("s3").list_buckets()  # so that the world resets S3: it does not see what CloudFormation creates
    client.create_stack(
        StackName=stack_name,
        TemplateBody=json.dumps(DEPLOYED).replace("callvault-", f"{stack_name}-"),
        Parameters=values,
    )
    return client


def status(value: str) -> None:
    """Put the stack into a state."""
    [stack] = get_backend("cloudformation")["123456789012"]["us-east-1"].stacks.values()
    stack.status = value


def test_without_a_terminal_everything_has_a_default(terminal: Terminal) -> None:
    assert tool.main() == 0
    build, deploy = terminal.commands
    assert build == "build"
    assert deploy.startswith("deploy --config-env make-deploy --capabilities CAPABILITY_IAM --no-confirm-changeset")
    assert deploy.endswith("--resolve-s3 --stack-name callvault --region us-east-1")
    assert "guided" not in deploy


def test_every_question_may_be_answered_by_enter(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    terminal.types("\n" * 100)
    assert tool.main() == 0
    assert terminal.commands[1].endswith("--resolve-s3 --stack-name callvault --region us-east-1")


def test_an_answer_is_deployed_and_a_wrong_one_is_asked_again(terminal: Terminal, capsys: Any) -> None:
    answers = {"DomainName": "Not A Domain\ncalls.example.com", "AlarmTopicArn": TOPIC}
    names = parameters.read(parameters.TEMPLATE)
    terminal.types("\n".join(["UPPER", "recordings", *(answers.get(name, "") for name in names)]) + "\n")
    assert tool.main() == 0
    assert "--stack-name recordings" in terminal.commands[1]
    assert terminal.given() == {"DomainName": "calls.example.com", "AlarmTopicArn": TOPIC}
    assert "DomainName must have the form" in capsys.readouterr().out


def test_the_environment_gives_name_and_parameters(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "a-2")
    monkeypatch.setenv("PARAMETERS", f"AlarmTopicArn={TOPIC} PublicUrl='https://x.example.com/a b'")
    assert tool.main() == 0
    assert "--stack-name a-2" in terminal.commands[1]
    assert terminal.given() == {"AlarmTopicArn": TOPIC, "PublicUrl": "https://x.example.com/a b"}


def test_a_bucket_for_the_code_may_be_given(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTIFACT_BUCKET", "artifacts")
    assert tool.main() == 0
    assert "--s3-bucket artifacts --s3-prefix callvault" in terminal.commands[1]
    assert "--resolve-s3" not in terminal.commands[1]


@pytest.mark.parametrize("name", ["", "Callvault", "call_vault", "1st", "-a", "a" * 36, "a.b", "a\n"])
def test_a_name_that_makes_no_bucket_is_refused_before_anything_is_built(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, capsys: Any
) -> None:
    monkeypatch.setenv("STACK", name or " ")
    assert tool.main() == 1
    assert "use 1 to 35 of a-z, 0-9 and the hyphen" in capsys.readouterr().err
    assert terminal.commands == []


@pytest.mark.parametrize("name", ["a", "a" * 35, "call-vault-2"])
def test_a_name_of_1_to_35_characters_is_accepted(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("STACK", name)
    assert tool.main() == 0
    assert f"--stack-name {name} " in terminal.commands[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Unknown=1", "NAME=VALUE with one of these names"),
        ("AlarmTopicArn", "NAME=VALUE with one of these names"),
        ("AlarmTopicArn='", "PARAMETERS cannot be read"),
        ("AlarmTopicArn=topic", "must have the form"),
        ("LogRetentionDays=2", "must be one of 1, 3, 5"),
        ("FetchConcurrency=1", "must be at least 2"),
        ("FetchConcurrency=9999999", "must be at most"),
        ("FetchConcurrency=many", "must be a whole number"),
        ("ReservedIngestConcurrency=00", "must be a whole number"),
        ("ReservedIngestConcurrency=\u0663", "must be a whole number"),
    ],
)
def test_a_parameter_that_cloudformation_would_refuse_is_refused_before_anything_is_built(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any, given: str, said: str
) -> None:
    monkeypatch.setenv("PARAMETERS", given)
    assert tool.main() == 1
    assert said in capsys.readouterr().err
    assert terminal.commands == []


def test_without_terminal_and_region_nothing_is_deployed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    assert tool.main() == 1
    assert "set AWS_REGION" in capsys.readouterr().err
    assert terminal.commands == []


def test_the_upload_user_needs_an_account_before_anything_is_built(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("PARAMETERS", "CreateKazooUploadUser=true")
    assert tool.main() == 1
    assert terminal.commands == []
    assert "CreateKazooUploadUser needs KazooUploadAccount" in capsys.readouterr().err
    monkeypatch.setenv("PARAMETERS", "CreateKazooUploadUser=true KazooUploadAccount=acme")
    assert tool.main() == 0
    assert "WARNING: KazooUploadAccount" not in capsys.readouterr().out
    monkeypatch.setenv("PARAMETERS", "CreateKazooUploadUser=true KazooUploadAccount=*")
    assert tool.main() == 0
    assert "WARNING: KazooUploadAccount is *" in capsys.readouterr().out


def test_an_event_bus_has_to_exist_before_anything_is_built(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("PARAMETERS", "EventBusName=recordings")
    assert tool.main() == 1
    assert "The event bus recordings (EventBusName) does not exist in us-east-1" in capsys.readouterr().err
    assert terminal.commands == []
    boto3.client("events", region_name="us-east-1").create_event_bus(Name="recordings")
    assert tool.main() == 0
    assert terminal.given() == {"EventBusName": "recordings"}


def test_an_event_bus_that_eventbridge_does_not_describe_is_warned_of_and_deployed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    client = boto3.client("events", region_name="us-east-1")
    worlds.fail(monkeypatch, client, "describe_event_bus", "AccessDeniedException")
    other = boto3.client
    monkeypatch.setattr(boto3, "client", lambda name, **more: client if name == "events" else other(name, **more))
    monkeypatch.setenv("PARAMETERS", "EventBusName=recordings")
    assert tool.main() == 0
    assert "whether the event bus recordings exists (AccessDeniedException)" in capsys.readouterr().out
    assert len(terminal.commands) == 2


def test_an_existing_stack_keeps_the_parameters_that_are_not_given(terminal: Terminal, capsys: Any) -> None:
    deployed(AlarmTopicArn=TOPIC)
    terminal.types("\n" * 100)
    assert tool.main() == 0
    assert terminal.given() == {}
    assert f"AlarmTopicArn [{TOPIC}]: " in capsys.readouterr().out


def test_a_hyphen_makes_a_parameter_of_an_existing_stack_blank(terminal: Terminal) -> None:
    deployed(AlarmTopicArn=TOPIC)
    names = parameters.read(parameters.TEMPLATE)
    terminal.types("\n".join(["", *("-" if name == "AlarmTopicArn" else "" for name in names)]) + "\n")
    assert tool.main() == 0
    assert terminal.given() == {"AlarmTopicArn": ""}


def test_the_name_of_a_deployed_bucket_cannot_be_changed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    deployed()
    monkeypatch.setenv("PARAMETERS", "BucketName=others")
    assert tool.main() == 1
    assert f"The bucket's name cannot be changed from {BUCKET} to others" in capsys.readouterr().err
    assert terminal.commands == []


@pytest.mark.parametrize(("given", "name"), [("", BUCKET), ("BucketName=kept", "kept")])
def test_a_first_deployment_over_a_kept_bucket_is_refused_before_anything_is_built(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any, given: str, name: str
) -> None:
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=name)
    monkeypatch.setenv("PARAMETERS", given)
    assert tool.main() == 1
    assert f"The bucket {name} exists already" in capsys.readouterr().err
    assert terminal.commands == []


def test_a_bucket_that_s3_does_not_describe_is_warned_of_and_deployed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Amazon S3, HeadBucket: 403 is also the answer to a caller without permission."""
    forbidden = ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")
    client = boto3.client("s3", region_name="us-east-1")
    monkeypatch.setattr(client, "head_bucket", Mock(side_effect=forbidden))
    other = boto3.client
    monkeypatch.setattr(boto3, "client", lambda name, **more: client if name == "s3" else other(name, **more))
    assert tool.main() == 0
    assert f"whether the bucket {BUCKET} exists" in capsys.readouterr().out
    assert len(terminal.commands) == 2


def test_a_first_deployment_that_failed_is_removed_and_repeated(terminal: Terminal) -> None:
    client = deployed()
    status("ROLLBACK_COMPLETE")
    assert tool.main() == 0
    states = [one["StackStatus"] for one in client.list_stacks()["StackSummaries"]]
    assert sorted(states) == ["CREATE_COMPLETE", "DELETE_COMPLETE"]
    assert len(terminal.commands) == 2


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("ROLLBACK_FAILED", "delete the stack"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
        ("UPDATE_IN_PROGRESS", "wait until"),
    ],
)
def test_a_stack_that_cannot_be_updated_is_left_alone(terminal: Terminal, capsys: Any, state: str, said: str) -> None:
    deployed()
    status(state)
    assert tool.main() == 1
    assert said in capsys.readouterr().err
    assert terminal.commands == []


def test_no_later_update_may_replace_or_remove_bucket_and_table(terminal: Terminal, capsys: Any) -> None:
    client = deployed()
    assert tool.main() == 0
    policy = json.loads(client.get_stack_policy(StackName="callvault")["StackPolicyBody"])
    [denied] = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
    assert denied["Action"] == ["Update:Replace", "Update:Delete"]
    assert denied["Resource"] == ["LogicalResourceId/MediaBucket", "LogicalResourceId/RecordingsTable"]
    assert "ApiUrl: https://api.example.com" in capsys.readouterr().out


def test_the_stack_policy_names_resources_of_the_template(template: dict[str, Any]) -> None:
    assert set(stacks.KEPT) <= set(template["Resources"])


def test_a_stack_policy_of_the_users_own_stays(terminal: Terminal) -> None:
    client = deployed()
    own = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]})
    client.set_stack_policy(StackName="callvault", StackPolicyBody=own)
    assert tool.main() == 0
    assert client.get_stack_policy(StackName="callvault")["StackPolicyBody"] == own


def test_a_build_that_fails_is_not_deployed(terminal: Terminal) -> None:
    terminal.status = 3
    assert tool.main() == 3
    assert terminal.commands == ["build"]


def test_the_end_of_the_input_deploys_nothing(terminal: Terminal) -> None:
    terminal.types("\n\x04")
    assert tool.main() == 130
    assert terminal.commands == []
