"""Make a stack in memory whose outputs are the queues, the table and the bucket of the tests."""

import json
from typing import Any

import boto3
import pytest

from callvault import accounts, settings
from callvault.settings import Settings
from tests.conftest import ENVIRONMENT


def create(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any]) -> None:
    """Create the stack `callvault`, and leave no setting in force, as in an operator's shell."""
    values = {name.title().replace("_", ""): value for name, value in ENVIRONMENT.items()}
    body = {
        "Parameters": {
            name: {"Type": "String", "Default": str(parameter["Default"])}
            for name, parameter in template["Parameters"].items()
        },
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-the-stack"}}},
        "Outputs": {name: {"Value": values.get(name, "elsewhere")} for name in template["Outputs"]},
    }
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)  # undoes what the command sets
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper())
    boto3.client("cloudformation").create_stack(StackName="callvault", TemplateBody=json.dumps(body))
    settings.get.cache_clear()
    accounts.forget()
