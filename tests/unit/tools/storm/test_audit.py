"""The audit finds recordings that are lost, stored twice or wrong."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tools.local.faults import media
from tools.storm import audit, plan
from tools.storm.audit import Verdict
from tools.storm.found import Found
from tools.storm.ledger import Entry, Ledger, Text
from tools.storm.plan import Way
from tools.storm.variants import Variant

KEY = ("a", "r-1")
DRAWN = replace(
    next(plan.draw(0)),
    way=Way.BANDWIDTH,
    variant=Variant.PLAIN,
    fault=media.NONE,
    text=None,
    absent=False,
    big=False,
)


WAYS = {
    "relay": replace(DRAWN, way=Way.RELAY),
    "sealed": replace(DRAWN, way=Way.TWILIO, variant=Variant.SEALED),
    "elsewhere": replace(DRAWN, way=Way.TWILIO, variant=Variant.ELSEWHERE),
}


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


def transcript(**fields: Any) -> dict[str, Any]:
    return {"state": "verified", "text": {"sha256": "words", "size": 5}} | fields


def compare_text(
    described: dict[str, Any] | None, texts: list[str], *, owed: int = 1, told: int = 1, reason: str | None = None
) -> Verdict:
    """Compare a recording that is complete, and whose transcription was acknowledged."""
    ledger = Ledger()
    entry = ledger.open(Entry(DRAWN, *KEY, sha256="right", size=10, state="verified", owed=True))
    entry.text = Text({"words": 5, "other words": 11}, reason, told=told, owed=owed)
    row = {"state": "verified", "media": {"sha256": "right", "size": 10}} | (
        {"transcript": described} if described else {}
    )
    return audit.compare(ledger, Found({KEY: row}, {KEY: ["right"]}, {KEY: texts} if texts else {}))


def test_a_text_that_is_stored_once_is_correct() -> None:
    verdict = compare_text(transcript(), ["words"])
    assert (verdict.lost, verdict.double, verdict.wrong, verdict.texts) == ([], [], [], {"verified": 1})


@pytest.mark.parametrize(
    ("described", "texts", "reason"),
    [
        (None, [], None),
        (transcript(state="pending", text=None), [], None),
        (transcript(state="failed", reason="http_404", text=None), [], None),
        (transcript(text={"sha256": "words", "size": 4}), ["words"], None),
        (transcript(text={"sha256": "other words", "size": 11}), ["other words"], None),
        (transcript(), [], None),
        (transcript(), ["words"], "http_404"),
        (transcript(state="failed", reason="http_404", text=None), ["words"], "http_404"),
    ],
)
def test_an_acknowledged_text_that_is_not_archived_as_expected_is_lost(
    described: dict[str, Any] | None, texts: list[str], reason: str | None
) -> None:
    assert len(compare_text(described, texts, reason=reason).lost) == 1


def test_a_text_that_no_callback_got_acknowledged_for_is_not_lost() -> None:
    assert compare_text(None, [], owed=0).lost == []


def test_the_text_of_the_last_acknowledged_transcription_has_to_be_the_last_one_stored() -> None:
    assert len(compare_text(transcript(), ["words"], owed=2, told=2).lost) == 1
    newest = transcript(text={"sha256": "other words", "size": 11})
    assert compare_text(newest, ["words", "other words"], owed=2, told=2).lost == []
    assert compare_text(transcript(), ["words"], owed=1, told=2).lost == []


@pytest.mark.parametrize(("texts", "told"), [(["words", "words"], 1), (["words"] * 3, 2)])
def test_a_text_that_is_stored_more_often_than_it_was_transcribed_is_double(texts: list[str], told: int) -> None:
    assert compare_text(transcript(), texts, told=told).double


def test_a_text_that_the_provider_never_had_is_wrong() -> None:
    assert compare_text(transcript(), ["words", "nonsense"]).wrong


def test_a_text_of_a_recording_that_was_not_transcribed_is_double() -> None:
    assert compare(texts={KEY: ["words"]}).double


def compare_kept(way: str, *, extra: dict[str, Any], **fields: Any) -> list[str]:
    """Return what is lost of a recording that its provider keeps in its own way."""
    state, reason = ("absent", "stored_elsewhere") if way == "elsewhere" else ("verified", None)
    ledger = Ledger()
    entry = ledger.open(Entry(WAYS[way], *KEY, sha256="right", size=10, state=state, reason=reason, owed=True))
    entry.details = {"iv": "x"} if way == "sealed" else None
    entry.place = "https://bucket/RE1" if way == "elsewhere" else None
    whole = {"state": state, "reason": reason, "extra": json.dumps(extra), "media": {"sha256": "right", "size": 10}}
    objects = fields.pop("objects", {} if way == "elsewhere" else {KEY: ["right"]})
    return audit.compare(ledger, Found({KEY: whole | fields}, objects)).lost


@pytest.mark.parametrize(
    ("way", "extra"),
    [
        ("relay", {"size": 10}),
        ("relay", {"byte_size": 10}),
        ("sealed", {"EncryptionDetails": {"iv": "x"}}),
        ("sealed", {"EncryptionDetails": '{"iv": "x"}'}),
        ("elsewhere", {"media_url": "https://bucket/RE1"}),
    ],
)
def test_a_recording_that_is_kept_in_its_providers_own_way_is_correct(way: str, extra: dict[str, Any]) -> None:
    assert compare_kept(way, extra=extra) == []


@pytest.mark.parametrize(
    ("way", "extra", "fields"),
    [
        ("relay", {}, {}),
        ("relay", {"size": 9}, {}),
        ("relay", {"size": 10}, {"media": {"sha256": "part", "size": 7}}),
        ("sealed", {}, {}),
        ("sealed", {"EncryptionDetails": {"iv": "y"}}, {}),
        ("sealed", {"EncryptionDetails": {"iv": "x"}}, {"media": {"sha256": "opened", "size": 10}}),
        ("elsewhere", {}, {}),
        ("elsewhere", {"media_url": "https://bucket/RE1?X-Amz-Signature=x"}, {}),
        ("elsewhere", {"media_url": "https://bucket/RE1"}, {"state": "failed", "reason": "http_404"}),
        ("elsewhere", {"media_url": "https://bucket/RE1"}, {"objects": {KEY: ["right"]}}),
    ],
)
def test_a_recording_without_what_its_provider_said_of_the_media_is_lost(
    way: str, extra: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert len(compare_kept(way, extra=extra, **fields)) == 1


@pytest.mark.parametrize(
    ("expires", "reason", "lost"),
    [("12:00", "gone", 0), ("12:00", "http_404", 1), ("11:58", "http_404", 0), ("11:58", "gone", 1)],
)
def test_a_recording_is_gone_only_if_it_was_announced_before_its_provider_deleted_it(
    expires: str, reason: str, lost: int
) -> None:
    ledger = Ledger()
    drawn = replace(DRAWN, fault=media.FAULTS["gone"])
    ledger.open(Entry(drawn, *KEY, sha256="right", size=10, state="failed", reason="gone", owed=True))
    row = {"state": "failed", "reason": reason, "created_time": "11:59", "source_expires_time": expires}
    assert len(audit.compare(ledger, Found({KEY: row})).lost) == lost
