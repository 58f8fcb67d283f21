"""The audit finds recordings that are lost, stored twice or wrong."""

from dataclasses import replace
from typing import Any

import pytest

from tools.local.faults import media
from tools.storm import audit, plan
from tools.storm.audit import Verdict
from tools.storm.found import Found
from tools.storm.ledger import Entry, Ledger

KEY = ("a", "r-1")
DRAWN = replace(next(plan.draw(0)), fault=media.NONE, absent=False, big=False)


def compare(
    *,
    row: dict[str, Any] | None = None,
    objects: dict[tuple[str, str], list[str]] | None = None,
    owed: bool = True,
    **found: Any,
) -> Verdict:
    ledger = Ledger()
    ledger.open(Entry(DRAWN, *KEY, sha256="right", size=10, state="verified", owed=owed))
    whole = {"state": "verified", "media": {"sha256": "right", "size": 10}}
    rows = {} if row == {} else {KEY: whole | (row or {})}
    return audit.compare(ledger, Found(rows, {KEY: ["right"]} if objects is None else objects, **found))


def test_a_recording_that_is_stored_once_and_complete_is_correct() -> None:
    verdict = compare()
    assert (verdict.lost, verdict.double, verdict.wrong, verdict.refused) == ([], [], [], 0)
    assert verdict.states == {"verified": 1}


@pytest.mark.parametrize(
    ("row", "objects"),
    [
        ({}, {}),
        ({"state": "pending"}, None),
        ({"state": "failed", "reason": "http_404"}, {}),
        ({"media": {"sha256": "other", "size": 10}}, None),
        ({"media": {"sha256": "right", "size": 9}}, None),
        (None, {}),
        (None, {KEY: ["other"]}),
    ],
)
def test_an_acknowledged_recording_that_is_not_archived_as_expected_is_lost(
    row: dict[str, Any] | None, objects: dict[tuple[str, str], list[str]] | None
) -> None:
    assert len(compare(row=row, objects=objects).lost) == 1


def test_a_recording_that_was_never_acknowledged_is_refused_and_not_lost() -> None:
    verdict = compare(row={}, objects={}, owed=False)
    assert (verdict.lost, verdict.refused) == ([], 1)


@pytest.mark.parametrize("objects", [{KEY: ["right", "right"]}, {KEY: ["right"], ("a", "r-2"): ["right"]}])
def test_audio_that_is_stored_twice_is_double(objects: dict[tuple[str, str], list[str]]) -> None:
    assert compare(objects=objects).double


def test_other_audio_of_a_recording_is_wrong() -> None:
    assert compare(objects={KEY: ["right", "other"]}).wrong


@pytest.mark.parametrize("found", [{"uploads": 1}, {"markers": 1}, {"parked": 1}, {"nameless": ["media/x"]}])
def test_uploads_markers_parked_callbacks_and_objects_without_a_recording_are_wrong(found: dict[str, Any]) -> None:
    assert compare(**found).wrong
