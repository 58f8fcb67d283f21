"""What the pages list is what the template and the code have."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from callvault import account_parameter, alarm_messages, clients, settings
from callvault.ingest import backfill, naming
from callvault.messaging import attempt_logs, dead_letters
from callvault.models import State
from callvault.providers import PROVIDERS, look_ups
from callvault.providers.bandwidth import resources as bandwidth
from callvault.providers.kazoo import documents as kazoo
from callvault.providers.laml import resource_fields as laml
from callvault.providers.telnyx import recordings as telnyx
from callvault.storage import rows
from callvault.upkeep.reconcile import outcomes
from tests import reasons, worlds
from tests.docs import blocks
from tests.unit.stack.test_template import resources
from tools.deploy import stacks
from tools.docs import lines
from tools.ops import cli, costs, prices, selection

ROOT = blocks.ROOT
DEPLOYING = ("getting-started.md", "operate/upgrade.md", "operate/encryption.md")
"""The pages with commands that deploy."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_the_page_of_alarms_describes_exactly_the_templates_alarms(template: dict[str, Any]) -> None:
    described = re.findall(r"^### (\w+)$", page("operate/alarms.md"), re.MULTILINE)
    assert sorted(described) == sorted(resources(template, "AWS::CloudWatch::Alarm"))


def test_the_helpers_of_the_page_of_alarms_name_resources_of_the_template(template: dict[str, Any]) -> None:
    named = {f"{name}Logs" for name in re.findall(r"\$\(group (\w+)\)", page("operate/alarms.md"))}
    named |= set(re.findall(r"\$\(resource (\w+)\)", page("operate/alarms.md")))
    assert named <= set(template["Resources"])


def test_the_log_messages_that_the_pages_filter_by_are_those_that_alarms_depend_on() -> None:
    known = {value for name, value in vars(alarm_messages).items() if name.isupper()}
    filtered = {message for path in (ROOT / "docs").rglob("*.md") for message in messages(path.read_text())}
    assert filtered
    assert filtered <= known


def messages(text: str) -> list[str]:
    return re.findall(r'\$\.message = "([^"]+)"', text)


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_the_account_on_a_providers_page_is_valid(provider: str) -> None:
    name = f"docs/connect/{provider}.md"
    assert account_parameter.parse("1234", blocks.account(name)).provider == provider


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_providers_page_sets_the_variables_of_its_own_account(provider: str) -> None:
    """With those of another page, the commands would change the account of that page."""
    name, known = f"docs/connect/{provider}.md", {"STACK", "API"}
    commands = [one.text for one in blocks.read(name, (ROOT / name).read_text()) if one.language == "sh"]
    assert any("put-parameter" in text for text in commands)
    for text in commands:
        known |= set(re.findall(r"\b([A-Z][A-Z_]+)=", text))
        assert set(re.findall(r"\$\{?([A-Z][A-Z_]+)", text)) <= known, text


def test_a_providers_page_overwrites_no_account_on_aws() -> None:
    writing = [one for one in blocks.every() if one.marker == "needs: aws" and "put-parameter" in one.text]
    connecting = [one for one in writing if one.page.startswith("docs/connect/")]
    assert len(connecting) == len(PROVIDERS)
    assert [str(one) for one in connecting if "--overwrite" in one.text] == []


def test_get_started_says_how_many_questions_a_deployment_asks(template: dict[str, Any]) -> None:
    """It gives one parameter, and exports the stack's name and the region."""
    [number] = re.findall(r"`make deploy` asks up to (\d+) questions", page("getting-started.md"))
    assert int(number) == len(template["Parameters"]) - 1


def test_the_parameters_that_the_pages_give_to_a_deployment_exist(template: dict[str, Any]) -> None:
    commands = re.findall(r'PARAMETERS="(.*?)"', "".join(map(page, DEPLOYING)), re.DOTALL)
    given = {name for command in commands for name in re.findall(r"\b([A-Z]\w+)=", command)}
    assert {"AlarmTopicArn", "DomainName", "KmsKeyArn"} <= given
    assert given <= set(template["Parameters"])


