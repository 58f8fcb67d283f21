"""A deleted recording is answered once more, then not found."""

import pytest

from callvault.models import State
from callvault.storage import tombstones
from tests.crossbar import LIST, MEDIA, ask, ids, put, refusal
from tests.worlds import content


@pytest.mark.parametrize("query", [{}, {"should_soft_delete": "false"}])
def test_deleting_answers_with_the_document_and_then_with_not_found(query: dict[str, str]) -> None:
    put(owner_id="u1", state=State.VERIFIED, media=MEDIA)
    data = content(ask(f"{LIST}/r1", query, method="DELETE"))["data"]
    assert data["id"] == "r1"
    assert data["_read_only"] == {"deleted": True}
    assert ask(f"{LIST}/r1", query, method="DELETE").status == 404
    assert ask(f"{LIST}/r1").status == 404
    assert ask(f"{LIST}/r1", {"accept": "audio/mpeg"}).status == 404
    assert ids() == []


def test_a_reader_without_the_right_to_delete_is_forbidden() -> None:
    put()
    response = ask(f"{LIST}/r1", method="DELETE", reader="viewer")
    assert refusal(response) == (403, "forbidden", {"message": "forbidden"})


def test_a_reader_without_the_right_to_delete_does_not_learn_what_was_deleted() -> None:
    put(state=State.DELETED, attempt=tombstones.LEFT)
    answers = [refusal(ask(f"{LIST}/{one}", method="DELETE", reader="viewer")) for one in ("r1", "never")]
    assert answers == [(403, "forbidden", {"message": "forbidden"})] * 2
