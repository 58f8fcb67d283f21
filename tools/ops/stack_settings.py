"""Give the package the settings of a deployed stack."""

import os

import boto3
from botocore.exceptions import ClientError

from callvault import settings
from callvault.settings import Settings


class OperatorError(Exception):
    """An error that the operator can correct; the message says how."""


class UsageError(OperatorError):
    """The command line names something that does not exist."""


def load(stack_name: str) -> None:
    """Set the environment variables of the package's settings to the values of a stack.

    The value of a setting is the stack's output or parameter of the same name in CamelCase.
    Credentials, region and endpoints are those of every AWS tool: AWS_PROFILE, AWS_REGION,
    AWS_ENDPOINT_URL. Raises OperatorError.
    """
    use_region()
    client = boto3.client("cloudformation")
    try:
        (stack,) = client.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise OperatorError(
            f"There is no stack {stack_name} in {client.meta.region_name}: check --stack and AWS_REGION."
        ) from None
    values = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack.get("Parameters", [])}
    values |= {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    values["AccountsPath"] = f"/{stack['StackName']}/accounts"
    names = {field: field.title().replace("_", "") for field in Settings.model_fields}
    missing = sorted(name for name in names.values() if name not in values)
    if missing:
        raise OperatorError(
            f"The stack {stack_name} has no {', '.join(missing)}: deploy this version of Callvault first."
        )
    os.environ.update({field.upper(): values[name] for field, name in names.items()})
    settings.get.cache_clear()


def use_region() -> None:
    """Use the region in AWS_REGION, which boto3 ignores, as other AWS tools do."""
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region
