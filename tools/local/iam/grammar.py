"""Refuse policies that AWS refuses when they are deployed.

IAM user guide, "Grammar of the IAM JSON policy language"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html), and "IAM policy
validation check reference", whose findings of the kind "Error" each check names
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html).
"""

import re
from collections.abc import Mapping
from typing import Any

from tools.local.iam.errors import MalformedPolicyError

VERSIONS = {"2012-10-17", "2008-10-17"}
"""The versions of the policy language ("Invalid version"); a document may lack the element."""
DOCUMENT = {"Version", "Id", "Statement"}
"""The elements of a document ("Invalid policy element")."""
STATEMENT = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "NotPrincipal",
}  # fmt: skip
"""The elements of a statement ("Invalid policy element")."""
ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
"""`*`, or a service and a name ("Invalid action")."""
ARN = re.compile(r"arn:[^:]+:[^:*?]+:[^:]*:[^:]*:.+", re.DOTALL)
"""An ARN has six fields, and its service no wildcard ("Missing ARN field", "Invalid ARN prefix").

The note of "IAM JSON policy elements: Resource" forbids the wildcard
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
"""
SID = re.compile(r"[A-Za-z0-9]*")
"""The Sid of an identity-based policy ("Unsupported Sid")."""


def statements(owner: str, document: Mapping[str, Any]) -> list[Any]:
    """Return the statements of a document; raises MalformedPolicyError.

    "Invalid version", "Missing statement", "Empty array" and "Unique Sids required".
    """
    _require(owner, not document.keys() - DOCUMENT, f"the elements {sorted(document.keys() - DOCUMENT)}")
    version = document.get("Version", "2008-10-17")
    _require(owner, version in VERSIONS, f"the version {version}")
    found = as_list(document.get("Statement", []))
    _require(owner, bool(found), "a document without a statement")
    sids = [one["Sid"] for one in found if isinstance(one, Mapping) and "Sid" in one]
    _require(owner, len(set(sids)) == len(sids), f"the Sids {sids}, of which two are equal,")
    return found


def check(owner: str, statement: Any, *, identity: bool) -> None:  # noqa: ANN401 - any JSON value
    """Raise MalformedPolicyError if AWS refuses a statement of a role, or of a bucket or queue.

    "Missing effect", "Invalid effect", "Invalid policy element", "Unsupported principal", "Missing
    principal" and "Unsupported Sid".
    """
    _require(owner, isinstance(statement, Mapping), f"the statement {statement}")
    _require(owner, not statement.keys() - STATEMENT, f"the elements {sorted(statement.keys() - STATEMENT)}")
    effect = statement.get("Effect")
    _require(owner, effect in {"Allow", "Deny"}, f"the effect {effect}")
    principals = statement.keys() & {"Principal", "NotPrincipal"}
    if identity:
        _require(owner, not principals, "a principal in a policy of a role")
        _require(owner, SID.fullmatch(statement.get("Sid", "")) is not None, f"the Sid {statement.get('Sid')}")
    else:
        _require(owner, len(principals) == 1, "a statement without one principal")
    for action in _one_of(owner, statement, "Action", "NotAction"):
        _require(owner, ACTION.fullmatch(action) is not None, f"the action {action}")
    for arn in _one_of(owner, statement, "Resource", "NotResource"):
        _require(owner, arn == "*" or ARN.fullmatch(arn) is not None, f"the resource {arn}")


def _one_of(owner: str, statement: Mapping[str, Any], element: str, negated: str) -> list[str]:
    """Return the texts of an element or of its negation.

    "Missing action", "Missing resource", "Unsupported element combination" and "Empty array".
    """
    present = [one for one in (element, negated) if one in statement]
    _require(owner, len(present) == 1, f"a statement that has not just one of {element} and {negated}")
    values = as_list(statement[present[0]])
    _require(owner, bool(values) and all(isinstance(one, str) for one in values), f"the {present[0]} {values}")
    return values


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Return the values of an element that is one value or a list of values."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _require(owner: str, fulfilled: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not fulfilled:
        raise MalformedPolicyError(f"{owner}: AWS refuses {what}.")
