"""Run the storm and print its figures: `make storm SECONDS=60 SEED=1`.

The exit status is 1 if a recording is lost or stored twice, or if anything else is wrong. The same
seed draws the same recordings, callbacks and faults. The kills, the races, and the number of drawn
recordings that are announced in the given time depend on the speed of the machine.
"""

import argparse
import sys

from tools.storm import report, run


def main() -> int:
    """Run the storm, print the report, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.storm", description="Run a storm on the local stack, then count what was lost."
    )
    parser.add_argument("--seconds", type=float, default=60, help="length of the storm (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the recordings and faults (default: 1)")
    arguments = parser.parse_args()
    outcome = run.blow(arguments.seconds, arguments.seed)
    print("\n".join(report.lines(outcome)))
    return 0 if report.is_clean(outcome) else 1


if __name__ == "__main__":
    sys.exit(main())
