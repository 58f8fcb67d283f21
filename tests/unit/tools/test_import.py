"""`make import` puts a kept bucket and table into a new stack, as they are."""

import json
import time
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import WaiterError

from callvault import settings
from tools.deploy import kept, stacks

BUCKET = "kept-bucket"


@pytest.fixture
def table() -> Any:
    """Return the description of the template's table, as DynamoDB gives it."""
    return boto3.client("dynamodb").describe_table(TableName=settings.get().table_name)["Table"]


def test_both_are_imported_by_their_names(table: Any) -> None:
    request = kept.change_set("callvault", BUCKET, table)
    assert request["ChangeSetType"] == "IMPORT"
    assert {one["LogicalResourceId"]: one["ResourceIdentifier"] for one in request["ResourcesToImport"]} == {
        "MediaBucket": {"BucketName": BUCKET},
        "RecordingsTable": {"TableName": settings.get().table_name},
    }


def test_the_imported_table_has_the_keys_and_indexes_of_the_template(table: Any, template: dict[str, Any]) -> None:
    """Otherwise the first update would replace the table or build an index that exists."""
    resources = json.loads(kept.change_set("callvault", BUCKET, table)["TemplateBody"])["Resources"]
    made, wanted = (one["RecordingsTable"]["Properties"] for one in (resources, template["Resources"]))
    assert made["KeySchema"] == wanted["KeySchema"]
    assert sorted(made["GlobalSecondaryIndexes"], key=str) == sorted(wanted["GlobalSecondaryIndexes"], key=str)
    assert sorted(made["AttributeDefinitions"], key=str) == sorted(wanted["AttributeDefinitions"], key=str)
    assert made["BillingMode"] == wanted["BillingMode"]
    assert "TableName" not in made


def test_nothing_deletes_what_was_imported(table: Any) -> None:
    resources = json.loads(kept.change_set("callvault", BUCKET, table)["TemplateBody"])["Resources"]
    assert {one["DeletionPolicy"] for one in resources.values()} == {"Retain"}


@pytest.mark.parametrize("missing", ["STACK", "BUCKET", "TABLE"])
def test_each_name_is_needed(monkeypatch: pytest.MonkeyPatch, capsys: Any, missing: str) -> None:
    for name in ("STACK", "BUCKET", "TABLE"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv(missing)
    assert kept.main() == 1
    assert f"{missing} is missing" in capsys.readouterr().err


def test_a_table_that_does_not_exist_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for name in ("STACK", "BUCKET", "TABLE"):
        monkeypatch.setenv(name, "unknown")
    assert kept.main() == 1
    assert "ResourceNotFoundException" in capsys.readouterr().err


def test_an_import_that_was_refused_says_why_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refused import leaves the stack in REVIEW_IN_PROGRESS, with the change set."""
    client = Mock()
    client.describe_change_set.return_value = {"StatusReason": "The bucket does not exist."}
    client.get_waiter.return_value.wait.side_effect = [WaiterError("ChangeSetCreateComplete", "", {}), None, None]
    monkeypatch.setattr(stacks, "client", lambda _: client)
    monkeypatch.setattr(stacks, "find", lambda *_: None)
    monkeypatch.setattr(time, "time", iter(range(1, 9)).__next__)
    for name, value in {"STACK": "x", "BUCKET": BUCKET, "TABLE": settings.get().table_name}.items():
        monkeypatch.setenv(name, value)
    assert kept.main() == 1
    assert "The bucket does not exist." in capsys.readouterr().err
    assert kept.main() == 0
    planned = [call.kwargs["ChangeSetName"] for call in client.create_change_set.call_args_list]
    assert len(set(planned)) == 2
    client.execute_change_set.assert_called_once_with(StackName="x", ChangeSetName=planned[1])
