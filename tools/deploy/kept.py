"""Import a bucket and a table that an earlier stack left into a new stack: `make import`.

| variable | meaning |
|---|---|
| `STACK` | the name of the new stack |
| `BUCKET`, `TABLE` | the names of the bucket and of the table |
| `AWS_REGION`, `AWS_PROFILE` | as for every AWS tool |

The new stack has these two resources only, as they are; `make deploy` then adds the rest. A stack
that does not exist can be created by an import (AWS CloudFormation user guide, "Import AWS
resources into a CloudFormation stack manually").
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from tools.deploy import stacks
from tools.deploy.errors import DeployError

CHANGE_SET = "import-kept-resources-{}"
"""With the time: an import that failed leaves a change set, which keeps its name."""


def main() -> int:
    """Import and return the exit status."""
    try:
        import_kept()
    except (DeployError, BotoCoreError, ClientError) as error:
        print(f"import: {error}", file=sys.stderr)
        return 1
    return 0


def import_kept() -> None:
    """Import what the environment names; raises DeployError."""
    name, bucket, table = (_variable(one) for one in ("STACK", "BUCKET", "TABLE"))
    region = os.environ.get("AWS_REGION") or boto3.session.Session().region_name
    if not region:
        raise DeployError("No region is configured: set AWS_REGION.")
    if stacks.find(name, region):
        raise DeployError(f"The stack {name} exists already: an import needs a new one.")
    cloudformation = stacks.client(region)
    request = change_set(name, bucket, _describe(table, region))
    planned = {"StackName": name, "ChangeSetName": request["ChangeSetName"]}
    cloudformation.create_change_set(**request)
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**planned)
    except WaiterError as error:
        reason = cloudformation.describe_change_set(**planned).get("StatusReason", error)
        raise DeployError(f"CloudFormation refuses the import: {reason} Remove the cause and repeat.") from None
    cloudformation.execute_change_set(**planned)
    cloudformation.get_waiter("stack_import_complete").wait(StackName=name)
    print(f"The stack {name} has the bucket {bucket} and the table {table}. Now run make deploy.")


def change_set(name: str, bucket: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for a change set that imports the bucket and the table.

    `table` is DynamoDB's description. Its keys and indexes are those of the table that exists, so
    that the next update adds the indexes that are missing and no other.
    """
    return {
        "StackName": name,
        "ChangeSetName": CHANGE_SET.format(int(time.time())),
        "ChangeSetType": "IMPORT",
        "ResourcesToImport": [
            _to_import("MediaBucket", "AWS::S3::Bucket", {"BucketName": bucket}),
            _to_import("RecordingsTable", "AWS::DynamoDB::Table", {"TableName": table["TableName"]}),
        ],
        "TemplateBody": json.dumps(
            {
                "AWSTemplateFormatVersion": "2010-09-09",
                "Resources": {
                    "MediaBucket": _kept("AWS::S3::Bucket", {"BucketName": bucket}),
                    "RecordingsTable": _kept("AWS::DynamoDB::Table", _properties(table)),
                },
            }
        ),
    }


def _to_import(logical_id: str, kind: str, identifier: Mapping[str, str]) -> dict[str, Any]:
    return {"LogicalResourceId": logical_id, "ResourceType": kind, "ResourceIdentifier": identifier}


def _kept(kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource; CloudFormation imports none without a DeletionPolicy."""
    return {"Type": kind, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties}


def _properties(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a table, without its name: template.yaml gives it none either."""
    indexes = table.get("GlobalSecondaryIndexes", ())
    return {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "AttributeDefinitions": table["AttributeDefinitions"],
        "KeySchema": table["KeySchema"],
        "GlobalSecondaryIndexes": [
            {key: one[key] for key in ("IndexName", "KeySchema", "Projection")} for one in indexes
        ],
    }


def _variable(name: str) -> str:
    if value := os.environ.get(name):
        return value
    raise DeployError(f"{name} is missing: make import STACK=… BUCKET=… TABLE=….")


def _describe(table: str, region: str) -> dict[str, Any]:
    description: dict[str, Any] = boto3.client("dynamodb", region_name=region).describe_table(TableName=table)["Table"]  # type: ignore[assignment]
    return description


if __name__ == "__main__":
    sys.exit(main())
