"""Create the stack in moto, add what its CloudFormation ignores, and return what was deployed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.local.aws import buckets, expressions
from tools.local.aws.process import ACCOUNT, REGION, Aws, StartError
from tools.local.emulator.pollers import EventSourceMapping
from tools.local.emulator.routes import Route
from tools.local.emulator.sandbox import Spec
from tools.local.emulator.schedules import Schedule
from tools.local.emulator.template import FUNCTION, Template
from tools.local.iam import guard
from tools.local.iam.errors import UnknownError
from tools.local.iam.guard import Guard

QUEUE_ORIGIN = f"https://sqs.{REGION}.amazonaws.com"
"""The origin of queues' URLs in moto's outputs; the local stack replaces it."""
TABLE_PROPERTIES = (
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
)
"""The properties of a table that every implementation of DynamoDB accepts."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployed stack."""

    outputs: Mapping[str, str]
    functions: tuple[Spec, ...]
    routes: tuple[Route, ...]
    event_sources: tuple[EventSourceMapping, ...]
    schedules: tuple[Schedule, ...]
    guard: Guard
    """What the functions' roles allow."""


def deploy(
    template: Template,
    aws: Aws,
    *,
    stack_name: str,
    parameters: Mapping[str, str],
    api_url: str,
    dynamodb_url: str | None,
) -> Deployment:
    """Create the stack and return it; raises StartError."""
    values = _create(template, aws, stack_name, parameters, api_url)
    deployed = {
        name: expressions.resolve(resource, values)
        for name, resource in template.needed().items()
        if expressions.holds(resource.get("Condition"), values)
    }
    for resource in deployed.values():
        if resource["Type"] == "AWS::S3::Bucket":
            buckets.configure(aws.client("s3"), resource["Ref"], resource["Properties"])
        elif resource["Type"] == "AWS::DynamoDB::Table" and dynamodb_url:
            _create_table(aws.client("dynamodb", dynamodb_url), resource["Ref"], resource["Properties"])
    functions = {name: one for name, one in deployed.items() if one["Type"] == FUNCTION}
    return Deployment(
        outputs={name: values[name] for name in template.outputs if name in values},
        functions=tuple(_spec(template, name, one) for name, one in functions.items()),
        routes=tuple(_routes(template, functions, values)),
        event_sources=tuple(_event_sources(template, deployed)),
        schedules=tuple(_schedules(template, deployed)),
        guard=_guard(template, values),
    )


def _guard(template: Template, values: Mapping[str, str]) -> Guard:
    try:
        return guard.of_template(template, lambda node: expressions.resolve(node, values), ACCOUNT, REGION)
    except UnknownError as error:
        raise StartError(f"The roles cannot be enforced. {error}") from error


def _create(
    template: Template, aws: Aws, stack_name: str, parameters: Mapping[str, str], api_url: str
) -> dict[str, str]:
    client = aws.client("cloudformation")
    try:
        client.create_stack(
            StackName=stack_name,
            TemplateBody=json.dumps(template.for_moto(api_url)),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        stack = client.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        raise StartError(f"The stack was not created: {error}") from error
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise StartError(f"The stack was not created: {stack['StackStatus']}.")
    return {
        output["OutputKey"]: output["OutputValue"].replace(QUEUE_ORIGIN, aws.url) for output in stack.get("Outputs", ())
    }


def _create_table(dynamodb: Any, name: str, properties: Mapping[str, Any]) -> None:  # noqa: ANN401 - a boto3 client
    try:
        dynamodb.create_table(
            TableName=name, **{name: properties[name] for name in TABLE_PROPERTIES if name in properties}
        )
    except dynamodb.exceptions.ResourceInUseException:
        """The table exists already, and keeps its rows."""
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def _spec(template: Template, name: str, resource: Mapping[str, Any]) -> Spec:
    properties = resource["Properties"]
    layers = template.resources[name]["Properties"].get("Layers", [])
    logging = properties.get("LoggingConfig", {})
    extra = {"AWS_LAMBDA_LOG_FORMAT": str(logging["LogFormat"])} if "LogFormat" in logging else {}
    return Spec(
        logical_id=name,
        name=resource["Ref"],
        arn=resource["Arn"],
        handler=properties["Handler"],
        folder=template.folders[name],
        layers=tuple(template.folders[layer["Ref"]] for layer in layers if layer.get("Ref") in template.folders),
        environment={
            **extra,
            **{key: str(value) for key, value in properties.get("Environment", {}).get("Variables", {}).items()},
        },
        memory=int(properties.get("MemorySize", 128)),
        timeout=float(properties.get("Timeout", 3)),
    )


def _routes(template: Template, functions: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[Route]:
    for api in template.of("AWS::ApiGatewayV2::Api").values():
        paths = api["Properties"].get("Body", {}).get("paths", {})
        for path, methods in _without_conditions(paths, values):
            for method, operation in _without_conditions(methods, values):
                integration = operation.get("x-amazon-apigateway-integration", {})
                function = template.function_of(integration.get("uri"))
                if function and function in functions:
                    yield Route.of(method, path, function)


def _without_conditions(mapping: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the pairs of a mapping, with the chosen branch instead of an `Fn::If`.

    SAM wraps the operations of a conditional function in `Fn::If`.
    """
    for key, node in mapping.items():
        found = expressions.chosen(node, values)
        if not expressions.is_expression(found):
            yield key, found


def _event_sources(template: Template, deployed: Mapping[str, Any]) -> Iterator[EventSourceMapping]:
    for name, one in deployed.items():
        properties = one["Properties"]
        if one["Type"] != "AWS::Lambda::EventSourceMapping" or ":sqs:" not in properties.get("EventSourceArn", ""):
            continue
        function = template.function_of(template.resources[name]["Properties"]["FunctionName"])
        concurrency = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        if function and str(properties.get("Enabled", True)).lower() != "false":
            yield EventSourceMapping(
                function=function,
                queue_arn=properties["EventSourceArn"],
                batch_size=int(properties.get("BatchSize", 10)),
                reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ()),
                concurrency=int(concurrency) if concurrency else None,
            )


def _schedules(template: Template, deployed: Mapping[str, Any]) -> Iterator[Schedule]:
    for name, one in deployed.items():
        properties, source = one["Properties"], template.resources[name].get("Properties", {})
        targets: list[tuple[Any, Any]] = []
        if one["Type"] == "AWS::Scheduler::Schedule":
            targets = [(source["Target"], properties["Target"])]
        elif one["Type"] == "AWS::Events::Rule" and "ScheduleExpression" in properties:
            targets = list(zip(source.get("Targets", ()), properties.get("Targets", ()), strict=True))
        for written, target in targets:
            if function := template.function_of(written["Arn"]):
                arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"
                yield Schedule(function=function, name=name, arn=arn, input=target.get("Input"))
