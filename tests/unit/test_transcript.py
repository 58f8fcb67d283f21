"""What a row knows of a transcript after an update."""

from typing import Any

import pytest

from callvault.transcript import ORDER, REMOVED, Transcript, TranscriptState, TranscriptText, merged, removed

TEXT = TranscriptText(key="transcripts/a1/r1.json", etag='"1"', size=1, sha256="ab" * 32)
LATER_TEXT = TranscriptText(key="transcripts/a1/r1.json", etag='"2"', size=2, sha256="cd" * 32)


def transcript(state: str, number: int | None = 1, **fields: Any) -> Transcript:
    """Return a transcript of one of two transcriptions, or one of which nothing is known."""
    known = (
        {} if number is None else {"transcription_id": f"t-{number}", "completed_time": f"2026-11-26T1{number}:00:00Z"}
    )
    return Transcript.model_validate({"state": state, **known, **fields})


@pytest.mark.parametrize("known", list(TranscriptState))
@pytest.mark.parametrize("update", list(TranscriptState))
def test_a_transcript_of_one_transcription_moves_forward_only(known: TranscriptState, update: TranscriptState) -> None:
    one, other = transcript(known), transcript(update)
    further = ORDER[update] > ORDER[known] and (known is not TranscriptState.REQUESTED or update in REMOVED)
    assert merged(one, other) == (other if further else one)


@pytest.mark.parametrize("state", list(TranscriptState))
def test_a_later_transcription_takes_the_place_of_an_earlier_one(state: TranscriptState) -> None:
    later = transcript("pending", 2)
    assert merged(transcript(state, 1), later) == later
    assert merged(later, transcript(state, 1)) == later


@pytest.mark.parametrize("known", ["absent", "failed", "verified", "deleted"])
def test_a_transcription_is_later_than_one_whose_time_is_unknown(known: str) -> None:
    later = transcript("pending", 2)
    assert merged(transcript(known, 1, completed_time=None), later) == later


@pytest.mark.parametrize("known", ["failed", "verified", "deleted"])
def test_a_repeated_report_changes_nothing_even_if_the_time_is_unknown(known: str) -> None:
    one = transcript(known, 1, completed_time=None)
    assert merged(one, transcript("pending", 1)) == one


def test_a_requested_transcription_waits_for_a_later_text() -> None:
    requested = transcript("requested", 1, text=TEXT)
    assert merged(requested, transcript("pending", 1)) == requested
    assert merged(requested, transcript("pending", 2)) == transcript("pending", 2, text=TEXT)
    assert merged(transcript("requested", None), transcript("pending", 1)) == transcript("pending", 1)


def test_a_stored_text_stays_until_another_is_stored() -> None:
    pending = merged(transcript("verified", 1, text=TEXT), transcript("pending", 2))
    assert pending == transcript("pending", 2, text=TEXT)
    assert merged(pending, transcript("verified", 2, text=LATER_TEXT)) == transcript("verified", 2, text=LATER_TEXT)


def test_the_text_of_an_earlier_transcription_is_kept_if_there_is_no_other() -> None:
    assert merged(transcript("pending", 2), transcript("verified", 1, text=TEXT)) == transcript("pending", 2, text=TEXT)
    known = transcript("pending", 2, text=LATER_TEXT)
    assert merged(known, transcript("verified", 1, text=TEXT)) == known


def test_a_removed_transcript_has_no_text() -> None:
    stored = transcript("verified", 1, text=TEXT)
    assert removed(stored) == transcript("deleted")
    assert merged(stored, removed(stored)) == transcript("deleted")
    assert removed(removed(stored, TranscriptState.EXPIRED)) == transcript("expired")


def test_nothing_is_merged_with_nothing() -> None:
    one = transcript("pending")
    assert (merged(None, None), merged(one, None), merged(None, one)) == (None, one, one)
