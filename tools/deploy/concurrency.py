"""Compare what the functions may use with the AWS account's limit of concurrent executions.

The limit holds for all functions of an AWS account in a region (AWS Lambda, "Lambda quotas"). Its
default is 1,000; a new AWS account may have 10. Of the limit, 100 cannot be reserved.
"""

from collections.abc import Iterable, Mapping

import boto3
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from tools.deploy import parameters
from tools.deploy.errors import DeployError

UNRESERVED = 100
"""Executions that Lambda keeps for functions without reserved concurrency."""
NEEDED = 500
"""Executions that callbacks and queries need at a million recordings a day."""
RESERVED = ("ReservedIngestConcurrency", "ReservedUploadConcurrency")


def limit(region: str) -> int | None:
    """Return the limit of the AWS account, or None if it cannot be read."""
    try:
        answer = boto3.client("lambda", region_name=region).get_account_settings()
    except ClientError:
        return None
    return int(answer["AccountLimit"]["ConcurrentExecutions"])


def used_by_queues(values: Mapping[str, str]) -> int:
    """Return the maximum number of functions that the queues run at the same time."""
    template = yaml_parse(parameters.TEMPLATE.read_text())
    events = [
        event["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"]["Events"].values()
        if event["Type"] == "SQS"
    ]
    limits = [event["ScalingConfig"]["MaximumConcurrency"] for event in events]
    return sum(int(values[one["Ref"]] if isinstance(one, dict) else one) for one in limits)


def check(region: str, values: Mapping[str, str]) -> Iterable[str]:
    """Yield a warning if callbacks and queries have too little left; raises DeployError."""
    found = limit(region)
    if found is None:
        yield "The limit of Lambda's concurrent executions could not be read."
        return
    reserved, used = sum(int(values[name]) for name in RESERVED), used_by_queues(values)
    if reserved and reserved > found - UNRESERVED:
        raise DeployError(
            f"{' and '.join(RESERVED)} are {reserved} together. Of the limit of {found} concurrent executions at most "
            f"{max(found - UNRESERVED, 0)} can be reserved: set them to 0, or ask AWS for a higher limit."
        )
    left = found - used
    if left < min(NEEDED, found // 2):
        yield (
            f"Lambda runs at most {found} functions at the same time in this region, and the queues may use {used} of "
            f"them: {max(left, 0)} are left for callbacks and queries. If the limit is reached, Lambda does not run "
            "the function for a callback, and the callback may be lost. Ask AWS for a higher limit, or choose smaller "
            "values (docs/getting-started.md, Fit Lambda's limit)."
        )