def test_nothing_follows_a_deployment_in_its_block() -> None:
    """Who pastes the block would answer the questions with the next line."""
    asking = [one for one in blocks.every() if re.search("^make deploy", one.text, re.MULTILINE)]
    assert len(asking) >= 4
    assert [str(one) for one in asking if not one.text.splitlines()[-1].startswith("make deploy")] == []


def test_the_commands_for_aws_name_the_accounts_by_the_stacks_variable() -> None:
    commands = [one for one in blocks.every() if one.marker == "needs: aws" and "put-parameter" in one.text]
    assert len(commands) > len(PROVIDERS)
    assert [str(one) for one in commands if '--name "/$STACK/accounts/$ACCOUNT"' not in one.text] == []


def test_the_page_of_upgrades_names_every_state_that_a_deployment_cannot_leave() -> None:
    assert [state for state in stacks.HELPLESS if f"`{state}`" not in page("operate/upgrade.md")] == []


def test_before_a_stack_is_removed_every_queue_is_counted() -> None:
    """A queue and its dead letters are deleted with the stack."""
    [listed] = re.findall(r"for queue in (.*?); do", page("operate/upgrade.md"), re.DOTALL)
    names = [setting.removesuffix("_url") for setting in settings.Settings.model_fields if setting.endswith("_url")]
    queues = {name.title().replace("_", "") for name in names if name.endswith(("_queue", "_dead_letters"))}
    assert set(re.findall(r"\w+", listed)) == queues


def test_architecture_lists_the_tables_indexes(template: dict[str, Any]) -> None:
    table = template["Resources"]["RecordingsTable"]["Properties"]
    rows = re.findall(r"^\| (`by_\w+`.*?) \| (`\w+`.*?) \| `(\w+)` \|", page("architecture.md"), re.MULTILINE)
    listed = {
        (index, key, sort)
        for indexes, keys, sort in rows
        for index, key in zip(re.findall(r"\w+", indexes), re.findall(r"\w+", keys), strict=True)
    }
    made = {
        (one["IndexName"], one["KeySchema"][0]["AttributeName"], one["KeySchema"][1]["AttributeName"])
        for one in table["GlobalSecondaryIndexes"]
    }
    assert listed == made


def test_the_page_of_failures_explains_exactly_the_reasons_of_the_code() -> None:
    """A reason that ends with a status is explained for some statuses, or as `http_…`."""
    absent = {status for status, state in laml.STATES.items() if state is State.ABSENT} | {"stopped"}
    absent |= bandwidth.WITHOUT_MEDIA | {
        kazoo.NO_AUDIO,
        telnyx.REASON,
        naming.NAMED,
        naming.PUSHED,
        look_ups.UNKNOWN,
        look_ups.STORED_ELSEWHERE,
    }
    known = reasons.in_code() | absent | {attempt_logs.CRASHED, dead_letters.UNEXPLAINED, selection.NOT_COMPARED}
    known |= outcomes.UNACCOUNTABLE | {backfill.SOURCE}
    explained = set(explained_reasons(page("operate/failures.md")))
    beginnings = tuple(reason for reason in known if reason.endswith("_"))
    assert beginnings
    assert [one for one in beginnings if not any(other.startswith(one) for other in explained)] == []
    assert {one for one in explained if not one.startswith(beginnings)} == known - set(beginnings)


def explained_reasons(text: str) -> Iterator[str]:
    """Yield what the first cells of the tables of reasons have as code."""
    for table in re.findall(r"^\| reason \|.*\n((?:\|.*\n)+)", text, re.MULTILINE):
        for cell in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE):
            yield from re.findall(r"`(\w+)…?`", cell)


def test_the_page_of_the_command_line_lists_exactly_its_options() -> None:
    listed = set(re.findall(r"--[a-z][a-z-]*", page("operate/command-line.md")))
    assert listed == set(options(typer.main.get_command(cli.program()))) - {"--version"} | {"--help"}


