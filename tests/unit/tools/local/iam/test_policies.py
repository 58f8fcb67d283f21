"""The evaluation of policies, by the examples that AWS documents."""

from typing import Any

import pytest

from tools.local.iam import conditions, policies
from tools.local.iam.errors import UnknownError
from tools.local.iam.patterns import action_matches, arn_matches
from tools.local.iam.policies import Need, Statement

OBJECT = "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"


def statement(effect: str = "Allow", **elements: Any) -> Statement:
    """Return a statement about all actions on all resources, with changes."""
    whole = {"Effect": effect, "Action": "*", "Resource": "*"} | elements
    if "NotAction" in elements:
        del whole["Action"]
    if "NotResource" in elements:
        del whole["Resource"]
    return policies.parse("Function", whole)


def allowed(action: str, resource: str, *statements: Statement, **context: tuple[str, ...]) -> bool:
    """Say whether statements allow an action; in names of keys, `__` stands for a colon."""
    named = {key.replace("__", ":"): values for key, values in context.items()}
    return policies.decide(Need(action=action, resource=resource, context=named), statements).allowed


@pytest.mark.parametrize(
    ("key", "matching"),
    [
        ("1/test/object.jpg", True),
        ("1/2/test/object.jpg", True),
        ("1/2/test/3/object.jpg", True),
        ("1/2/3/test/4/object.jpg", True),
        ("1///test///object.jpg", True),
        ("1/test/.jpg", True),
        ("/test/object.jpg", True),
        ("1/test/", True),
        ("1-test/object.jpg", False),
        ("test/object.jpg", False),
        ("1/2/test.jpg", False),
    ],
)
def test_an_asterisk_matches_across_slashes(key: str, *, matching: bool) -> None:
    """IAM user guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs"."""
    assert arn_matches(OBJECT, f"arn:aws:s3:::amzn-s3-demo-bucket/{key}") is matching


def test_only_an_asterisk_at_the_end_of_a_segment_matches_beyond_a_colon() -> None:
    assert arn_matches("arn:aws:sqs:*:queue", "arn:aws:sqs:us-east-1:1:queue")
    assert not arn_matches("arn:aws:sqs:*-1:queue", "arn:aws:sqs:us-east-1:1:queue")
    assert not arn_matches("arn:aws:sqs:us-east-?:queue", "arn:aws:sqs:us-east-1:1:queue")
    assert arn_matches("*", "arn:aws:sqs:us-east-1:1:queue")


@pytest.mark.parametrize(
    ("pattern", "arn", "matching"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b:c", True),
        ("arn:aws:s3:::b/*:c", "arn:aws:s3:::b/a:b:c", True),
        ("arn:aws:s3:::b/a?b", "arn:aws:s3:::b/a:b", True),
        ("arn:aws:states:us-east-1:*:run:b", "arn:aws:states:us-east-1:1:execution:a:run:b", True),
        ("arn:aws:states:us-east-1:1*1:run:b", "arn:aws:states:us-east-1:1:execution:1:run:b", False),
        ("arn:aws:states:us-east-1:??execution:a", "arn:aws:states:us-east-1:1:execution:a", False),
    ],
)
def test_wildcards_of_the_resource_itself_match_its_colons(pattern: str, arn: str, *, matching: bool) -> None:
    assert arn_matches(pattern, arn) is matching


def test_a_resource_is_compared_with_its_case_and_an_action_without() -> None:
    assert action_matches("S3:getobject", "s3:GetObject")
    assert not arn_matches("arn:aws:s3:::bucket/A", "arn:aws:s3:::bucket/a")


def test_a_question_mark_is_exactly_one_character() -> None:
    assert action_matches("s3:?etObject", "s3:GetObject")
    assert not action_matches("s3:?GetObject", "s3:GetObject")
    assert not action_matches("s3:GetObject", "s3:GetObjectVersion")


