"""Choose, check, build, deploy: `python -m tools.deploy`.

Exit status: 0 success, 1 failure, 130 interrupted, or that of the SAM CLI.
"""

import os
import re
import sys
from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy import checks, parameters, questions, sam, stacks
from tools.deploy.errors import DeployError
from tools.deploy.parameters import Parameter

STACK_NAME = re.compile(r"[a-z0-9-]{1,35}")
"""35, because the bucket's name is made of the stack's name, the account (12), and the region.

A region has up to 14 characters, and S3 accepts names of 63. S3 also wants lower case.
"""
DEFAULT_REGION = "us-east-1"
INTERRUPTED = 130


def main() -> int:
    """Deploy and return the exit status."""
    try:
        return deploy(terminal=sys.stdin.isatty())
    except (DeployError, BotoCoreError) as error:
        print(f"deploy: {error}", file=sys.stderr)
    except ClientError as error:
        answer = error.response["Error"]
        print(f"deploy: {error.operation_name}: {answer.get('Code')}: {answer.get('Message')}", file=sys.stderr)
    except (KeyboardInterrupt, EOFError):
        print("\ndeploy: interrupted; an update that CloudFormation has begun continues.", file=sys.stderr)
        return INTERRUPTED
    return 1


def deploy(*, terminal: bool) -> int:
    """Deploy, with questions if there is a terminal; raises DeployError."""
    known = parameters.read(parameters.TEMPLATE)
    given = parameters.given(os.environ.get("PARAMETERS", ""), known)
    name = _stack_name(terminal=terminal)
    region = _region(terminal=terminal)
    stack = stacks.find(name, region)
    if stack and stack.status == "ROLLBACK_COMPLETE":
        stacks.remove_rolled_back(name, region)
        stack = None
    if stack:
        stacks.check_status(name, stack)
    current = _current(known, stack.parameters if stack else {})
    if terminal:
        given |= questions.ask_parameters({key: one for key, one in known.items() if key not in given}, current)
    plan = checks.Plan(stack_name=name, region=region, values=current | given, stack=stack)
    for warning in checks.run(plan):
        print(f"WARNING: {warning}")
    return sam.build() or sam.deploy(name, region, given) or _finish(name, region)


def _stack_name(*, terminal: bool) -> str:
    name = os.environ.get("STACK") or "callvault"
    if terminal and "STACK" not in os.environ:
        return questions.ask("Name of the stack", name, _problem_of_name)
    if problem := _problem_of_name(name):
        raise DeployError(problem)
    return name


def _problem_of_name(name: str) -> str | None:
    if STACK_NAME.fullmatch(name) and name[0].isalpha():
        return None
    return f"{name!r} is no name for the stack: use 1 to 35 of a-z, 0-9 and the hyphen, and begin with a letter."


def _region(*, terminal: bool) -> str:
    configured = os.environ.get("AWS_REGION") or boto3.session.Session().region_name
    if terminal and not os.environ.get("AWS_REGION"):
        return questions.ask("Region", configured or DEFAULT_REGION, lambda _: None)
    if not configured:
        raise DeployError("No region is configured: set AWS_REGION. Recordings are stored in that region.")
    return configured


def _current(known: Mapping[str, Parameter], deployed: Mapping[str, str]) -> dict[str, str]:
    """Return the values that the parameters have if nothing is given."""
    return {name: deployed.get(name, one.default) for name, one in known.items()}


def _finish(name: str, region: str) -> int:
    stacks.protect(name, region)
    stack = stacks.find(name, region)
    print(f"The stack {name} is deployed. ApiUrl: {stack.outputs.get('ApiUrl') if stack else 'unknown'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
