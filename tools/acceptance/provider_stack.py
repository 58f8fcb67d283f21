"""The stand-in of Bandwidth's API: a small stack of its own on AWS, a loopback server here."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from tools.acceptance import provider
from tools.local.faults.replies import Reply
from tools.local.providers.loopback import LoopbackHandler, LoopbackServer

USER = "acceptance"


def template(code: str) -> dict[str, Any]:
    """Return the stack's template: one function with a public URL, which asks for Basic.

    A function URL without IAM needs two permissions (AWS Lambda, "Control access to Lambda function
    URLs"): since October 2025, InvokeFunctionUrl and InvokeFunction.
    """
    allowed = {"FunctionName": {"Ref": "Provider"}, "Principal": "*"}
    return {
        "Description": "A stand-in of Bandwidth's API for the acceptance of Callvault.",
        "Parameters": {"Credentials": {"Type": "String", "NoEcho": True}},
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                },
            },
            "Provider": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Timeout": 60,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Environment": {"Variables": {"CREDENTIALS": {"Ref": "Credentials"}}},
                    "Code": {"ZipFile": code},
                },
            },
            "Url": {
                "Type": "AWS::Lambda::Url",
                "Properties": {"AuthType": "NONE", "TargetFunctionArn": {"Ref": "Provider"}},
            },
            "UrlPermission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {**allowed, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
            },
            "InvokePermission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {**allowed, "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
            },
        },
        "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Url", "FunctionUrl"]}}},
    }


def is_local() -> bool:
    """Say whether this is the local stack and not AWS."""
    return "AWS_ENDPOINT_URL" in os.environ


@contextmanager
def running(stack: str) -> Iterator[tuple[str, str]]:
    """Yield the stand-in's URL and its `user:password`; remove it afterwards."""
    credentials = f"{USER}:{secrets.token_hex(16)}"
    if is_local():
        with Loopback(credentials) as server:
            yield server.origin, credentials
        return
    name, client = f"{stack}-acceptance-provider", boto3.client("cloudformation")
    client.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template(Path(provider.__file__).read_text())),
        Parameters=[{"ParameterKey": "Credentials", "ParameterValue": credentials}],
        Capabilities=["CAPABILITY_IAM"],
    )
    try:
        client.get_waiter("stack_create_complete").wait(StackName=name)
        [made] = client.describe_stacks(StackName=name)["Stacks"]
        yield made["Outputs"][0]["OutputValue"].rstrip("/"), credentials
    finally:
        client.delete_stack(StackName=name)
        client.get_waiter("stack_delete_complete").wait(StackName=name)


class _Handler(LoopbackHandler):
    """Answer as the function does."""

    server: "Loopback"

    def get(self) -> None:
        """Answer a GET."""
        authorization = self.headers.get("authorization") or ""
        status, body = provider.answer(self.path, authorization, self.server.credentials)
        self._send(Reply(status=status, body=body, headers={"content-type": "audio/vnd.wave"}))


class Loopback(LoopbackServer):
    """The same answers on loopback."""

    handler = _Handler

    def __init__(self, credentials: str) -> None:
        super().__init__(0)
        self.credentials = credentials
