"""Stacks live side by side in one AWS account, and one that failed can be deployed again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.stack import transforms
from tests.unit.stack.test_upgrade import of

LONGEST_STACK_NAME = "a" * 35
LONGEST_REGION = "ap-southeast-1"
LONGEST_BUCKET_NAME = 63
"""Of S3: Amazon S3 user guide, "General purpose bucket naming rules"."""
INNER = {"MetricName", "StageName"}
"""Names that are unique within a namespace or an API only."""
DOMAIN = {
    "DomainName": "calls.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "HostedZoneId": "Z123",
}
DOMAIN_KINDS = {"AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "AWS::Route53::RecordSet"}
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def names(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each name in a resource's properties, with its place."""
    for logical_id, resource in resources.items():
        for key, value in resource.get("Properties", {}).items():
            if re.search(r"(^|[a-z])Name$", key) and key not in INNER:
                yield f"{logical_id}.{key}", value
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            yield f"{logical_id}.Namespace", resource["Properties"].get("Namespace", "AWS/")


def test_two_stacks_in_one_account_share_no_physical_name() -> None:
    first, second = (
        dict(names(transforms.deployed(name, CreateKazooUploadUser="true"))) for name in ("one", "another")
    )
    shared = {place for place in first if first[place] == second[place] and not first[place].startswith("AWS/")}
    assert shared == set()
    assert {"MediaBucket.BucketName", "FetchQueue.QueueName", "ApiLogs.LogGroupName"} <= set(first)


def test_schedules_have_names_that_cloudformation_makes() -> None:
    schedules = of("AWS::Scheduler::Schedule", transforms.deployed())
    assert len(schedules) == 3
    assert not any("Name" in one for one in schedules.values())


def test_the_access_log_is_below_the_prefix_that_needs_no_line_in_the_accounts_policy() -> None:
    resources = transforms.deployed("one")
    assert resources["ApiLogs"]["Properties"]["LogGroupName"] == "/aws/vendedlogs/one/api"
    [stage] = of("AWS::ApiGatewayV2::Stage", resources).values()
    assert stage["AccessLogSettings"]["DestinationArn"] == "one:ApiLogs.Arn"


@pytest.mark.parametrize(
    ("given", "name"), [({}, "one-123456789012-us-east-1"), ({"BucketName": "recordings"}, "recordings")]
)
def test_every_place_names_the_same_bucket(given: dict[str, str], name: str) -> None:
    resources = transforms.deployed("one", **given)
    [statement] = resources["ObjectsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    environments = [one["Environment"]["Variables"] for one in of("AWS::Lambda::Function", resources).values()]
    assert resources["MediaBucket"]["Properties"]["BucketName"] == name
    assert {one["BUCKET_NAME"] for one in environments} == {name}
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": f"arn:aws:s3:::{name}"}


def test_the_longest_stack_name_makes_a_bucket_name_that_s3_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(transforms.PSEUDO, "AWS::Region", LONGEST_REGION)
    made = transforms.deployed(LONGEST_STACK_NAME)["MediaBucket"]["Properties"]["BucketName"]
    assert len(made) == LONGEST_BUCKET_NAME


def test_every_queue_says_what_becomes_of_it_when_it_is_removed_or_replaced() -> None:
    queues = [one for one in transforms.deployed().values() if one["Type"] == "AWS::SQS::Queue"]
    assert len(queues) >= 6
    assert all("DeletionPolicy" in one and "UpdateReplacePolicy" in one for one in queues)


def test_a_first_deployment_that_fails_leaves_nothing_that_has_a_fixed_name() -> None:
    kept = {name: one for name, one in transforms.deployed().items() if one.get("DeletionPolicy") == "Retain"}
    assert list(names(kept)) == []


def test_a_rollback_deletes_nothing_that_is_protected_against_deletion() -> None:
    """DynamoDB would refuse to delete the table, and the stack would be ROLLBACK_FAILED."""
    protected = [
        one for one in transforms.deployed().values() if one.get("Properties", {}).get("DeletionProtectionEnabled")
    ]
    assert [one["DeletionPolicy"] for one in protected] == ["Retain"]


def test_the_users_own_domain_leads_to_the_api() -> None:
    resources = transforms.deployed(**DOMAIN)
    assert resources["ApiDomain"]["Properties"]["DomainName"] == DOMAIN["DomainName"]
    assert resources["ApiDomainMapping"]["Properties"]["ApiId"] == "callvault:Api"
    assert resources["ApiDomainMapping"]["Properties"]["Stage"] == "callvault:ApiApiGatewayDefaultStage"
    assert resources["ApiApiGatewayDefaultStage"]["Type"] == "AWS::ApiGatewayV2::Stage"
    record = resources["ApiDomainRecord"]["Properties"]
    assert (record["HostedZoneId"], record["Name"]) == (DOMAIN["HostedZoneId"], DOMAIN["DomainName"])
    assert record["AliasTarget"]["DNSName"] == "callvault:ApiDomain.RegionalDomainName"


def test_without_a_domain_the_stack_has_none_of_its_resources() -> None:
    assert {one["Type"] for one in transforms.deployed().values()} & DOMAIN_KINDS == set()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("DomainName", "DomainName needs CertificateArn."),
        ("CertificateArn", "CertificateArn needs DomainName."),
        ("HostedZoneId", "HostedZoneId needs DomainName."),
    ],
)
def test_half_a_domain_is_refused(name: str, said: str) -> None:
    assert transforms.refusals(**{name: DOMAIN[name]}) == [said]


def test_the_upload_user_needs_the_name_of_its_account() -> None:
    said = ["CreateKazooUploadUser needs KazooUploadAccount."]
    assert transforms.refusals(CreateKazooUploadUser="true") == said
    assert transforms.refusals(CreateKazooUploadUser="true", KazooUploadAccount="acme") == []


def test_a_whole_domain_or_none_is_not_refused() -> None:
    assert transforms.refusals(**DOMAIN) == transforms.refusals() == []


def test_without_a_hosted_zone_the_user_makes_the_record() -> None:
    resources = transforms.deployed(**{**DOMAIN, "HostedZoneId": ""})
    assert "ApiDomain" in resources
    assert "ApiDomainRecord" not in resources


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, ""),
        (DOMAIN, "https://calls.example.com"),
        ({**DOMAIN, "PublicUrl": "https://proxy.example.com"}, "https://proxy.example.com"),
    ],
)
def test_the_public_url_is_that_of_the_domain_unless_another_is_given(given: dict[str, str], url: str) -> None:
    functions = of("AWS::Lambda::Function", transforms.deployed(**given))
    assert {one["Environment"]["Variables"]["PUBLIC_URL"] for one in functions.values()} == {url}


@pytest.mark.parametrize(("given", "boundary"), [({}, None), ({"PermissionsBoundaryArn": BOUNDARY}, BOUNDARY)])
def test_every_role_and_user_has_the_permissions_boundary(given: dict[str, str], boundary: str | None) -> None:
    resources = transforms.deployed(CreateKazooUploadUser="true", **given)
    held = {**of("AWS::IAM::Role", resources), **of("AWS::IAM::User", resources)}
    assert len(held) > len(of("AWS::Lambda::Function", resources))
    assert {one.get("PermissionsBoundary") for one in held.values()} == {boundary}
