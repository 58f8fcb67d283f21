"""The stack as CloudFormation has it."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools.deploy.errors import DeployError

SQS_SECONDS = 60
"""How long the name of a deleted queue stays taken.

SQS API reference, CreateQueue, error QueueDeletedRecently."""
KEPT = ("MediaBucket", "RecordingsTable")
"""The logical ids of the bucket and the table, which hold the recordings."""
POLICY = {
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["Update:Replace", "Update:Delete"],
            "Resource": [f"LogicalResourceId/{name}" for name in KEPT],
        },
    ]
}
"""A stack policy under which no update may replace or delete the bucket and the table.

CloudFormation user guide, "Prevent updates to stack resources"."""
HELPLESS = {
    "ROLLBACK_FAILED": "delete the stack (aws cloudformation delete-stack --stack-name {}), then deploy again",
    "CREATE_FAILED": "delete the stack (aws cloudformation delete-stack --stack-name {}), then deploy again",
    "DELETE_FAILED": "delete the stack (aws cloudformation delete-stack --stack-name {}), then deploy again",
    "UPDATE_ROLLBACK_FAILED": "run aws cloudformation continue-update-rollback --stack-name {}, then deploy again",
}
"""States in which a stack cannot be updated, and what to do in each."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack that exists."""

    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


def client(region: str) -> Any:  # noqa: ANN401 - a boto3 client
    """Return the client of CloudFormation."""
    return boto3.client("cloudformation", region_name=region)


def find(name: str, region: str) -> Stack | None:
    """Return a stack; None if it does not exist, or was only planned."""
    try:
        (found,) = client(region).describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    if found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None
    return Stack(
        status=found["StackStatus"],
        parameters={one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())},
        outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())},
    )


def physical_name(name: str, region: str, logical_id: str) -> str | None:
    """Return the physical name of a stack's resource, or None if the stack has none."""
    pages = client(region).get_paginator("list_stack_resources").paginate(StackName=name)
    listed = (one for page in pages for one in page["StackResourceSummaries"])
    return next((one["PhysicalResourceId"] for one in listed if one["LogicalResourceId"] == logical_id), None)


def check_status(name: str, stack: Stack) -> None:
    """Raise DeployError if the stack is in a state in which it cannot be updated."""
    if advice := HELPLESS.get(stack.status):
        raise DeployError(f"The stack {name} is in the state {stack.status}: {advice.format(name)}.")
    if stack.status.endswith("_IN_PROGRESS"):
        raise DeployError(f"The stack {name} is in the state {stack.status}: wait until that has ended.")


def remove_rolled_back(name: str, region: str) -> None:
    """Delete a stack whose first deployment failed, and wait until its names are free again."""
    print(f"The first deployment of {name} failed and was rolled back. Deleting what is left of the stack.")
    client(region).delete_stack(StackName=name)
    client(region).get_waiter("stack_delete_complete").wait(StackName=name)
    print(f"Waiting {SQS_SECONDS} seconds: SQS keeps the names of deleted queues for that long.", flush=True)
    time.sleep(SQS_SECONDS)


def protect(name: str, region: str) -> None:
    """Give the stack a policy under which no update may replace or delete the bucket and the table.

    A stack that has a policy keeps it.
    """
    if not client(region).get_stack_policy(StackName=name).get("StackPolicyBody"):
        client(region).set_stack_policy(StackName=name, StackPolicyBody=json.dumps(POLICY))
