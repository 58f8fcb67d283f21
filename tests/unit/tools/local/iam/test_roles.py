"""The roles of the functions, as they stand in a template."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests import roles as in_memory
from tools.local.emulator.template import Template
from tools.local.iam import policies, roles
from tools.local.iam.errors import MalformedPolicyError, UnknownError

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${MediaBucket.Arn}/media/*"}}


def template(
    *statements: Any, managed: str = BASIC, resources: Mapping[str, Any] | None = None, **parameters: Any
) -> Template:
    """Return a translated template of one function, whose role has these statements."""
    documents = [{"PolicyDocument": {"Statement": list(statements)}}] if statements else []
    return Template(
        resources={
            "Fetch": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [managed], "Policies": documents}},
            **(resources or {}),
        },
        parameters=parameters,
    )


def permissions(of: Template) -> list[str]:
    statements = roles.roles(of, in_memory.resolve)["Fetch"]
    return [str(one) for statement in statements if not statement.managed for one in statement.permissions()]


def test_a_role_has_its_own_statements_and_those_of_aws() -> None:
    statements = roles.roles(template(STATEMENT), in_memory.resolve)["Fetch"]
    assert [one.managed for one in statements] == [True, False]
    assert statements[0].actions == ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    assert [one.pattern for one in statements[1].resources] == ["arn:aws:s3:::callvault-bucket/media/*"]


def test_a_permission_names_its_resource_as_the_template_does() -> None:
    parameter = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${AWS::StackName}/accounts/*"
    found = permissions(
        template(
            STATEMENT,
            {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": {"Fn::Sub": parameter}},
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": [{"Fn::GetAtt": ["FetchQueue", "Arn"]}]},
        )
    )
    assert found == [
        "Fetch s3:GetObject MediaBucket/media/*",
        "Fetch ssm:GetParameter parameter/accounts/*",
        "Fetch sqs:SendMessage FetchQueue",
    ]


def test_a_statement_whose_condition_does_not_hold_is_left_out() -> None:
    kept, left_out = ({"Fn::If": [name, STATEMENT, {"Ref": "AWS::NoValue"}]} for name in ("HasKmsKey", "Never"))
    other = {**STATEMENT, "Action": "s3:PutObject"}
    always = "Fetch s3:PutObject MediaBucket/media/*"
    assert permissions(template(kept, other)) == ["Fetch s3:GetObject MediaBucket/media/*", always]
    assert permissions(template(left_out, other)) == [always]


def test_a_document_without_a_statement_that_holds_is_refused_as_on_aws() -> None:
    left_out = {"Fn::If": ["Never", STATEMENT, {"Ref": "AWS::NoValue"}]}
    with pytest.raises(MalformedPolicyError, match="without a statement"):
        permissions(template(left_out))


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"])
def test_a_resources_policy_needs_a_principal(kind: str) -> None:
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    policy = {"Type": kind, "Properties": {"PolicyDocument": {"Statement": statement}}}
    with pytest.raises(UnknownError, match="principal"):
        roles.resource_policies(template(resources={"Policy": policy}), in_memory.resolve)


def test_a_policy_that_stands_apart_belongs_to_its_roles() -> None:
    apart = {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [STATEMENT]}}
    policy = {"Type": "AWS::IAM::Policy", "Properties": apart}
    assert permissions(template(resources={"Apart": policy})) == ["Fetch s3:GetObject MediaBucket/media/*"]
    assert permissions(template(resources={"Apart": {**policy, "Condition": "Never"}})) == []


def test_a_managed_policy_that_is_not_in_the_repository_is_an_error() -> None:
    with pytest.raises(UnknownError, match="AdministratorAccess"):
        roles.roles(template(managed="arn:aws:iam::aws:policy/AdministratorAccess"), in_memory.resolve)


@pytest.mark.parametrize("action", ["s3:GetObjct", "cloudwatch:PutMetricData", "sqs:SendMessageBatch"])
def test_an_action_that_is_not_known_is_an_error(action: str) -> None:
    with pytest.raises(UnknownError, match=action):
        roles.roles(template({**STATEMENT, "Action": action}), in_memory.resolve)


def test_each_managed_policy_says_where_and_when_it_was_read() -> None:
    for policy in roles.MANAGED.values():
        assert policy["source"].startswith("https://docs.aws.amazon.com/aws-managed-policy/")
        assert policy["edited"] <= policy["read"]


def test_a_resources_policy_counts_for_everybody_but_not_for_services() -> None:
    def policy(principal: object) -> Template:
        statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": principal}
        document = {"PolicyDocument": {"Statement": [statement]}}
        return template(resources={"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": document}})

    assert len(roles.resource_policies(policy("*"), in_memory.resolve)) == 1
    assert len(roles.resource_policies(policy({"AWS": "*"}), in_memory.resolve)) == 1
    assert roles.resource_policies(policy({"Service": "s3.amazonaws.com"}), in_memory.resolve) == ()
    with pytest.raises(UnknownError):
        roles.resource_policies(policy({"AWS": "arn:aws:iam::1:root"}), in_memory.resolve)


def test_the_keys_of_the_template_are_known(translated: Template) -> None:
    around = roles.surroundings(translated, in_memory.resolve, in_memory.ACCOUNT, in_memory.REGION)
    table = in_memory.REFERENCES["RecordingsTable.Arn"]
    queues = [value for name, value in in_memory.REFERENCES.items() if name.endswith(("Queue.Arn", "Letters.Arn"))]
    encrypted = {table, in_memory.REFERENCES["MediaBucket.Arn"], *queues}
    assert {arn for arn, key in around.kms_keys.items() if key == in_memory.KMS_KEY} == encrypted
    accounts = around.arn("ssm", "parameter/")
    assert around.kms_keys.keys() - encrypted == {accounts}
    assert around.kms_keys[accounts] == in_memory.ACCOUNTS_KMS_KEY
    assert around.partition_keys[table] == "pk"
    assert around.partition_keys[f"{table}/index/by_due"] == "due_shard"


def test_one_permission_can_be_taken_away() -> None:
    whole = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
    }
    left = roles.without([policies.parse("Fetch", whole)], "Fetch s3:PutObject arn:aws:s3:::b/*")
    assert [str(one) for statement in left for one in statement.permissions()] == [
        "Fetch s3:GetObject arn:aws:s3:::a/*",
        "Fetch s3:GetObject arn:aws:s3:::b/*",
        "Fetch s3:PutObject arn:aws:s3:::a/*",
    ]


def test_no_permission_is_taken_from_a_statement_that_denies() -> None:
    denying = policies.parse("Fetch", {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"})
    assert roles.without([denying], "Fetch s3:GetObject arn:aws:s3:::b/*") == (denying,)


def test_a_presigned_url_opens_only_for_a_method_that_the_role_allows(translated: Template) -> None:
    url = "https://callvault-bucket.s3.us-east-1.amazonaws.com/media/a1/r1.wav?versionId=v"
    readers = in_memory.Roles(translated)
    assert [readers.opens("QueryRecordings", url, method) for method in ("GET", "HEAD", "DELETE")] == [
        True,
        True,
        False,
    ]
