"""A short storm; `make storm SECONDS=60` runs a longer one."""

import pytest

from tools.storm import report, run
from tools.storm.run import Outcome


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run.blow(8, seed=7)


def test_no_recording_is_lost_or_stored_twice_after_a_storm(outcome: Outcome) -> None:
    assert (outcome.verdict.lost, outcome.verdict.double, outcome.verdict.wrong) == ([], [], [])
    assert (outcome.found.uploads, outcome.found.dead_letters, outcome.leaks) == (0, 0, 0)
    assert report.is_clean(outcome)


def test_the_storm_had_faults_and_kills(outcome: Outcome) -> None:
    assert outcome.ledger.entries
    assert outcome.verdict.states["verified"] > 0
    assert outcome.killer.count > 0
    assert sum(outcome.aws.struck.values()) > 0


def test_the_last_line_has_the_figures(outcome: Outcome) -> None:
    last = report.lines(outcome)[-1]
    assert last.startswith("lost 0, double 0, callbacks ")
    assert f"recordings {len(outcome.ledger.entries)}, verified {outcome.verdict.states['verified']}, " in last
