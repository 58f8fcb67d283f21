"""Allow or refuse the requests of functions, each by the role of its function."""

import threading
from collections.abc import Iterable, Mapping

from tools.local.emulator.template import Template
from tools.local.emulator.wire import Head
from tools.local.iam import authentication, policies, refusals, roles, s3, s3_places, services, signatures
from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import DeniedError, UnknownError
from tools.local.iam.keys import OPERATORS, access_key
from tools.local.iam.policies import Decision, Need, Permission, Statement
from tools.local.iam.refusals import Refusal

TLS = {"aws:SecureTransport": ("true",)}
"""The requests of the local stack count as TLS: AWS's endpoints have no other."""


def of_template(template: Template, resolve: roles.Resolve, account: str, region: str) -> "Guard":
    """Return the guard of a template's functions; raises UnknownError."""
    return Guard(
        roles.roles(template, resolve),
        roles.resource_policies(template, resolve),
        roles.surroundings(template, resolve, account, region),
    )


class Guard:
    """The roles of the functions of one stack. The keys `OPERATORS` may do everything."""

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
        self._keys = {*self._functions, *OPERATORS}
        self._lock = threading.Lock()
        self.used: set[Permission] = set()
        """What the functions' requests needed so far."""
        self.faults: list[str] = []
        """What was denied, or not known to the evaluator: each fails the run."""

    def permissions(self) -> set[Permission]:
        """Return everything that the roles allow, without the policies of AWS itself."""
        statements = (one for role in self._roles.values() for one in role if one.allows and not one.managed)
        return {permission for one in statements for permission in one.permissions()}

    def function_of(self, head: Head) -> str | None:
        """Return the function that signed a request; None if the operator or nobody signed it."""
        signature = signatures.of(head)
        return self._functions.get(signature.key) if signature else None

    def refusal(self, head: Head, body: bytes) -> Refusal | None:
        """Return the refusal of any request, or None if its signer may send it.

        A browser asks without credentials whether it may read an object (OPTIONS), so nobody needs
        a permission for that.
        """
        if head.method == "OPTIONS":
            return None
        signature, function = signatures.of(head), self.function_of(head)
        try:
            service = services.service(Call(head=head, body=body))
        except UnknownError as error:
            if signature and signature.key in OPERATORS:
                return None
            self._note(f"{function or 'Somebody'}: {error!r}")
            return refusals.of("s3", f"The local stack does not know whether this is allowed. {error}")
        refusal = authentication.refusal(signature, self._keys, service, self._around.region)
        if refusal and function:
            self._note(f"The signature of {function} is not one for {service}: {signature}")
        return refusal or (self.check(function, head, body) if function else None)

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
        except (UnknownError, LookupError, TypeError, ValueError) as error:  # a malformed request is not known
            self._note(f"{function}: {error!r}")
            return refusals.of(service, f"The local stack does not know whether this is allowed. {error}")
        return None

    def missing(self, function: str, head: Head) -> Refusal | None:
        """Return what S3 answers to a function instead of 404 for a missing object.

        Return None if the 404 stays.

        The pages GetObject and HeadObject of the S3 API: "If the object that you request doesn't
        exist, the error that Amazon S3 returns depends on whether you also have the s3:ListBucket
        permission." Without it, the status is 403. AWS does not document this of writes with
        If-Match, which read the object's ETag; the stricter answer is assumed.
        """
        call = Call(head=head, body=b"")
        if not s3.needs_object(call):
            return None
        need = Need(action="s3:ListBucket", resource=s3_places.where(call).bucket_arn)
        decision = self._decide(function, need)
        return None if decision.allowed else refusals.denied("s3", self._principal(function), need, decision)

    def end(self) -> None:
        """Raise DeniedError if a request was denied or not known, each kind of it once."""
        if self.faults:
            raise DeniedError("\n".join(dict.fromkeys(self.faults)))

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
