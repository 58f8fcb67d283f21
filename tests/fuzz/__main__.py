"""Fuzz the callbacks and uploads of each provider.

`make fuzz CALLBACKS=100000 SEED=1 PROVIDERS="twilio kazoo"`.
"""

import os
import sys
import time

from tests.fuzz.runs import TARGETS, run


def main() -> None:
    """Fuzz, and print the number of answers by status; stop at the first violated property.

    Metrics are printed too, and would hide the results.
    """
    os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")
    count, seed = int(os.environ.get("CALLBACKS") or 2000), int(os.environ.get("SEED") or 1)
    for name in (os.environ.get("PROVIDERS") or " ".join(TARGETS)).split():
        began = time.monotonic()
        statuses = run(TARGETS[name], count, seed)
        answers = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
        seconds, total = time.monotonic() - began, sum(statuses.values())
        sys.stdout.write(f"{name}: {total} sent in {seconds:.0f} s, seed {seed}, answers {answers}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
