"""An entry and its route become an OpenAPI operation."""

import pytest

from tools.openapi import entries, shapes
from tools.openapi.entries import PUBLIC, DescribedRoute, Entry

ANSWERS = {404: shapes.response("Gone"), 200: shapes.response("Fine")}


def route(
    path: str, entry: Entry | None = None, *, method: str = "GET", name: str = "get_it", words: str = "W."
) -> DescribedRoute:
    return DescribedRoute(
        tag="bandwidth", method=method, path=path, name=name, entry=entry or Entry(answers=ANSWERS), words=words
    )


def test_answers_are_ordered_by_status() -> None:
    assert list(entries.operation(route("/a"))["responses"]) == ["200", "404"]


def test_responses_may_differ_for_some_paths() -> None:
    entry = Entry(answers=ANSWERS, elsewhere={"/conferences/": {200: shapes.response("Other")}})
    assert entry.at("/calls/{c}")[200] == shapes.response("Fine")
    assert entry.at("/conferences/{c}") == {200: shapes.response("Other"), 404: shapes.response("Gone")}


def test_a_docstring_becomes_summary_and_description() -> None:
    words = "Return what\nthere is.\n\nIt may be\nlong.\n\n- one\n- two"
    made = entries.operation(route("/a", words=words))
    assert made["summary"] == "Return what there is"
    assert made["description"] == "It may be long.\n\n- one\n- two"


def test_a_summary_does_not_name_exceptions() -> None:
    made = entries.operation(route("/a", words="Give it; raises UnauthenticatedError, InvalidRequestError."))
    assert made["summary"] == "Give it"


def test_parameters_of_the_path_come_first() -> None:
    made = entries.operation(route("/a/{account_id}/r/{recording_id}", Entry(answers=ANSWERS, parameters=({"x": 1},))))
    assert made["parameters"] == [shapes.parameter("account_id"), shapes.parameter("recording_id"), {"x": 1}]


def test_members_that_an_entry_lacks_are_left_out() -> None:
    assert set(entries.operation(route("/a"))) == {"operationId", "tags", "summary", "responses"}


def test_security_may_be_none_or_its_own() -> None:
    assert entries.operation(route("/a", Entry(answers=ANSWERS, security=PUBLIC)))["security"] == []
    own = entries.operation(route("/a", Entry(answers=ANSWERS, security=({}, {"basic": []}))))
    assert own["security"] == [{}, {"basic": []}]


def test_a_request_body_is_described() -> None:
    body = shapes.body({"text/plain": shapes.text("x")})
    assert entries.operation(route("/a", Entry(answers=ANSWERS, body=body)))["requestBody"] == body


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/accounts/{account_id}/recordings", "list_account", "bandwidthListAccount"),
        ("/accounts/{account_id}/calls/{call_id}/recordings", "get_it", "bandwidthGetItOfCall"),
        ("/accounts/{account_id}/calls/{call_id}/recordings", "list_call", "bandwidthListCall"),
        ("/calls/{call_id}/recordings/{recording_id}/media", "get_media", "bandwidthGetMediaOfCall"),
        ("/Accounts/{account_id}/Recordings.json", "list", "bandwidthListJson"),
        ("/Accounts/{account_id}/Recordings/{recording_id}.json", "get_json", "bandwidthGetJson"),
        ("/uploads/{account_id}/{token}/{path}", "put", "bandwidthPutBelowTokenPath"),
    ],
)
def test_operation_ids_of_different_paths_differ(path: str, name: str, expected: str) -> None:
    assert entries.identify(route(path, name=name)) == expected
