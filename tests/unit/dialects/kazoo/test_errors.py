"""Errors are answered in Crossbar's words."""

from urllib.parse import quote

import pytest

from callvault.dialects.kazoo import routes
from callvault.errors import CallvaultError, InvalidRequestError, RequestError, UnavailableError
from callvault.readers import access
from callvault.web import Request
from tests.crossbar import LIST, ask, refusal


def test_an_outage_is_a_503_with_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    for retry_after, header in ((None, "5"), (1.2, "2")):
        error = UnavailableError("table_unavailable", "down", retry_after)

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(access, "find", fail)
        response = ask(f"{LIST}/r1")
        assert refusal(response) == (
            503,
            "datastore_fault",
            {"message": "datastore fault", "cause": "table_unavailable"},
        )
        assert response.headers["retry-after"] == header


def test_a_validation_error_names_the_field() -> None:
    request = Request(method="GET", path=LIST)
    response = routes.refuse(InvalidRequestError("size", "too small"), request)
    assert refusal(response) == (400, "validation error", {"size": {"invalid": {"message": "too small"}}})


@pytest.mark.parametrize("kind", [CallvaultError, RequestError])
def test_an_error_of_no_known_kind_is_a_500_without_details(kind: type[CallvaultError]) -> None:
    response = routes.refuse(kind("secret"), Request(method="GET", path=LIST))
    assert refusal(response) == (500, "unspecified_fault", {"message": "unspecified fault"})


def test_a_path_is_quoted_nowhere_but_in_json() -> None:
    name = "<script>alert(1)</script>"
    response = ask(f"{LIST}/{quote(name, safe='')}")
    assert response.headers["content-type"] == "application/json"
