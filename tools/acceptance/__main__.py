"""`make acceptance STACK=…`: run every step, print it, and write build/acceptance.md.

Without STACK as an argument of make, a local stack is started and tried. AWS_PROFILE and AWS_REGION
choose the AWS account and the region. Exit status: 0 if no step failed, 1 otherwise, 2 for a usage
error.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.acceptance import archive_steps, deploy_steps, http_steps, provider_stack, report, target
from tools.acceptance.report import Result, Verdict
from tools.acceptance.target import FailedError, SkippedError, Target
from tools.local import start
from tools.ops import stack_settings

REPORT = Path(__file__).parents[2] / "build" / "acceptance.md"

type Step = Callable[[Target], str]

STEPS: dict[str, Step] = {
    "challenge of a 401": http_steps.ask_for_challenge,
    "HEAD": http_steps.ask_by_head,
    "large bodies": http_steps.send_large_bodies,
    "raw UTF-8 in a path": http_steps.send_raw_paths,
    "quotes in a signed query": http_steps.send_quoted_queries,
    "conditional complete over an object": archive_steps.complete_over_an_object,
    "slow, cut and late audio": archive_steps.fetch,
    "a fetch that is broken off": archive_steps.break_off,
    "reading by Range": archive_steps.read_range,
    "redriving a dead letter": archive_steps.redrive,
    "a second deployment": deploy_steps.deploy_again,
}


def run(tried: Target, steps: dict[str, Step]) -> list[Result]:
    """Run every step, also after one that failed, and print each result."""
    results = []
    for name, step in steps.items():
        began = time.monotonic()
        try:
            verdict, detail = Verdict.PASSED, step(tried)
        except SkippedError as skipped:
            verdict, detail = Verdict.SKIPPED, str(skipped)
        except FailedError as failed:
            verdict, detail = Verdict.FAILED, str(failed)
        except Exception as error:  # noqa: BLE001 - the report says which step met what
            verdict, detail = Verdict.FAILED, f"{type(error).__name__}: {error}"
        results.append(Result(name, verdict, detail, time.monotonic() - began))
        print(report.masked(str(results[-1])), flush=True)
    return results


def described(stack: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the outputs and the parameters of a stack; raises ClientError."""
    [found] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    return outputs, {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", [])}


def refuse_accounts_of_others(stack: str) -> None:
    """Raise FailedError if the stack has accounts that no acceptance wrote: it archives calls."""
    path = f"/{stack}/accounts/"
    pages = boto3.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path)
    names = (one["Name"].removeprefix(path) for page in pages for one in page["Parameters"])
    if others := sum(not name.startswith(target.PREFIX) for name in names):
        raise FailedError(
            f"The stack {stack} has {others} accounts of its own. Acceptance changes the stack that it tries: "
            "give it one that archives no calls, such as STACK=callvault-acceptance."
        )


def main(arguments: list[str] | None = None) -> int:
    """Run the acceptance and return the exit status."""
    parser = argparse.ArgumentParser(prog="make acceptance", description="Try the archive on a real AWS account.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", help="the stack to deploy and to try, such as callvault-acceptance")
    where.add_argument("--local", action="store_true", help="start a local stack and try that one")
    chosen = parser.parse_args(arguments)
    stack_settings.use_region()
    try:
        if not chosen.local:
            return accept(chosen.stack)
        with start.running() as local:
            os.environ |= local.aws_environment()
            return accept(local.name)
    except (FailedError, BotoCoreError, ClientError) as error:
        print(f"acceptance: {error}", file=sys.stderr)
        return 1


def accept(stack: str) -> int:
    """Deploy the stack unless it is local, try it, write the report, and return the exit status.

    Raises FailedError, BotoCoreError, ClientError.
    """
    began, local = datetime.now(UTC), provider_stack.is_local()
    refuse_accounts_of_others(stack)
    with provider_stack.running(stack) as (url, credentials):
        if not local:
            deploy_steps.deploy(stack)
        outputs, parameters = described(stack)
        tried = Target(
            stack=stack,
            outputs=outputs,
            parameters=parameters,
            local=local,
            provider_url=url,
            credentials=credentials,
        )
        try:
            results = run(tried, STEPS)
        finally:
            tried.clean_up()
    facts = {
        "version": outputs.get("Version", "?"),
        "region": boto3.session.Session().region_name or "?",
        "where": "local stack" if local else "AWS",
        "began": f"{began:%Y-%m-%d %H:%M} UTC",
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report.page(results, facts))
    print(f"{report.counts(results)}. The report is {REPORT}.")
    return 1 if any(one.verdict is Verdict.FAILED for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
