"""What is checked before anything is built: add a check to CHECKS.

A check yields warnings, which are printed, or raises DeployError, which ends the deployment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError

from tools.deploy.errors import DeployError
from tools.deploy.stacks import Stack

NOT_FOUND = "404"


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
    """Another name would replace the bucket: CloudFormation would create a second, empty one."""
    before = plan.stack.parameters.get("BucketName", "") if plan.stack else None
    if before is not None and plan.values["BucketName"] != before:
        raise DeployError(
            "BucketName cannot be changed: the recordings that are stored would not be found in another bucket. "
            f"It is {before or 'blank'} now."
        )
    return ()


def _bucket_name_is_free(plan: Plan) -> Iterable[str]:
    """CloudFormation would find that out only after minutes."""
    if plan.stack is not None:
        return ()
    account = boto3.client("sts", region_name=plan.region).get_caller_identity()["Account"]
    name = plan.values["BucketName"] or f"{plan.stack_name}-{account}-{plan.region}"
    try:
        boto3.client("s3", region_name=plan.region).head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == NOT_FOUND:
            return ()
    raise DeployError(
        f"The bucket {name} exists already. If an earlier stack left it, import it "
        "(docs/operate/upgrade.md, Deploy again over a kept bucket and table); or choose another BucketName."
    )


CHECKS: tuple[Check, ...] = (_bucket_keeps_its_name, _bucket_name_is_free)
