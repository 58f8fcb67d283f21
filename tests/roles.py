"""Run the functions' handlers under their roles, in the in-memory AWS.

While a handler runs, each request to AWS needs a permission of its function's role in
template.yaml, as deployed with customer managed KMS keys. A denied request fails the test. The
exception is S3's 403 for a missing object, which S3 sends to a caller without s3:ListBucket.
Outside of handlers, and in the block `with functions_roles.operator():`, a test may do everything.
`make protections IAM=1` names in WITHOUT the one permission that a run lacks.
"""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from callvault.messaging.queues import Queue
from tools.local.aws import expressions
from tools.local.emulator.template import Template
from tools.local.emulator.wire import Head
from tools.local.iam import guard, roles
from tools.local.iam.clients import body_of, head_of, response
from tools.local.iam.guard import Guard

ACCOUNT, REGION = "123456789012", "us-east-1"
WITHOUT = "CALLVAULT_WITHOUT_PERMISSION"
"""The environment variable with the permission that is taken away: function, action, resource."""
KMS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/data"
ACCOUNTS_KMS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/accounts"
REFERENCES = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "callvault",
    "AccountsKmsKeyArn": ACCOUNTS_KMS_KEY,
    "EventBusName": "default",
    "KmsKeyArn": KMS_KEY,
    "MediaBucket.Arn": "arn:aws:s3:::callvault-bucket",
    "RecordingsTable.Arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/callvault-recordings",
} | {
    f"{queue.name.title()}{kind}.Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:callvault-{queue}{suffix}"
    for queue in Queue
    for kind, suffix in (("Queue", ""), ("DeadLetters", "-dead-letters"))
}
"""The values of the template's references in the in-memory AWS."""
CONDITIONS = {"HasAccountsKmsKey", "HasKmsKey"}
"""The conditions of the template that hold."""
ABSENT = object()


def resolve(node: Any) -> Any:
    """Return a value of the template with its expressions evaluated."""
    if isinstance(node, list):
        return [one for one in map(resolve, node) if one is not ABSENT]
    if not isinstance(node, dict):
        return node
    if expressions.is_expression(node):
        ((kind, argument),) = node.items()
        return EVALUATED[kind](argument)
    resolved = {key: resolve(value) for key, value in node.items()}
    return {key: value for key, value in resolved.items() if value is not ABSENT}


def _chosen(argument: list[Any]) -> Any:
    condition, yes, no = argument
    return resolve(yes if condition in CONDITIONS else no)


def _substituted(argument: Any) -> str:
    text, variables = (argument, {}) if isinstance(argument, str) else argument
    values = REFERENCES | {name: resolve(value) for name, value in variables.items()}
    return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(values.get(found[1], found[1])), text)


EVALUATED: dict[str, Callable[[Any], Any]] = {
    "Ref": lambda name: ABSENT if name == "AWS::NoValue" else REFERENCES.get(name, name),
    "Fn::GetAtt": lambda parts: REFERENCES.get(".".join(parts), ".".join(parts)),
    "Fn::If": _chosen,
    "Fn::Sub": _substituted,
}
"""How each kind of expression is evaluated; the policies have no others."""


class Roles:
    """The roles, and the function whose handler runs."""

    def __init__(self, template: Template) -> None:
        self.guard = guard_of(template, os.environ.get(WITHOUT))
        # A variable of the context, because the threads of a local stack have no role.
        self._function: ContextVar[str | None] = ContextVar("function", default=None)

    def wrapped(self, function: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return a handler that runs under its function's role."""

        def under_role(*arguments: Any) -> Any:
            with self._as(function):
                return handler(*arguments)

        return under_role

    @contextmanager
    def _as(self, function: str | None) -> Iterator[None]:
        token = self._function.set(function)
        try:
            yield
        finally:
            self._function.reset(token)

    @staticmethod
    def submitting(submit: Callable[..., Any]) -> Callable[..., Any]:
        """Return a stand-in for an executor's `submit`, whose calls have the submitter's role."""

        def in_context(executor: Executor, call: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
            return submit(executor, copy_context().run, call, *arguments, **options)

        return in_context

    def operator(self) -> Any:
        """Return a context in which everything is allowed, also within a handler."""
        return self._as(None)

    def opens(self, function: str, url: str, method: str) -> bool:
        """Return whether a function's role allows a request that it presigned for a method."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}"
        asked = Head(method=method, target=target, version="HTTP/1.1", headers=(("host", parts.netloc),))
        return self.guard.check(function, asked, b"") is None

    def end(self) -> None:
        """Fail the test if a request was denied, and forget it for the next test."""
        faults, self.guard.faults = self.guard.faults, []
        assert not faults, "\n".join(faults)

    def enforcing(self, stubber: Callable[..., Any]) -> Callable[..., Any]:
        """Return a stand-in for moto's, which answers requests of a botocore client."""

        def answer(moto: Any, event_name: str, request: AWSPreparedRequest, **more: Any) -> AWSResponse | None:
            function = self._function.get()
            if function is None:
                answered: AWSResponse | None = stubber(moto, event_name, request, **more)
                return answered
            head = head_of(request)
            if refusal := self.guard.check(function, head, body_of(request)):
                return response(request, refusal)
            with self.operator():
                answered = stubber(moto, event_name, request, **more)
            missing = answered is not None and answered.status_code == 404
            if missing and (refusal := self.guard.missing(function, head)):
                return response(request, refusal)
            return answered

        return answer


def guard_of(template: Template, without: str | None = None) -> Guard:
    """Return the guard of the template's roles, perhaps without one permission."""
    whole = roles.roles(template, resolve)
    if without:
        whole = {name: roles.without(statements, without) for name, statements in whole.items()}
    around = roles.surroundings(template, resolve, ACCOUNT, REGION)
    return guard.Guard(whole, roles.resource_policies(template, resolve), around)
