"""The template, against what the code and the tools take for granted."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callvault import dialects
from callvault.ingest import media
from callvault.messaging import next_attempts
from functions.fetch_media import app as fetch_media
from tools.local.emulator.routes import Route, Router

ROOT = Path(__file__).parents[3]


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    found = template["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource["Type"] == kind}


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each function's name with each statement of its role, conditional ones too."""
    for name, function in resources(template, "AWS::Serverless::Function").items():
        for policy in function["Policies"]:
            for statement in policy["Statement"]:
                yield name, statement["If"][1] if "If" in statement else statement


def test_every_place_that_names_the_python_version_agrees(template: dict[str, Any]) -> None:
    version = (ROOT / ".python-version").read_text().strip()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layer = template["Resources"]["CommonLayer"]
    assert template["Globals"]["Function"]["Runtime"] == f"python{version}"
    assert layer["Metadata"]["BuildMethod"] == f"python{version}"
    assert layer["Properties"]["CompatibleRuntimes"] == [f"python{version}"]
    assert project["project"]["requires-python"].startswith(f">={version},")
    assert project["tool"]["mypy"]["python_version"] == version
    assert project["tool"]["ruff"]["target-version"] == f"py{version.replace('.', '')}"


def test_layer_and_functions_are_built_for_one_architecture(template: dict[str, Any]) -> None:
    layer = template["Resources"]["CommonLayer"]
    [architecture] = template["Globals"]["Function"]["Architectures"]
    assert layer["Metadata"]["BuildArchitecture"] == architecture
    assert layer["Properties"]["CompatibleArchitectures"] == [architecture]


def test_every_function_is_a_folder_and_every_folder_a_function(template: dict[str, Any]) -> None:
    functions = resources(template, "AWS::Serverless::Function")
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert {function["CodeUri"].removeprefix("functions/") for function in functions.values()} == folders
    assert set(functions) == {"".join(map(str.title, folder.split("_"))) for folder in folders}


def test_every_function_has_a_log_group_with_a_retention(template: dict[str, Any]) -> None:
    logs = resources(template, "AWS::Logs::LogGroup")
    for name, function in resources(template, "AWS::Serverless::Function").items():
        assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}
    assert all("RetentionInDays" in log for log in logs.values())


def test_no_permission_is_for_all_resources_or_actions(template: dict[str, Any]) -> None:
    for name, statement in statements(template):
        assert statement["Resource"] != "*", name
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert "*" not in action, name


def test_every_function_that_reads_accounts_may_decrypt_with_their_key_if_there_is_one(
    template: dict[str, Any],
) -> None:
    readers = {name for name, statement in statements(template) if statement["Action"] == "ssm:GetParameter"}
    policy = template["Resources"]["AccountsKeyPolicy"]
    assert {role["Ref"].removesuffix("Role") for role in policy["Properties"]["Roles"]} == readers
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("kms:Decrypt", {"Ref": "AccountsKmsKeyArn"})
    assert template["Conditions"][policy["Condition"]] == {"Not": [{"Equals": [{"Ref": "AccountsKmsKeyArn"}, ""]}]}


def test_a_visibility_timeout_is_at_least_six_times_the_timeout_of_the_function(template: dict[str, Any]) -> None:
    queues = resources(template, "AWS::SQS::Queue")
    fed = 0
    for function in resources(template, "AWS::Serverless::Function").values():
        for event in function["Events"].values():
            if event["Type"] == "SQS":
                queue = queues[event["Properties"]["Queue"]["GetAtt"].removesuffix(".Arn")]
                assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
                assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
                fed += 1
    assert fed >= 2


def test_every_queue_has_a_dead_letter_queue_with_a_longer_retention(template: dict[str, Any]) -> None:
    queues = resources(template, "AWS::SQS::Queue")
    for name, queue in queues.items():
        if not name.endswith("DeadLetters"):
            letters = queues[queue["RedrivePolicy"]["deadLetterTargetArn"]["GetAtt"].removesuffix(".Arn")]
            assert letters["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]
            assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5


@pytest.mark.parametrize(("name", "days"), [("FetchQueue", 2), ("ForwardQueue", 1), ("ParkedQueue", 1)])
def test_attempts_last_a_day_before_sqs_gives_up(template: dict[str, Any], name: str, days: int) -> None:
    receives = template["Resources"][name]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    waited = sum(next_attempts.GAPS[min(attempt, len(next_attempts.GAPS) - 1)] for attempt in range(receives - 1))
    assert waited > days * next_attempts.GIVE_UP_AFTER.total_seconds()


def test_controls_of_calls_have_a_function_of_their_own(template: dict[str, Any]) -> None:
    found = resources(template, "AWS::Serverless::Function").items()
    events = [(name, event["Properties"]) for name, function in found for event in function["Events"].values()]
    router = Router(Route.of(one["Method"], one["Path"], name) for name, one in events if "Path" in one)
    for dialect in dialects.DIALECTS.values():
        own = {
            pattern.replace("/v2/accounts/{account_id}/", "/v2/account/"): actions
            for pattern, actions in dialect.ROUTES.items()
            if pattern.startswith("/v2/accounts/")
        }
        for pattern, actions in {**dialect.ROUTES, **own}.items():
            for method in (*actions, *(("HEAD",) if "GET" in actions else ())):
                route = router.find(method, pattern.replace("{", "").replace("}", ""))
                assert route is not None
                controls = "/calls/" in pattern.lower() and method in {"POST", "PUT"}
                assert route[0].function == ("ControlRecording" if controls else "QueryRecordings"), pattern


def test_the_largest_recording_can_be_copied_in_the_time_of_one_run(template: dict[str, Any]) -> None:
    most = template["Parameters"]["MaxMediaBytes"]["MaxValue"]
    seconds = resources(template, "AWS::Serverless::Function")["FetchMedia"]["Timeout"] - fetch_media.SPARE_SECONDS
    assert most / seconds < 23_000_000  # the rate that the parameter's description names
    assert most <= 10_000 * media.PART_BYTES  # S3's maximum number of parts


def test_every_preflight_reaches_the_function_that_answers_it(template: dict[str, Any]) -> None:
    found = resources(template, "AWS::Serverless::Function").items()
    events = [(name, event["Properties"]) for name, function in found for event in function["Events"].values()]
    router = Router(Route.of(one["Method"], one["Path"], name) for name, one in events if "Path" in one)
    for dialect in dialects.DIALECTS.values():
        for pattern in dialect.ROUTES:
            route = router.find("OPTIONS", pattern.replace("{", "").replace("}", ""))
            assert route is not None, pattern
            assert route[0].function == "QueryRecordings"


def test_the_gateway_sets_no_cors_headers_of_its_own(template: dict[str, Any]) -> None:
    """They would override those of the functions, for every route."""
    assert "CorsConfiguration" not in template["Resources"]["Api"]["Properties"]


def test_every_parameter_is_documented(template: dict[str, Any]) -> None:
    assert all(parameter.get("Description") for parameter in template["Parameters"].values())
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert {name for group in groups for name in group["Parameters"]} == set(template["Parameters"])


def test_access_logs_have_no_path(template: dict[str, Any]) -> None:
    written = template["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"]
    assert "$context.routeKey" in written
    assert "path" not in written.lower()
    assert "querystring" not in written.lower()
