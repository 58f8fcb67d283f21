"""Find a stack, and give the package the settings that the stack's functions have."""

import os

import boto3
from botocore.exceptions import ClientError

from callvault import settings
from callvault.settings import Settings


class OperatorError(Exception):
    """Something that the operator can mend; the message says what."""


def enter(name: str) -> None:
    """Let the package work on a stack: each setting is the output or the parameter of its name in CamelCase.

    Credentials, region and endpoints are those of every AWS tool: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.
    """
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region  # the only one that boto3 looks at
    client = boto3.client("cloudformation")
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise OperatorError(
            f"There is no stack {name} in {client.meta.region_name}: see --stack, AWS_REGION."
        ) from None
    known = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack.get("Parameters", [])}
    known |= {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    known["AccountsPath"] = f"/{stack['StackName']}/accounts"
    wanted = {field: field.title().replace("_", "") for field in Settings.model_fields}
    lacking = sorted(output for output in wanted.values() if output not in known)
    if lacking:
        raise OperatorError(f"The stack {name} lacks {', '.join(lacking)}: deploy this version of Callvault first.")
    os.environ.update({field.upper(): known[output] for field, output in wanted.items()})
    settings.get.cache_clear()
