"""The policy of the deploying user allows what the resource types of the stack need."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import pytest

from callvault.providers import PROVIDERS
from tests.docs import aws_commands, blocks
from tests.unit.stack import transforms
from tests.unit.stack.test_names import DOMAIN

PAGE = blocks.ROOT / "docs" / "operate" / "permissions.md"
STACK = transforms.deployed("callvault", CreateKazooUploadUser="true", **DOMAIN)
UNUSED = re.compile(
    "|".join(
        [
            # Services that only properties use which the template does not have.
            r"(ec2|elasticfilesystem|firehose|kinesis|kms|s3files|s3tables):.*",
            # Rows and objects: for replicas, imports, and an API's definition in S3.
            r"dynamodb:(\w+Item|Query|Scan|ImportTable|\w+Replica|\w+StreamingDestination|(Put|Delete)ResourcePolicy)",
            r"s3:(getObject|(Get|Put|Delete)Object\w*|REST.*|\w*(Annotation|Metadata|Inventory|Journal)Table\w*)",
            # Names of operations: S3 checks the action that puts the same configuration.
            r"s3:DeleteBucket(Analytics|Cors|Encryption|Lifecycle|Metrics|Replication|Website)\w*",
            r"iam:(\w+LoginProfile|\w+UserToGroup|\w+UserFromGroup|CreateServiceLinkedRole)",
            r"lambda:(PassCapacityProvider|AssociateRuntimeAlias)",
        ]
    )
)
ARNS = {
    "AWS::CloudWatch::Dashboard": ("DashboardName", "arn:aws:cloudwatch::123456789012:dashboard/{}"),
    "AWS::Lambda::LayerVersion": ("LayerName", "arn:aws:lambda:us-east-1:123456789012:layer:{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:aws:logs:us-east-1:123456789012:log-group:{}"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{}"),
    "AWS::SQS::Queue": ("QueueName", "arn:aws:sqs:us-east-1:123456789012:{}"),
}
"""The property with a resource's name, and its ARN."""
COMMANDS = ("getting-started", "operate/upgrade", *(f"connect/{name}" for name in PROVIDERS))
"""The pages with commands of whoever deploys and connects a provider."""
FREE = {"sts:GetCallerIdentity"}
"""What needs no permission: AWS STS API reference, GetCallerIdentity."""


def policies() -> list[dict[str, Any]]:
    """Return the page's policies: to deploy, for the other commands, and to require a boundary."""
    found = [json.loads(one.text) for one in blocks.read(str(PAGE), PAGE.read_text()) if one.language == "json"]
    return [one for one in found if "Statement" in one]


def policy() -> dict[str, Any]:
    return policies()[0]


def denials() -> dict[str, dict[str, Any]]:
    """Return the statements of the policy that requires a permissions boundary."""
    return {one["Sid"]: one for one in policies()[2]["Statement"] if one["Effect"] == "Deny"}


def values(one: Any) -> list[str]:
    return [one] if isinstance(one, str) else one


def allowed(action: str, by: int = 1) -> bool:
    """Say whether the page's first `by` policies allow an action."""
    statements = [one for document in policies()[:by] for one in document["Statement"]]
    patterns = [pattern for one in statements for pattern in values(one["Action"])]
    return any(fnmatch(action.lower(), pattern.lower()) for pattern in patterns)


def needed() -> Iterator[tuple[str, str]]:
    """Yield each resource type of the stack with each action that its schema says it needs."""
    for schema in transforms.schemas({one["Type"] for one in STACK.values()}):
        for name, handler in schema.get("handlers", {}).items():
            if name != "list":
                yield from ((schema["typeName"], action) for action in handler["permissions"])


def test_every_action_that_a_resource_type_needs_is_allowed() -> None:
    actions = set(needed())
    assert {kind for kind, _ in actions} == {one["Type"] for one in STACK.values()}
    assert sorted(one for one in actions if not UNUSED.fullmatch(one[1]) and not allowed(one[1])) == []


@pytest.mark.parametrize(
    "action",
    ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "dynamodb:GetItem", "dynamodb:PutItem", "sqs:ReceiveMessage"],
)
def test_recordings_rows_and_messages_are_not_allowed(action: str) -> None:
    """The bucket of the code is another one."""
    statements = [one for one in policy()["Statement"] if one["Sid"] != "Code"]
    patterns = [pattern for one in statements for pattern in values(one["Action"])]
    assert not any(fnmatch(action.lower(), pattern.lower()) for pattern in patterns)


def test_the_names_that_the_template_gives_are_in_the_policys_resources() -> None:
    patterns = [pattern for one in policy()["Statement"] for pattern in values(one["Resource"]) if pattern != "*"]
    named = [
        ARNS[one["Type"]][1].format(one["Properties"][ARNS[one["Type"]][0]])
        for one in STACK.values()
        if one["Type"] in ARNS and ARNS[one["Type"]][0] in one["Properties"]
    ]
    assert len(named) >= 10
    assert [arn for arn in named if not any(fnmatch(arn, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("page", COMMANDS)
def test_each_command_of_the_pages_is_allowed_by_one_of_the_two_policies(page: str) -> None:
    named = {operation for one in aws_commands.of(page) for operation in one.actions()}
    assert named
    assert sorted(one for one in named - FREE if not allowed(one, by=2)) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_policy_is_short_enough_for_a_managed_policy(number: int) -> None:
    """IAM user guide, "IAM and AWS STS quotas": 6,144 characters without white space."""
    assert len(re.sub(r"\s", "", json.dumps(policies()[number]))) <= 6144


def test_no_role_or_user_without_the_boundary_gets_permissions() -> None:
    statement = denials()["OnlyWithBoundary"]
    granting = {action for _, action in needed() if re.fullmatch(r"iam:(Create|Put|Attach)(Role|User)\w*", action)}
    assert granting == set(statement["Action"])
    assert statement["Resource"] == "*"
    assert list(statement["Condition"]) == ["StringNotEquals"]
    assert list(statement["Condition"]["StringNotEquals"]) == ["iam:PermissionsBoundary"]


def test_the_boundary_cannot_be_removed() -> None:
    statement = denials()["BoundaryStays"]
    removing = {action for _, action in needed() if re.fullmatch(r"iam:Delete\w+PermissionsBoundary", action)}
    assert removing == set(statement["Action"])
    assert statement["Resource"] == "*"
    assert "Condition" not in statement
