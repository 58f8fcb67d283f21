"""Report the outcome of a storm."""

from collections import Counter

from tools.storm.run import Outcome

MAX_PROBLEMS = 40
"""Maximum number of printed errors of one kind."""


def is_clean(outcome: Outcome) -> bool:
    """Return whether no error was found."""
    verdict = outcome.verdict
    return not (verdict.lost or verdict.double or verdict.unexplained or verdict.wrong or outcome.providers.leaks)


def lines(outcome: Outcome) -> list[str]:
    """Return the lines of the report; the last one has the figures."""
    verdict, found = outcome.verdict, outcome.found
    faults, leaks = outcome.ledger.faults(), outcome.providers.leaks
    struck = outcome.providers.interruptions.struck + outcome.aws.struck
    report = [f"took {', '.join(f'{name} {seconds:.0f} s' for name, seconds in outcome.seconds.items())}"]
    report.append(f"answers {_counts(outcome.ledger.answers)}")
    report.append(f"faults of providers {_counts(faults)}")
    report.append(f"faults of lists {_counts(outcome.providers.interruptions.struck)}")
    report.append(f"faults of AWS {_counts(outcome.aws.struck)}")
    report.append(f"kinds {_counts(outcome.ledger.variants())}")
    report.append(f"texts {_counts(verdict.texts)}")
    report.append(f"kills {_counts(outcome.killer.killed)}")
    for name in ("lost", "double", "unexplained", "wrong"):
        problems: list[str] = getattr(verdict, name)
        report += [f"{name}: {problem}" for problem in problems[:MAX_PROBLEMS]]
    states = [f"{state} {verdict.states[state]}" for state in ("verified", "absent", "failed")]
    states += [f"{state} {count}" for state, count in verdict.states.items() if f"{state} {count}" not in states]
    figures = [
        f"lost {len(verdict.lost)}",
        f"double {len(verdict.double)}",
        f"unexplained {len(verdict.unexplained)}",
        f"callbacks {outcome.ledger.callbacks}",
        f"recordings {len(outcome.ledger.entries)}",
        *states,
        f"refused {verdict.refused}",
        f"kills {outcome.killer.count}",
        f"faults {sum(faults.values()) + sum(struck.values())}",
        f"open uploads {found.uploads}",
        f"dead letters {found.dead_letters}",
        f"otherwise wrong {len(verdict.wrong) + leaks}",
    ]
    return [*report, ", ".join(figures)]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"
