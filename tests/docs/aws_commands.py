"""Read the commands of the AWS CLI in the pages, and say what each calls."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import botocore.session
from botocore import xform_name

from tests.docs import blocks

COMMAND = re.compile(r"\baws (?P<service>[a-z0-9-]+) (?P<operation>[a-z0-9-]+)(?: (?P<waiter>[a-z-]+))?")
SERVICES = {"s3api": "s3"}
"""The names that the CLI gives to services of botocore."""
PREFIXES = {"service-quotas": "servicequotas", "s3api": "s3"}
"""The prefixes of a service's actions in a policy, where they are not its name."""
OWN = {("logs", "tail"): ("FilterLogEvents",)}
"""What commands call that exist in the CLI alone."""


@dataclass(frozen=True)
class Command:
    """One command of a page."""

    place: str
    service: str
    operation: str
    waiter: str

    def actions(self) -> Iterator[str]:
        """Yield the actions that the command needs; raises LookupError for an unknown command."""
        prefix = PREFIXES.get(self.service, self.service)
        yield from (f"{prefix}:{one}" for one in self._operations())

    def _operations(self) -> tuple[str, ...]:
        if own := OWN.get((self.service, self.operation)):
            return own
        service = SERVICES.get(self.service, self.service)
        if self.operation != "wait":
            return (operations(service)[self.operation],)
        waiters = _session().get_waiter_model(service)
        names = {xform_name(name, "-"): name for name in waiters.waiter_names}
        return (str(waiters.get_waiter(names[self.waiter]).operation),)


@cache
def operations(service: str) -> dict[str, str]:
    """Return the operations of a service by the names that the CLI gives them."""
    return {xform_name(name, "-"): name for name in _session().get_service_model(service).operation_names}


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


def every() -> list[Command]:
    """Return the commands of all pages."""
    return [
        Command(str(block), found["service"], found["operation"], found["waiter"] or "")
        for block in blocks.every()
        if block.language == "sh"
        for found in COMMAND.finditer(block.text)
    ]


def of(page: str) -> list[Command]:
    """Return the commands of one page of docs/, such as `operate/upgrade`."""
    return [one for one in every() if one.place.startswith(f"docs/{page}.md:")]
