"""With `KmsKeyArn`, everything is encrypted by that key, and whoever needs it may use it."""

import json
from typing import Any

from tests.docs import blocks
from tests.unit.stack.test_template import resources, statements
from tools.local.emulator.template import Template

PAGE = "docs/operate/encryption.md"
KEY = {"If": ["HasKmsKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]}


def key_policy() -> dict[str, dict[str, Any]]:
    """Return the statements of the documented key policy, by the service that each allows."""
    [policy, _] = [
        json.loads(block.text) for block in blocks.every() if block.page == PAGE and block.language == "json"
    ]
    return {next(iter(one["Principal"].values())): one for one in policy["Statement"]}


def test_every_store_queue_log_and_function_uses_the_key(template: dict[str, Any]) -> None:
    [bucket] = resources(template, "AWS::S3::Bucket").values()
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default = rule["If"][1]["ServerSideEncryptionByDefault"]
    assert default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "KmsKeyArn"}}
    [table] = resources(template, "AWS::DynamoDB::Table").values()
    assert table["SSESpecification"]["KMSMasterKeyId"] == KEY
    for queue in resources(template, "AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"] == KEY
        # SQS refuses a queue that has both (AWS::SQS::Queue, SqsManagedSseEnabled).
        assert queue["SqsManagedSseEnabled"] == {"If": ["HasKmsKey", {"Ref": "AWS::NoValue"}, True]}
    assert all(log["KmsKeyId"] == KEY for log in resources(template, "AWS::Logs::LogGroup").values())
    assert template["Globals"]["Function"]["KmsKeyArn"] == KEY


def test_every_functions_role_may_use_the_key(template: dict[str, Any]) -> None:
    allowed = {name: one["Action"] for name, one in statements(template) if one["Resource"] == {"Ref": "KmsKeyArn"}}
    assert set(allowed) == set(resources(template, "AWS::Serverless::Function"))
    assert all(set(actions) == {"kms:Decrypt", "kms:GenerateDataKey"} for actions in allowed.values())
    [user] = resources(template, "AWS::IAM::User").values()
    [first, *_] = user["Policies"][0]["PolicyDocument"]["Statement"]
    assert first["If"][1]["Resource"] == {"Ref": "KmsKeyArn"}


def test_the_documented_key_policy_allows_the_services_that_use_the_key_without_a_role(
    template: dict[str, Any],
) -> None:
    policy = key_policy()
    [bucket] = resources(template, "AWS::S3::Bucket").values()
    assert bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert set(policy["s3.amazonaws.com"]["Action"]) == {"kms:GenerateDataKey", "kms:Decrypt"}
    logs = policy["logs.REGION.amazonaws.com"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    for log in resources(template, "AWS::Logs::LogGroup").values():
        name = log.get("LogGroupName", {"Sub": "${AWS::StackName}-made-by-CloudFormation"})["Sub"]
        prefixes = [arn.partition(":log-group:")[2].removesuffix("*") for arn in logs]
        assert name.replace("${AWS::StackName}", "STACK").startswith(tuple(prefixes))


def test_without_a_key_the_translated_template_names_none(translated: Template) -> None:
    for queue in translated.of("AWS::SQS::Queue").values():
        assert queue["Properties"]["KmsMasterKeyId"] == {"Fn::If": KEY["If"]}
    assert translated.conditions["HasKmsKey"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "KmsKeyArn"}, ""]}]}
