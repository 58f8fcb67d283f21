"""Policies that AWS refuses when they are deployed."""

from typing import Any

import pytest

from tools.local.iam import grammar, policies
from tools.local.iam.errors import MalformedPolicyError

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
ABSENT = object()


def changed(**elements: Any) -> dict[str, Any]:
    """Return the statement with changes; ABSENT leaves an element out."""
    return {name: value for name, value in (STATEMENT | elements).items() if value is not ABSENT}


@pytest.mark.parametrize(
    "elements",
    [
        {"Effect": ABSENT},
        {"Effect": "allow"},
        {"Action": ABSENT},
        {"Action": []},
        {"Action": "GetObject"},
        {"Action": "s3:Get:Object"},
        {"Action": ["s3:GetObject", None]},
        {"NotAction": "s3:PutObject"},
        {"Resource": ABSENT},
        {"Resource": []},
        {"Resource": {"Ref": "Bucket"}},
        {"NotResource": "arn:aws:s3:::c"},
        {"Resource": "b/*"},
        {"Resource": ""},
        {"Resource": "arn:aws:s3:b"},
        {"Resource": "arn:aws:sqs:us-east-1:1:"},
        {"Resource": "arn:aws:*:us-east-1:1:q"},
        {"Resource": ["*", "arn:aws"]},
        {"Principal": "*"},
        {"NotPrincipal": "*"},
        {"Sid": "no-hyphen"},
        {"Comment": "x"},
    ],
)
def test_aws_refuses_a_statement_of_a_role(elements: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicyError):
        policies.parse("Fetch", changed(**elements))


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Sid": "One1"},
        {"Action": ABSENT, "NotAction": ["s3:PutObject"]},
        {"Resource": ABSENT, "NotResource": "*"},
        {"Resource": ["arn:aws:s3:::*", "arn:aws:sqs:*:*:q", "arn:*:sqs:us-east-1:1:a:b"]},
        {"Action": ["*", "s3:*", "execute-api:Inv?ke"]},
    ],
)
def test_aws_takes_a_statement_of_a_role(elements: dict[str, Any]) -> None:
    assert policies.parse("Fetch", changed(**elements)).allows


def test_a_resources_policy_names_one_principal() -> None:
    assert policies.parse("Policy", changed(Principal="*"), identity=False).allows
    for elements in ({}, {"Principal": "*", "NotPrincipal": "*"}):
        with pytest.raises(MalformedPolicyError, match="principal"):
            policies.parse("Policy", changed(**elements), identity=False)


@pytest.mark.parametrize(
    "document",
    [
        {"Version": "2012-10-18", "Statement": [STATEMENT]},
        {"Version": "latest", "Statement": [STATEMENT]},
        {"Version": "2012-10-17"},
        {"Version": "2012-10-17", "Statement": []},
        {"Statement": [STATEMENT], "Comment": "x"},
        {"Statement": [changed(Sid="A"), changed(Sid="A")]},
    ],
)
def test_aws_refuses_a_document(document: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicyError):
        grammar.statements("Fetch", document)


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}, {"Version": "2012-10-17", "Id": "x"}])
def test_aws_takes_one_statement_or_a_list(version: dict[str, str]) -> None:
    assert grammar.statements("Fetch", {**version, "Statement": STATEMENT}) == [STATEMENT]
    assert len(grammar.statements("Fetch", {**version, "Statement": [STATEMENT, STATEMENT]})) == 2
