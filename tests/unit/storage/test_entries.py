"""Entries that tell where a recording came from, although it has no other news."""

import pytest

from callvault.errors import UnavailableError
from callvault.models import State
from callvault.storage import entries, table
from tests import worlds


def test_an_entry_is_added_once() -> None:
    row = entries.ensure(entries.ensure(worlds.put(), "incoming"), "incoming")
    assert worlds.row() == row
    assert worlds.history() == ["callback", "incoming"]


def test_a_tombstone_gets_no_entry() -> None:
    row = worlds.put(state=State.DELETED)
    assert entries.ensure(row, "incoming") == row == worlds.row()


def test_an_entry_is_added_to_what_another_writer_changed() -> None:
    row = worlds.put()
    table.edit(row, "metadata by bob", user_metadata={"note": 1})
    assert entries.ensure(row, "incoming").user_metadata == {"note": 1}
    assert worlds.history() == ["callback", "metadata by bob", "incoming"]


def test_a_row_that_others_keep_changing_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    row = worlds.put()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        entries.ensure(row, "incoming")
