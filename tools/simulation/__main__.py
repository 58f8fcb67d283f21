"""Simulate an outage, print the figures, and exit with 1 if one is out of its bounds."""

import argparse
import sys
import time
from dataclasses import replace

from tools.simulation.archive import Archive
from tools.simulation.setting import Bounds, Result, Setting, exceeded


def main() -> int:
    """Run the simulation and return the exit status."""
    parser = argparse.ArgumentParser(prog="make simulation", description="Simulate an outage of a provider.")
    parser.add_argument("--hours", type=float, default=12, help="duration of the outage, by default 12")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    setting, began = Setting(outage_hours=arguments.hours, seed=arguments.seed), time.monotonic()
    usual = Archive(replace(setting, outage_hours=0, hours_after=setting.hours_after + arguments.hours)).run()
    result = Archive(setting).run()
    show(result, usual, time.monotonic() - began)
    faults = exceeded(setting, result, usual, Bounds())
    print("\n".join(faults) or "Every figure is within its bounds.")
    return 1 if faults else 0


def show(result: Result, usual: Result, seconds: float) -> None:
    """Print the figures of a run; `usual` had no outage."""
    gone = "not gone" if result.backlog_gone is None else f"{result.backlog_gone / 3600:.2f} hours"
    ratio = result.median_wait / usual.median_wait
    lines = {
        "most messages in flight": f"{result.max_in_flight:,}",
        "median wait of the other accounts": f"{result.median_wait:.3f} s, {ratio:.3f} times that without an outage",
        "backlog when the provider came back": f"{result.backlog:,} recordings",
        "time until the backlog was gone": gone,
        "most requests in one second after that": str(result.max_in_a_second),
        "most requests in one second of the outage": str(result.max_in_a_second_down),
        "requests while the provider was down": f"{result.requests_while_down:,}",
        "most rows in one run of the sweep": f"{result.max_swept:,}",
        "recordings that were given up": str(result.failed),
        "time that the simulation took": f"{seconds:.0f} s",
    }
    for name, value in lines.items():
        print(f"{name:<42} {value}")


if __name__ == "__main__":
    sys.exit(main())