def options(command: Any) -> Iterator[str]:
    """Yield the long options of a command, and of the commands in it."""
    yield from (option for parameter in command.params for option in parameter.opts if option.startswith("--"))
    for inner in getattr(command, "commands", {}).values():
        yield from options(inner)


def test_get_started_and_the_command_line_have_the_same_prices() -> None:
    text = " ".join(page("getting-started.md").split())
    assert f"as of {prices.AS_OF}" in text
    for price, written in (
        (prices.GB_SECONDS, "GB-seconds at 0.0000133334"),
        (prices.WRITE_UNITS, "write units at 0.625 a million"),
        (prices.S3_WRITES, "300,000 at 0.005 a thousand"),
        (prices.STORAGE_GB_MONTH, "480 GB at 0.023"),
    ):
        assert written in text
        assert f"{price.usd:.10f}".rstrip("0") in written
        assert price.source in text
    recording = costs.Costs()
    recording.add(300 * 16_000)
    assert recording.amounts[prices.GB_SECONDS] == pytest.approx(2.1)  # 210,000 for 100,000 recordings
    assert recording.amounts[prices.WRITE_UNITS] == 20


def test_every_python_file_that_the_documentation_names_exists() -> None:
    """A name may be the end of a path: `storage/table.py` is below layers/common/callvault."""
    folders = ("functions", "layers/common/callvault", "tests", "tools")
    known = [f"/{path.relative_to(ROOT)}" for folder in folders for path in (ROOT / folder).rglob("*.py")]
    pages = [path for path in lines.files(ROOT) if path.name != "CHANGELOG.md"]
    named = {(page.name, name) for page in pages for name in re.findall(r"`([\w/]+\.py)`", page.read_text())}
    assert named
    named = {one for one in named if "NAME" not in one[1]}
    assert [one for one in named if not any(path.endswith(f"/{one[1]}") for path in known)] == []


def test_every_name_of_a_module_that_the_documentation_has_is_defined_there() -> None:
    """The pages write a name as the code calls it: `table.merge`."""
    sources: dict[str, str] = {}
    for path in (ROOT / "layers/common/callvault").rglob("*.py"):
        sources[path.stem] = sources.get(path.stem, "") + path.read_text()
    named = {one for path in lines.files(ROOT) for one in re.findall(r"`(\w+)\.(\w+)`", path.read_text())}
    of_modules = [(module, name) for module, name in named if module in sources and name != "py"]
    assert of_modules
    wrong = [
        f"{module}.{name}"
        for module, name in of_modules
        if not re.search(rf"^ *(def |class |type )?{name}\b", sources[module], re.MULTILINE)
    ]
    assert wrong == []


def test_a_row_that_was_cleared_as_the_page_on_privacy_says_stays_a_tombstone_without_numbers() -> None:
    worlds.put(state=State.DELETED, caller="+15551112222", callee="+15553334444", tag="t", name="n", extra={"x": "y"})
    found = re.search(r"--update-expression '(.*?)'.*?names '(.*?)'.*?values '(.*?)'", page("privacy.md"), re.DOTALL)
    assert found
    clients.dynamodb().update_item(
        TableName=settings.get().table_name,
        Key=rows.key(worlds.ACCOUNT_ID, worlds.RECORDING_ID),
        UpdateExpression=found[1],
        ExpressionAttributeNames=json.loads(found[2]),
        ExpressionAttributeValues=json.loads(found[3]),
    )
    worlds.put(state=State.PENDING, caller="+15551112222")
    row = worlds.row()
    assert (row.state, row.caller, row.callee, row.tag, row.name, row.extra) == (State.DELETED, *[None] * 4, {})


def test_architecture_draws_the_imports_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    drawn = [block.text for block in blocks.read("", page("architecture.md")) if block.text.startswith("functions")]
    assert drawn == ["".join(f"{layer.replace('callvault.', '')}\n" for layer in contracts[0]["layers"])]
