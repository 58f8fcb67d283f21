"""The results of the steps, as lines on the terminal and as a page to paste into an issue."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SECRET = re.compile(
    r"(?<!\d)\d{12}(?!\d)|\b[0-9a-f]{32,}\b|\b(?:AKIA|ASIA)\w{12,}|\b(?:Basic|Bearer) \S+"
    r"|(?<=arn:aws:sts::)\S+|(?<=arn:aws:iam::)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|https?://[^\s/]+|\b[\w-]+(?:\.[\w-]+)*\.amazonaws\.com|/(?:home|root|Users)/\S*",
    re.IGNORECASE,
)
"""What a report must not have.

An AWS account's id, a role or a user, an access key's id, an e-mail address, a token or a hash,
credentials, a host, and a path of the operator's machine.
"""


class Verdict(StrEnum):
    """How a step ended."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Result:
    """One step's end."""

    step: str
    verdict: Verdict
    detail: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.verdict:8}{self.seconds:6.1f} s  {self.step}: {self.detail}"


def masked(text: str) -> str:
    """Return a text without account ids, tokens and hosts, in one line and fit for a table."""
    return " ".join(SECRET.sub("***", text).replace("|", "/").split())


def counts(results: Iterable[Result]) -> str:
    """Return how many steps ended in which way, such as "8 passed, 1 failed, 0 skipped"."""
    verdicts = [one.verdict for one in results]
    return ", ".join(f"{verdicts.count(verdict)} {verdict.lower()}" for verdict in Verdict)


def page(results: list[Result], facts: dict[str, str]) -> str:
    """Return the report as Markdown."""
    lines = ["# Acceptance of Callvault", "", counts(results) + ".", ""]
    lines += [f"- {name}: {masked(value)}" for name, value in facts.items()]
    lines += ["", "| step | result | seconds | detail |", "|---|---|---|---|"]
    lines += [f"| {one.step} | {one.verdict} | {one.seconds:.0f} | {masked(one.detail)} |" for one in results]
    return "\n".join(lines) + "\n"
