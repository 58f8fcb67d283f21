"""Translate a SAM template, and divide it between moto and the local stack."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from tools.local.aws import expressions
from tools.local.aws.process import REGION

CREATED_BY_MOTO = {
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
}
"""The resource types that moto creates from the template.

moto would ignore other types with a warning, or act on them: its event source mappings run
functions in Docker."""
FUNCTION = "AWS::Lambda::Function"
WITH_ARN = {"AWS::DynamoDB::Table", FUNCTION, "AWS::S3::Bucket", "AWS::SQS::Queue"}
"""The resource types whose ARN the local stack needs."""
NEEDED = WITH_ARN | {
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}
"""The resource types whose properties the local stack needs."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A translated template."""

    resources: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    """The folder of each function's code and of each layer's content, by logical id."""

    def of(self, kind: str) -> dict[str, Any]:
        """Return the resources of a type, by logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def function_of(self, reference: object) -> str | None:
        """Return the logical id of the function that a reference, ARN or URI names, or None."""
        text = str(reference)
        for name in re.findall(r"\w+", text):
            kind = self.resources.get(name, {}).get("Type")
            if kind == FUNCTION:
                return str(name)
            if kind in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
                return self.function_of(self.resources[name]["Properties"]["FunctionName"])
        return None

    def for_moto(self, api_url: str) -> dict[str, Any]:
        """Return the template for moto.

        It has the resources that moto creates, and as outputs all the values that the local stack
        needs.
        """
        whole = {
            "Resources": {name: {**one, "DependsOn": []} for name, one in self.resources.items()},
            "Outputs": {
                **self.outputs,
                **expressions.outputs(self.needed()),
                **expressions.tests(self.conditions),
            },
        }
        kept = {name: one for name, one in whole["Resources"].items() if one["Type"] in CREATED_BY_MOTO}

        def stand_in(name: str, attribute: str | None) -> object:
            if name not in self.resources or name in kept:
                return None
            if attribute == "ApiEndpoint":
                return api_url
            function = self.function_of({"Ref": name})
            return {"Fn::GetAtt": [function, "Arn"]} if function else name

        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": self.parameters,
            "Conditions": self.conditions,
            **({"Mappings": self.mappings} if self.mappings else {}),
            "Resources": expressions.replace(kept, stand_in),
            "Outputs": expressions.replace(whole["Outputs"], stand_in),
        }

    def needed(self) -> dict[str, Any]:
        """Return the resources whose values the local stack needs, with their Ref and Arn."""
        return {
            name: {"Properties": {}, **resource, "Ref": {"Ref": name}, **_arn(name, resource)}
            for name, resource in self.resources.items()
            if resource["Type"] in NEEDED
        }


def _arn(name: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    return {"Arn": {"Fn::GetAtt": [name, "Arn"]}} if resource["Type"] in WITH_ARN else {}


def read(path: Path, parameters: Mapping[str, str]) -> Template:
    """Translate a SAM template."""
    source = yaml_parse(path.read_text())
    defaults = source.get("Globals", {}).get("Function", {})
    folders: dict[str, Path] = {}
    for name, resource in source["Resources"].items():
        # The translator accepts only code in S3; the name identifies the folder afterwards.
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource.setdefault("Properties", {})
            folders[name] = (path.parent / properties.get("CodeUri", defaults.get("CodeUri", "."))).resolve()
            properties["CodeUri"] = f"s3://local/{name}"
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            folders[name] = (path.parent / resource["Properties"]["ContentUri"]).resolve()
            resource["Properties"]["ContentUri"] = f"s3://local/{name}"
    translator = Translator({}, Parser(), boto_session=boto3.session.Session(region_name=REGION))
    translated = translator.translate(source, dict(parameters))
    resources = translated["Resources"]
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::LayerVersion":
            folders[name] = folders[resource["Properties"]["Content"]["S3Key"]]
    return Template(
        resources=resources,
        parameters=translated.get("Parameters", {}),
        conditions=translated.get("Conditions", {}),
        mappings=translated.get("Mappings", {}),
        outputs=translated.get("Outputs", {}),
        folders=folders,
    )
