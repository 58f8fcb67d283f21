"""Crossbar's paths and methods lead to the same things in the archive."""

import pytest

from tests.crossbar import LIST, ask, ids, put, refusal
from tests.worlds import content


@pytest.mark.parametrize("path", ["/v2/account/recordings", f"{LIST}/", "/v2/accounts/a1/users/u1/recordings"])
def test_a_list_has_several_paths(path: str) -> None:
    put(owner_id="u1")
    assert ids(path=path) == ["r1"]


def test_the_list_of_a_user_has_the_recordings_of_that_user() -> None:
    put("r1", owner_id="u1")
    put("r2", owner_id="u2")
    assert ids(path="/v2/accounts/a1/users/u1/recordings") == ["r1"]
    assert ids(path="/v2/accounts/a1/users/unknown/recordings") == []
    assert ids({"filter_owner_id": "u2"}, path="/v2/accounts/a1/users/u1/recordings") == []


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/accounts/a1", f"{LIST}/r1/x", "/v2/accounts//recordings"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert refusal(ask(path, reader=None)) == (404, "not_found", {"message": "not found"})


def test_a_method_is_refused_before_authentication() -> None:
    response = ask(method="PUT", reader=None)
    assert refusal(response) == (405, "invalid_method", {"message": "method not allowed"})
    assert response.headers["allow"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(("query", "body"), [({"verb": "delete"}, None), ({}, {"verb": "DELETE", "data": {}})])
def test_a_post_can_override_its_method(query: dict[str, str], body: object) -> None:
    put()
    assert content(ask(f"{LIST}/r1", query, method="POST", body=body))["data"]["_read_only"] == {"deleted": True}
    assert ask(f"{LIST}/r1").status == 404


@pytest.mark.parametrize(("method", "query"), [("GET", {"verb": "DELETE"}), ("POST", {})])
def test_only_a_post_with_a_valid_verb_is_overridden(method: str, query: dict[str, str]) -> None:
    put()
    assert ask(f"{LIST}/r1", query, method=method, body={"verb": 7}).status in {200, 403}
    assert ask(f"{LIST}/r1").status == 200


@pytest.mark.parametrize(
    ("recording_id", "message", "data"),
    [
        ("202401-0123", "bad_identifier", {"message": "bad identifier", "cause": "202401-0123"}),
        ("r-1", "bad identifier", ["r-1"]),
        ("202401", "bad identifier", ["202401"]),
        ("r" * 5000, "bad identifier", ["r" * 5000]),
    ],
)
def test_an_unknown_recording_is_not_found(recording_id: str, message: str, data: object) -> None:
    for query in ({}, {"accept": "audio/mpeg"}):
        assert refusal(ask(f"{LIST}/{recording_id}", query)) == (404, message, data)
