"""A list does not repeat the caller's secret, because a client may cache or log the response."""

import pytest

from callvault import dialects
from callvault.web import Request
from tests import worlds

LISTS = (
    "/api/relay/rest/recordings",
    "/2010-04-01/Accounts/acme/Recordings.json",
    "/api/laml/2010-04-01/Accounts/acme/Recordings.json",
    "/v2/accounts/acme/recordings",
)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["auth_token", "authorization", "auth%5Ftoken"])
def test_a_list_does_not_repeat_the_secret(path: str, name: str) -> None:
    worlds.put_account("acme", "signalwire", readers=[worlds.reader("ops", "my-secret")])
    query = f"{name}=acme.my-secret&x=1"
    answer = dialects.answer(Request(method="GET", path=path, raw_query=query, origin="https://archive.example"))
    assert answer.status == 200
    assert "my-secret" not in answer.body
