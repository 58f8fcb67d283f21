"""Evaluate the statements of policies, as "Policy evaluation logic" of the IAM user guide says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.local.iam import conditions, grammar
from tools.local.iam.conditions import Context
from tools.local.iam.errors import UnknownError
from tools.local.iam.patterns import action_matches, arn_matches

ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal"}
"""The known elements of a statement. Every known Principal is `*` or a service."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A permission that a request needs: an action on a resource."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A pattern of ARNs, and how the template writes it."""

    pattern: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Permission:
    """The smallest part of a role: one action pattern on one resource pattern."""

    role: str
    action: str
    resource: str
    """How the template writes the resource, such as `MediaBucket/media/*`."""

    def __str__(self) -> str:
        return f"{self.role} {self.action} {self.resource}"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement of a policy of `owner`, which is the name of a function or of a resource."""

    owner: str
    allows: bool
    managed: bool = False
    """Whether the statement stands in a policy of AWS itself."""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    not_resources: tuple[Resource, ...] = ()
    condition: Mapping[str, Any] = field(default_factory=dict)

    def permissions(self) -> Iterator[Permission]:
        """Yield what the statement consists of."""
        for action in self.actions:
            for resource in self.resources:
                yield Permission(role=self.owner, action=action, resource=resource.label)

    def applies(self, need: Need) -> bool:
        """Return whether the statement speaks of a permission, and its condition holds."""
        return (
            self._names_action(need.action)
            and self._names_resource(need.resource)
            and conditions.hold(self.condition, need.context)
        )

    def matching(self, need: Need) -> Iterator[Permission]:
        """Yield the parts of the statement that match a permission, whatever its condition."""
        for action in self.actions:
            for resource in self.resources:
                if action_matches(action, need.action) and arn_matches(resource.pattern, need.resource):
                    yield Permission(role=self.owner, action=action, resource=resource.label)

    def _names_action(self, action: str) -> bool:
        if self.not_actions:
            return not any(action_matches(pattern, action) for pattern in self.not_actions)
        return any(action_matches(pattern, action) for pattern in self.actions)

    def _names_resource(self, arn: str) -> bool:
        if self.not_resources:
            return not any(arn_matches(one.pattern, arn) for one in self.not_resources)
        return any(arn_matches(one.pattern, arn) for one in self.resources)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether a permission is granted, and why not."""

    allowed: bool
    reason: str = ""
    """What follows in AWS's message: "because no identity-based policy allows the … action"."""


def parse(
    owner: str,
    statement: Mapping[str, Any],
    labels: Mapping[str, str] | None = None,
    *,
    managed: bool = False,
    identity: bool = True,
) -> Statement:
    """Return a statement.

    Raises MalformedPolicyError if AWS refuses it, and UnknownError if it has an element or a
    condition that is not known. `labels` maps a resource to how the template writes it. Without
    `identity`, the statement belongs to the policy of a resource, such as a bucket.
    """
    grammar.check(owner, statement, identity=identity)
    if unknown := statement.keys() - ELEMENTS:
        raise UnknownError(f"{owner}: the elements {sorted(unknown)} of a statement are not known.")
    condition = statement.get("Condition", {})
    conditions.check(condition)

    def resources(element: str) -> tuple[Resource, ...]:
        patterns = conditions.texts(statement.get(element, ()))
        if any("${" in pattern for pattern in patterns):
            raise UnknownError(f"{owner}: the variable in {patterns} is not known.")
        return tuple(Resource(pattern=one, label=(labels or {}).get(one, one)) for one in patterns)

    return Statement(
        owner=owner,
        allows=statement["Effect"] == "Allow",
        managed=managed,
        actions=conditions.texts(statement.get("Action", ())),
        not_actions=conditions.texts(statement.get("NotAction", ())),
        resources=resources("Resource"),
        not_resources=resources("NotResource"),
        condition=condition,
    )


def decide(need: Need, identity: Iterable[Statement], resource: Iterable[Statement] = ()) -> Decision:
    """Decide on a permission by a role's statements and those of the resource's own policy.

    An explicit Deny of either denies. Otherwise one of the role's statements must allow: an Allow
    in a resource's policy does not help a function.
    """
    name = need.action
    for kind, statements in (("an identity-based", identity := list(identity)), ("a resource-based", resource)):
        if any(not one.allows and one.applies(need) for one in statements):
            return Decision(allowed=False, reason=f"with an explicit deny in {kind} policy")
    if any(one.allows and one.applies(need) for one in identity):
        return Decision(allowed=True)
    return Decision(allowed=False, reason=f"because no identity-based policy allows the {name} action")
