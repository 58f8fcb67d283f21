"""A short storm; `make storm SECONDS=60` runs a longer one."""

import pytest

from tools.storm import report, run
from tools.storm.run import Outcome


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run.blow(8, seed=7)


def test_no_recording_is_lost_or_stored_twice_after_a_storm(outcome: Outcome) -> None:
    assert (outcome.verdict.lost, outcome.verdict.double, outcome.verdict.wrong) == ([], [], [])
    assert (outcome.found.uploads, outcome.found.dead_letters, outcome.providers.leaks) == (0, 0, 0)
    assert report.is_clean(outcome)


def test_the_storm_had_faults_and_kills(outcome: Outcome) -> None:
    assert outcome.ledger.entries
    assert outcome.verdict.states["verified"] > 0
    assert outcome.killer.count > 0
    assert sum(outcome.aws.struck.values()) > 0
    assert sum(outcome.providers.interruptions.struck.values()) > 0


def test_only_the_reconciliation_found_what_no_callback_announced(outcome: Outcome) -> None:
    silent = [key for key, entry in outcome.ledger.entries.items() if entry.drawn.silent]
    begins = {outcome.found.rows[key]["history"][0]["what"].partition(" ")[0] for key in silent}
    assert begins == {"reconcile"}


def test_the_archives_own_reports_agree_with_the_ledger(outcome: Outcome) -> None:
    assert outcome.verdict.unexplained == []
    listed = sum(entry.listed for entry in outcome.ledger.entries.values())
    reports = [day for days in outcome.found.reports.values() for day in days]
    assert sum(day.listed or 0 for day in reports) == listed > 0


def test_the_last_line_has_the_figures(outcome: Outcome) -> None:
    last = report.lines(outcome)[-1]
    assert last.startswith("lost 0, double 0, unexplained 0, callbacks ")
    assert f"recordings {len(outcome.ledger.entries)}, verified {outcome.verdict.states['verified']}, " in last
