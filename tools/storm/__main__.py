"""Run the storm and print its figures: `make storm SECONDS=60 SEED=1`; exit status 1 if anything is lost or double.

The same seed draws the same recordings, callbacks and faults. Kills, races and how many of the drawn recordings are
announced in the time are the machine's.
"""

import argparse
import sys
from collections import Counter

from tools.storm import run
from tools.storm.run import Outcome

SHOWN = 40


def main() -> int:
    """Run it, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.storm", description="Storm the local stack, then count.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    outcome = run.blow(arguments.seconds, arguments.seed)
    print("\n".join(report(outcome)))
    return 0 if is_clean(outcome) else 1


def is_clean(outcome: Outcome) -> bool:
    """Say whether nothing is lost, double or otherwise wrong."""
    verdict = outcome.verdict
    return not (verdict.lost or verdict.double or verdict.wrong or outcome.leaks)


def report(outcome: Outcome) -> list[str]:
    """Return the lines that tell of a storm; the last one has the figures."""
    verdict, found = outcome.verdict, outcome.found
    faults = outcome.ledger.faults()
    lines = [f"took {', '.join(f'{name} {seconds:.0f} s' for name, seconds in outcome.seconds.items())}"]
    lines.append(f"answers {_counts(outcome.ledger.answers)}")
    lines.append(f"faults of providers {_counts(faults)}")
    lines.append(f"faults of AWS {_counts(outcome.aws.struck)}")
    lines.append(f"kills {_counts(outcome.killer.killed)}")
    for name, problems in (("lost", verdict.lost), ("double", verdict.double), ("wrong", verdict.wrong)):
        lines += [f"{name}: {problem}" for problem in problems[:SHOWN]]
    states = [f"{state} {verdict.states[state]}" for state in ("verified", "absent", "failed")]
    states += [f"{state} {count}" for state, count in verdict.states.items() if f"{state} {count}" not in states]
    figures = [
        f"lost {len(verdict.lost)}",
        f"double {len(verdict.double)}",
        f"callbacks {outcome.ledger.callbacks}",
        f"recordings {len(outcome.ledger.entries)}",
        *states,
        f"refused {verdict.refused}",
        f"kills {outcome.killer.count}",
        f"faults {sum(faults.values()) + sum(outcome.aws.struck.values())}",
        f"open uploads {found.uploads}",
        f"dead letters {found.dead_letters}",
        f"otherwise wrong {len(verdict.wrong) + outcome.leaks}",
    ]
    return [*lines, ", ".join(figures)]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
