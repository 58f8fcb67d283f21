"""Run the checks that take too long for every change: `make nightly`.

Each step is a make target with a time limit. A step that fails or runs too long does not stop the
others. The output of each step goes into build/nightly/<step>.log. At the end a table shows the
results. The exit status is 1 if any step failed. docs/nightly.md says what each step finds.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "build" / "nightly"
GRACE_SECONDS = 20
"""Time that a step has for its clean-up after SIGTERM, before SIGKILL."""


@dataclass(frozen=True)
class Step:
    """A command with a time limit."""

    name: str
    command: Sequence[str]
    limit_seconds: float


@dataclass(frozen=True)
class Result:
    """The result of a step."""

    name: str
    result: str
    """`passed`, `failed (<exit status>)` or `too long`."""
    seconds: float
    log: Path

    @property
    def passed(self) -> bool:
        """Say whether the step succeeded."""
        return self.result == "passed"


def steps(seed: int) -> list[Step]:
    """Return the steps of a night; storm, month, simulation and fuzz use this seed."""
    return [
        Step("storm", ("make", "storm", "SECONDS=300", f"SEED={seed}"), 40 * 60),
        Step("simulation", ("make", "simulation", f"SEED={seed}"), 10 * 60),
        Step("month", ("make", "month", f"SEED={seed}"), 30 * 60),
        Step("fuzz", ("make", "fuzz", "CALLBACKS=20000", f"SEED={seed}"), 50 * 60),
        Step("schemathesis", ("make", "schemathesis", "EXAMPLES=200"), 40 * 60),
        Step("opinion", ("make", "second-opinion"), 15 * 60),
        Step("protections", ("make", "protections"), 40 * 60),
        Step("permissions", ("make", "protections", "IAM=1"), 40 * 60),
        Step("acceptance", ("make", "acceptance"), 10 * 60),
        Step("bench", ("make", "bench"), 30 * 60),
        Step("release", ("make", "release-check"), 20 * 60),
        Step("upgrade", ("make", "upgrade-check"), 20 * 60),
    ]


def run(step: Step, folder: Path) -> Result:
    """Run one step and return its result; all processes that it started end with it."""
    log, began = folder / f"{step.name}.log", time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            step.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            status = process.wait(step.limit_seconds)
            result = "passed" if status == 0 else f"failed ({status})"
        except subprocess.TimeoutExpired:
            result = "too long"
        finally:
            _end(process)
    return Result(step.name, result, time.monotonic() - began, log)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process group of a step: first by SIGTERM, then by SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(GRACE_SECONDS)
        except ProcessLookupError:  # every process of the group has ended
            return
        except subprocess.TimeoutExpired:
            continue


def table(results: Iterable[Result]) -> list[str]:
    """Return the lines of the table."""
    lines = [f"{'step':14}{'result':14}{'minutes':>8}  log"]
    for one in results:
        log = one.log.relative_to(ROOT) if one.log.is_relative_to(ROOT) else one.log
        lines.append(f"{one.name:14}{one.result:14}{one.seconds / 60:8.1f}  {log}")
    return lines


def main(todo: Sequence[Step], folder: Path = LOGS) -> int:
    """Run the steps one after another, print the table, and return the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    for step in todo:
        print(f"{step.name}: {' '.join(step.command)}", flush=True)
        results.append(run(step, folder))
    print("\n".join(table(results)), flush=True)
    return 0 if all(one.passed for one in results) else 1


if __name__ == "__main__":
    sys.exit(main(steps(int(os.environ.get("SEED") or f"{datetime.now(UTC):%Y%m%d}"))))
