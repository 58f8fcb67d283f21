"""Read from a template what each function's role allows, and what the resources' policies deny."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tools.local.emulator.template import FUNCTION, Template
from tools.local.iam import grammar, known, policies
from tools.local.iam.calls import Surroundings
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Statement

MANAGED: Mapping[str, Any] = json.loads(Path(__file__).with_name("managed_policies.json").read_text())
"""AWS's own policies, by ARN; each has its source and its dates."""
KMS_PROPERTIES = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::S3::Bucket": ("BucketEncryption", "KMSMasterKeyID"),
    "AWS::SQS::Queue": (None, "KmsMasterKeyId"),
}
"""Where a resource names its customer managed key: in a property, or anywhere in a property."""

type Resolve = Callable[[Any], Any]
"""Returns a value of the template with its expressions evaluated."""


def roles(template: Template, resolve: Resolve) -> dict[str, tuple[Statement, ...]]:
    """Return the statements of each function's role; raises UnknownError."""
    found = {name: tuple(_of_function(template, name, resolve)) for name in template.of(FUNCTION)}
    for statements in found.values():
        known.check(statements)
    return found


def without(statements: Iterable[Statement], permission: str) -> tuple[Statement, ...]:
    """Return statements that lack one permission; one that allows has one action and resource."""
    given = tuple(statements)
    denying = tuple(statement for statement in given if not statement.allows)
    return denying + tuple(
        replace(statement, actions=(action,), resources=(resource,))
        for statement in given
        if statement.allows
        for action in statement.actions
        for resource in statement.resources
        if statement.managed or f"{statement.owner} {action} {resource.label}" != permission
    )


def resource_policies(template: Template, resolve: Resolve) -> tuple[Statement, ...]:
    """Return the statements of the policies of buckets and queues that concern functions.

    The principal of such a statement is everybody. A service as principal does not concern them.
    """
    found = []
    for kind in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"):
        for name, resource in template.of(kind).items():
            for statement in grammar.statements(name, resolve(resource["Properties"]["PolicyDocument"])):
                principal = statement.get("Principal")
                if principal in ("*", {"AWS": "*"}):
                    found.append(policies.parse(name, statement, identity=False))
                elif not isinstance(principal, dict) or principal.keys() != {"Service"}:
                    raise UnknownError(f"{name}: the principal {principal} is not known.")
    return tuple(found)


def _of_function(template: Template, name: str, resolve: Resolve) -> Iterator[Statement]:
    role = str(template.resources[name]["Properties"]["Role"]["Fn::GetAtt"][0])
    properties = template.resources[role]["Properties"]
    for arn in properties.get("ManagedPolicyArns", ()):
        if resolve(arn) not in MANAGED:
            raise UnknownError(f"{role}: the document of the managed policy {resolve(arn)} is not known.")
        for statement in MANAGED[resolve(arn)]["document"]["Statement"]:
            yield policies.parse(name, statement, managed=True)
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
    documents += [
        policy["Properties"]["PolicyDocument"]
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for policy in template.of(kind).values()
        if {"Ref": role} in policy["Properties"].get("Roles", ()) and resolve(_test(policy)) == "yes"
    ]
    for document in documents:
        yield from _of_document(name, document, resolve)


def _test(resource: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return an expression that is `yes` if a resource's condition holds."""
    return {"Fn::If": [resource["Condition"], "yes", "no"]} if "Condition" in resource else "yes"


def _of_document(owner: str, document: Mapping[str, Any], resolve: Resolve) -> Iterator[Statement]:
    grammar.statements(owner, resolve(document))
    for statement in grammar.as_list(document["Statement"]):
        resolved = resolve([statement])
        if resolved:
            written = statement["Fn::If"][1] if "Fn::If" in statement else statement
            labels = {
                str(resolve(one)): label(one)
                for element in ("Resource", "NotResource")
                for one in grammar.as_list(written.get(element, ()))
            }
            yield policies.parse(owner, resolved[0], labels)


def label(resource: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a short name of a resource of a statement: `MediaBucket/media/*`, `accounts/*`."""
    if not isinstance(resource, dict):
        return str(resource)
    ((kind, value),) = resource.items()
    if kind == "Fn::GetAtt":
        return str(value[0] if isinstance(value, list) else value.partition(".")[0])
    text = str(value if isinstance(value, str) else value[0])
    text = re.sub(r"^arn:.*:(?=[^:]*$)", "", re.sub(r"\$\{AWS::\w+\}", "", text))
    return re.sub(r"\$\{(\w+)(\.Arn)?\}", r"\1", text).replace("//", "/")


def surroundings(template: Template, resolve: Resolve, account: str, region: str) -> Surroundings:
    """Return what a template says about its resources: their keys and their partition keys."""
    around = Surroundings(account=account, region=region)
    kms_keys: dict[str, str] = {}
    partition_keys: dict[str, str] = {}
    for kind, (property_name, key_name) in KMS_PROPERTIES.items():
        for name, resource in template.of(kind).items():
            if resolve(_test(resource)) != "yes":
                continue
            properties, arn = resource.get("Properties", {}), str(resolve({"Fn::GetAtt": [name, "Arn"]}))
            whole = properties.get(property_name, {}) if property_name else properties
            found = re.search(rf'"{key_name}": "([^"]+)"', json.dumps(resolve(whole)))
            if found:
                kms_keys[arn] = found[1]
            if kind == "AWS::DynamoDB::Table":
                partition_keys |= dict(_partition_keys(arn, properties))
    key = resolve({"Ref": "AccountsKmsKeyArn"}) if "AccountsKmsKeyArn" in template.parameters else None
    if isinstance(key, str) and key:
        kms_keys[around.arn("ssm", "parameter/")] = key
    return Surroundings(account=account, region=region, kms_keys=kms_keys, partition_keys=partition_keys)


def _partition_keys(arn: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in (properties, *properties.get("GlobalSecondaryIndexes", ())):
        name = f"{arn}/index/{one['IndexName']}" if "IndexName" in one else arn
        yield name, next(key["AttributeName"] for key in one["KeySchema"] if key["KeyType"] == "HASH")