def test_what_no_statement_allows_is_denied() -> None:
    decision = policies.decide(Need(action="s3:GetObject", resource="arn:aws:s3:::b/k"), [])
    assert (decision.allowed, decision.reason) == (
        False,
        "because no identity-based policy allows the s3:GetObject action",
    )


def test_an_explicit_deny_overrides_an_allow() -> None:
    """IAM user guide, "Policy evaluation logic": an explicit deny overrides any allow."""
    need = Need(action="s3:GetObject", resource="arn:aws:s3:::b/k")
    decision = policies.decide(need, [statement(), statement("Deny", Action="s3:Get*")])
    assert (decision.allowed, decision.reason) == (False, "with an explicit deny in an identity-based policy")


def test_a_deny_of_the_resources_own_policy_overrides_an_allow() -> None:
    need = Need(action="s3:GetObject", resource="arn:aws:s3:::b/k")
    decision = policies.decide(need, [statement()], [statement("Deny", Resource="arn:aws:s3:::b/*")])
    assert (decision.allowed, decision.reason) == (False, "with an explicit deny in a resource-based policy")


def test_an_allow_of_the_resources_own_policy_helps_no_function() -> None:
    assert not policies.decide(Need(action="sqs:SendMessage", resource="arn"), [], [statement()]).allowed


def test_not_action_is_everything_else() -> None:
    """IAM user guide, "IAM JSON policy elements: NotAction": all of S3 but DeleteBucket."""
    one = statement(NotAction="s3:DeleteBucket", Resource="arn:aws:s3:::*")
    assert allowed("s3:GetObject", "arn:aws:s3:::b/k", one)
    assert not allowed("s3:DeleteBucket", "arn:aws:s3:::b", one)
    assert not allowed("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q", one)


def test_not_resource_is_everything_else() -> None:
    """IAM user guide, "IAM JSON policy elements: NotResource": a Deny of all other buckets."""
    hr = ["arn:aws:s3:::amzn-s3-demo-bucket/HRReports", "arn:aws:s3:::amzn-s3-demo-bucket/HRReports/*"]
    statements = (statement(), statement("Deny", Action="s3:*", NotResource=hr))
    assert allowed("s3:GetObject", f"{hr[0]}/a", *statements)
    assert not allowed("s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/other", *statements)


def test_a_condition_decides_whether_a_statement_applies() -> None:
    one = statement("Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert allowed("s3:GetObject", "arn:aws:s3:::b/k", statement(), one, aws__SecureTransport=("true",))
    assert not allowed("s3:GetObject", "arn:aws:s3:::b/k", statement(), one, aws__SecureTransport=("false",))


@pytest.mark.parametrize(
    "elements",
    [
        {"Condition": {"StringSounds": {"s3:prefix": "x"}}},
        {"Condition": {"StringLike": {"s3:unheard": "x"}}},
        {"Condition": {"ForSomeValues:StringLike": {"s3:prefix": "x"}}},
        {"Condition": {"StringLike": {"s3:prefix": "${aws:username}"}}},
        {"Resource": "arn:aws:s3:::${aws:username}"},
        {"NotPrincipal": "*"},
        {"Effect": "Perhaps"},
    ],
)
def test_what_the_evaluator_does_not_know_is_an_error(elements: dict[str, Any]) -> None:
    with pytest.raises(UnknownError):
        policies.parse("Function", {"Effect": "Allow", "Action": "*", "Resource": "*"} | elements)


def test_several_values_without_a_set_operator_are_an_error() -> None:
    with pytest.raises(UnknownError):
        conditions.hold({"StringLike": {"dynamodb:LeadingKeys": "a"}}, {"dynamodb:LeadingKeys": ("a", "b")})


def test_the_parts_of_a_statement_are_pairs_of_action_and_resource() -> None:
    one = statement(Action=["s3:GetObject", "s3:PutObject"], Resource=["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"])
    assert len(list(one.permissions())) == 4
    used = list(one.matching(Need(action="s3:PutObject", resource="arn:aws:s3:::c/k")))
    assert [str(part) for part in used] == ["Function s3:PutObject arn:aws:s3:::c/*"]
