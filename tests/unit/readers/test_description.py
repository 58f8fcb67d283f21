"""The description is served to everybody, and again only if it changed."""

from pathlib import Path

import pytest

from callvault.readers import description
from callvault.web import Request, Response

FILE = Path(description.__file__).parents[1] / "openapi.yaml"


def ask(**headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return description.answer(Request(method="GET", path=description.PATH, headers=named))


def test_the_deployed_file_is_served() -> None:
    response = ask()
    assert response.status == 200
    assert response.headers["content-type"] == "application/yaml"
    assert response.body == FILE.read_text()


def test_every_origin_is_allowed() -> None:
    assert ask().headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}', "*"])
def test_a_matching_etag_gets_a_304_without_a_body(sent: str) -> None:
    etag = ask().headers["etag"]
    response = ask(if_none_match=sent.format(etag))
    assert (response.status, response.body) == (304, "")
    assert response.headers["etag"] == etag


def test_another_etag_gets_the_file() -> None:
    assert ask(if_none_match='"other"').status == 200
