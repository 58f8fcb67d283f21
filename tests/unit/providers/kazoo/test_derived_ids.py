"""Ids of pushes that named no document."""

from typing import Any

import pytest

from callvault.providers.kazoo import derived_ids
from tests import captures, worlds
from tests.captures import document_id
from tests.unit.providers.kazoo.test_uploads import ACCOUNT, SHA256, recording, upload


def pushed(name: str) -> Any:
    return upload(name).recording(ACCOUNT, SHA256).model_copy(update={"upload_sha256": SHA256})


@pytest.mark.parametrize("name", ["put_url_4_1", "put_master_double_dot", "put_url_3_22"])
def test_a_push_that_named_no_document_is_recognised(name: str) -> None:
    assert derived_ids.is_derived(pushed(name))


@pytest.mark.parametrize("name", ["put_url_4_3", "put_url_5", "put_plan_default_path", "post_multipart"])
def test_a_push_that_named_its_document_is_not(name: str) -> None:
    assert not derived_ids.is_derived(pushed(name))


@pytest.mark.parametrize(
    "changes", [{"upload_sha256": None}, {"upload_sha256": "cd" * 32}, {"recording_id": document_id(1)}]
)
def test_an_id_that_does_not_follow_from_the_content_is_not_derived(changes: dict[str, Any]) -> None:
    assert not derived_ids.is_derived(pushed("put_url_4_1").model_copy(update=changes))


def test_a_push_without_a_call_is_not_recognised() -> None:
    assert not derived_ids.is_derived(worlds.recording(provider="kazoo", upload_sha256=SHA256))


def test_every_capture_with_an_id_keeps_it() -> None:
    named = [name for name in captures.names("p[ou][ts]*") if upload(name).document_id]
    assert named
    assert not any(derived_ids.is_derived(recording(name)) for name in named)
