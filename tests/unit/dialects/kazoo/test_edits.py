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
