"""What is checked before anything is built: add a check to CHECKS.

A check yields warnings, which are printed, or raises DeployError, which ends the deployment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError

from tools.deploy import concurrency, stacks
from tools.deploy.errors import DeployError
from tools.deploy.stacks import Stack

NOT_FOUND, FORBIDDEN = "404", "403"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is going to be deployed."""

    stack_name: str
    region: str
    values: Mapping[str, str]
    """The value of every parameter that the stack will have."""
    stack: Stack | None
    """The stack as it is now."""


type Check = Callable[[Plan], Iterable[str]]


def run(plan: Plan) -> Iterator[str]:
    """Yield the warnings of all checks; raises DeployError."""
    for check in CHECKS:
        yield from check(plan)


def _bucket_keeps_its_name(plan: Plan) -> Iterable[str]:
    """Check the bucket's name: with another one, CloudFormation would create an empty bucket."""
    before = stacks.physical_name(plan.stack_name, plan.region, "MediaBucket") if plan.stack else None
    if before and before != _bucket(plan):
        raise DeployError(
            f"The bucket's name cannot be changed from {before} to {_bucket(plan)}: the recordings in it would not be "
            f"found. Deploy with BucketName={before}."
        )
    return ()


def _bucket_name_is_free(plan: Plan) -> Iterable[str]:
    """Check that the bucket's name is free; CloudFormation would report it only after minutes."""
    if plan.stack:
        return
    try:
        boto3.client("s3", region_name=plan.region).head_bucket(Bucket=_bucket(plan))
    except ClientError as error:
        if error.response["Error"]["Code"] == NOT_FOUND:
            return
        if error.response["Error"]["Code"] == FORBIDDEN:
            yield (
                f"S3 does not say whether the bucket {_bucket(plan)} exists (403). Either it belongs to another AWS "
                "account, and the deployment will fail: then choose another BucketName. Or you lack the permission "
                "s3:ListBucket (docs/operate/permissions.md)."
            )
            return
    raise DeployError(
        f"The bucket {_bucket(plan)} exists already. If an earlier stack left it, import it "
        "(docs/operate/upgrade.md, Deploy again over a kept bucket and table), or choose another BucketName."
    )


def _bucket(plan: Plan) -> str:
    """Return the bucket's name, as the template makes it."""
    account = boto3.client("sts", region_name=plan.region).get_caller_identity()["Account"]
    return plan.values["BucketName"] or f"{plan.stack_name}-{account}-{plan.region}"


def _event_bus_exists(plan: Plan) -> Iterable[str]:
    """Check that the event bus exists.

    EventBridge accepts an event for a bus that does not exist, and drops it. The answer has no
    error, so the archive could not notice (https://github.com/aws/aws-cli/issues/9186).
    """
    name = plan.values["EventBusName"]
    if name == "default":  # every AWS account has it
        return
    try:
        boto3.client("events", region_name=plan.region).describe_event_bus(Name=name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise DeployError(
                f"The event bus {name} (EventBusName) does not exist in {plan.region}. EventBridge would accept the "
                "archive's events and drop them. Create the bus first."
            ) from error
        yield (
            f"EventBridge does not say whether the event bus {name} exists ({code}). If it does not, EventBridge "
            "accepts the archive's events and drops them. You may lack the permission events:DescribeEventBus "
            "(docs/operate/permissions.md)."
        )


def _upload_user_has_an_account(plan: Plan) -> Iterable[str]:
    """KAZOO shows the user's access key to every user of an account.

    The template's rule says the same, but only after the build (AWS CloudFormation user guide,
    "CloudFormation template Rules syntax": rules are checked before resources are created).
    """
    account = plan.values["KazooUploadAccount"]
    if plan.values["CreateKazooUploadUser"] != "true":
        return
    if not account:
        raise DeployError("CreateKazooUploadUser needs KazooUploadAccount: the account whose folder the user may use.")
    if account == "*":
        yield (
            "KazooUploadAccount is *: whoever reads the upload user's access key in one KAZOO account can read and "
            "write what the others upload."
        )


def _concurrency_is_enough(plan: Plan) -> Iterable[str]:
    return concurrency.check(plan.region, plan.values)


CHECKS: tuple[Check, ...] = (
    _bucket_keeps_its_name,
    _bucket_name_is_free,
    _event_bus_exists,
    _upload_user_has_an_account,
    _concurrency_is_enough,
)
