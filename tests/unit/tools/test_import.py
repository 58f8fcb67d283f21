"""`make import` puts a kept bucket and table into a new stack, as they are."""

import json
from typing import Any

import boto3
import pytest

from callvault import settings
from tools.deploy import kept

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
