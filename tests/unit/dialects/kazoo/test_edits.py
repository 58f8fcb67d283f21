"""A PATCH changes the metadata of a recording, and nothing else."""

import pytest

from tests.crossbar import LIST, ask, put, refusal
from tests.worlds import content


def test_metadata_is_merged_and_null_deletes() -> None:
    put()
    ask(f"{LIST}/r1", method="PATCH", body={"data": {"user_metadata": {"case": 7, "note": {"a": 1, "b": 2}}}})
    response = ask(f"{LIST}/r1", method="PATCH", body={"data": {"user_metadata": {"case": None, "note": {"a": None}}}})
    assert response.status == 200
    assert content(response)["data"]["user_metadata"] == {"note": {"b": 2}}
    assert content(ask(f"{LIST}/r1"))["data"]["user_metadata"] == {"note": {"b": 2}}
    assert response.headers["etag"] == '"3"'


def test_a_patch_of_nothing_changes_nothing() -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", body={"data": {}})
    assert response.status == 200
    assert content(response)["revision"] == "1"


def test_all_other_fields_are_read_only() -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", body={"data": {"name": "x", "user_metadata": {"a": 1}}})
    assert refusal(response) == (400, "validation error", {"name": {"forbidden": {"message": "Read-only property"}}})
    assert "user_metadata" not in content(ask(f"{LIST}/r1"))["data"]


def test_an_admin_changes_the_owner() -> None:
    put(owner_id="u1")
    response = ask(f"{LIST}/r1", method="PATCH", reader="admin", body={"data": {"owner_id": "u2"}})
    assert response.status == 200
    assert content(response)["data"]["owner_id"] == "u2"
    assert content(response)["data"]["archive"]["history"][-1]["what"] == "owner changed from u1 to u2 by admin"
    assert ask("/v2/accounts/a1/users/u2/recordings/r1", reader="admin").status == 200


@pytest.mark.parametrize("reader", ["ops", "viewer"])
def test_the_owner_is_read_only_for_everybody_else(reader: str) -> None:
    put(owner_id="u1")
    response = ask(f"{LIST}/r1", method="PATCH", reader=reader, body={"data": {"owner_id": "u2"}})
    assert refusal(response) == (
        400,
        "validation error",
        {"owner_id": {"forbidden": {"message": "Read-only property"}}},
    )
    assert content(ask(f"{LIST}/r1"))["data"]["owner_id"] == "u1"


@pytest.mark.parametrize("owner_id", [None, "", 7, ["u2"], "u" * 257, "u\n2"])
def test_an_owner_that_cannot_be_is_refused(owner_id: object) -> None:
    put(owner_id="u1")
    response = ask(f"{LIST}/r1", method="PATCH", reader="admin", body={"data": {"owner_id": owner_id}})
    assert (response.status, list(content(response)["data"])) == (400, ["owner_id"])
    assert content(ask(f"{LIST}/r1"))["data"]["owner_id"] == "u1"


def test_a_reader_without_the_right_to_edit_changes_no_metadata() -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", reader="viewer", body={"data": {"user_metadata": {"a": 1}}})
    assert response.status == 403
    assert "user_metadata" not in content(ask(f"{LIST}/r1"))["data"]


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        ({"data": {"user_metadata": [1]}}, "user_metadata", 400),
        ({"data": {"user_metadata": {"a": [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}}}, "user_metadata", 400),
        ({"data": []}, "json", 400),
        (b"not json", "json", 400),
        (b'{"data": {"user_metadata": {"a": NaN}}}', "json", 400),
        ({"data": {"user_metadata": {"a": "x" * 20_000}}}, "message", 413),
    ],
)
def test_invalid_metadata_is_refused(body: object, field: str, status: int) -> None:
    put()
    response = ask(f"{LIST}/r1", method="PATCH", body=body)
    assert response.status == status
    assert list(content(response)["data"]) == [field]
