"""Allow or refuse the requests of functions, each by the role of its function."""

import base64
import hashlib
import threading
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from tools.local.emulator.wire import Head
from tools.local.iam import policies, refusals, s3, services
from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Decision, Need, Permission, Statement
from tools.local.iam.refusals import Refusal

TLS = {"aws:SecureTransport": ("true",)}
"""The requests of the local stack count as TLS: AWS's endpoints have no other."""
MISSING_OBJECT = {"GetObject", "GetObjectVersion"}


def access_key(function: str) -> str:
    """Return the access key by which the guard recognises a function's processes.

    It has the form of a temporary key.
    """
    return "ASIA" + base64.b32encode(hashlib.sha256(function.encode()).digest()).decode()[:16]


def access_key_of(head: Head) -> str | None:
    """Return the access key of a request: of its Authorization header, or of a presigned URL."""
    header = head.header("authorization") or ""
    if "Credential=" in header:
        return header.partition("Credential=")[2].partition("/")[0]
    if header.startswith("AWS "):
        return header.removeprefix("AWS ").partition(":")[0]
    parameters = dict(parse_qsl(urlsplit(head.target).query))
    if "X-Amz-Credential" in parameters:
        return parameters["X-Amz-Credential"].partition("/")[0]
    return parameters.get("AWSAccessKeyId")


class Guard:
    """The roles of the functions of one stack. A key of no function is the operator's."""

    def __init__(
        self,
        roles: Mapping[str, Iterable[Statement]],
        resource_policies: Iterable[Statement],
        around: Surroundings,
    ) -> None:
        self._roles = {name: tuple(statements) for name, statements in roles.items()}
        self._resource_policies = tuple(resource_policies)
        self._around = around
        self._functions = {access_key(name): name for name in self._roles}
        self._lock = threading.Lock()
        self.used: set[Permission] = set()
        """What the functions' requests needed so far."""
        self.faults: list[str] = []
        """What was denied, or not known to the evaluator: each fails the run."""

    def permissions(self) -> set[Permission]:
        """Return everything that the roles allow."""
        statements = (one for role in self._roles.values() for one in role if one.allows)
        return {permission for one in statements for permission in one.permissions()}

    def function_of(self, head: Head) -> str | None:
        """Return the function that signed a request, or None for the operator."""
        return self._functions.get(access_key_of(head) or "")

    def check(self, function: str, head: Head, body: bytes) -> Refusal | None:
        """Return the refusal of a function's request, or None if its role allows it."""
        call = Call(head=head, body=body)
        service = "s3"
        try:
            service = services.service(call)
            for need in services.needs(call, self._around):
                decision = self._decide(function, need)
                if not decision.allowed:
                    return self._refuse(service, function, need, decision)
        except UnknownError as error:
            self._note(f"{function}: {error}")
            return refusals.of(service, f"The local stack does not know whether this is allowed. {error}")
        return None

    def hides_missing(self, function: str, head: Head) -> Refusal | None:
        """Return what S3 answers to a function instead of 404 for a missing object, or None.

        The pages GetObject and HeadObject of the S3 API: "If the object that you request doesn't
        exist, the error that Amazon S3 returns depends on whether you also have the s3:ListBucket
        permission." Without it, the status is 403.
        """
        call = Call(head=head, body=b"")
        if services.service(call) != "s3" or head.method not in {"GET", "HEAD"}:
            return None
        place = s3.where(call)
        if not place.key or self.may_list(function, place.bucket):
            return None
        need = Need(action="s3:ListBucket", resource=place.bucket_arn)
        reason = "because no identity-based policy allows the s3:ListBucket action"
        return refusals.denied("s3", self._principal(function), need, Decision(allowed=False, reason=reason))

    def may_list(self, function: str, bucket: str) -> bool:
        """Return whether a function may list a bucket, and note that this was needed."""
        return self._decide(function, Need(action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}")).allowed

    def _decide(self, function: str, need: Need) -> Decision:
        role, full = (
            self._roles[function],
            Need(action=need.action, resource=need.resource, context={**TLS, **need.context}),
        )
        decision = policies.decide(full, role, self._resource_policies)
        if decision.allowed:
            with self._lock:
                self.used.update(
                    part for one in role if one.allows and one.applies(full) for part in one.matching(full)
                )
        return decision

    def _refuse(self, service: str, function: str, need: Need, decision: Decision) -> Refusal:
        self._note(f"{function} was denied {need.action} on {need.resource} {decision.reason}.")
        return refusals.denied(service, self._principal(function), need, decision)

    def _principal(self, function: str) -> str:
        return f"arn:aws:sts::{self._around.account}:assumed-role/{function}Role/{function}"

    def _note(self, fault: str) -> None:
        with self._lock:
            self.faults.append(fault)
