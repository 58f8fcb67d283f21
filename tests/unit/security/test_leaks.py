"""The search for secrets in logs finds them."""

import base64
import json
from urllib.parse import quote

import pytest

from tests import leaks

SECRET = 's3cret/+"é'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET, safe=""),
        json.dumps({"message": f"refused {SECRET}"}),
        json.dumps(f"x{SECRET}x", ensure_ascii=False),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"some:{SECRET}:more".encode()).decode(),
        base64.b64encode(f"abc.{SECRET}".encode()).decode(),
        base64.urlsafe_b64encode(f"a{SECRET}".encode()).decode(),
        SECRET.encode().hex(),
    ],
)
def test_a_secret_is_found_in_every_encoding(written: str) -> None:
    assert leaks.check({"IngestCallback": f'{{"level":"INFO"}}\n{written}\n'}, [SECRET, "other-secret"]) == [
        f"The log of IngestCallback has {SECRET!r}."
    ]


@pytest.mark.parametrize(
    "written",
    [
        "token-17",
        "https://bucket.s3.amazonaws.com/k?X-Amz-Signature=0a",
        "Bearer abc",
        "Basic dXNlcg==",
        "/api/v2/accounts/1/calls/c/recordings/r/media",
        "/2010-04-01/Accounts/AC1/Recordings/RE1.wav",
    ],
)
def test_forbidden_text_in_a_log_is_found(written: str) -> None:
    assert leaks.check({"FetchMedia": written}, [])


def test_a_log_without_secrets_is_accepted() -> None:
    line = '{"level":"INFO","message":"A callback was refused","status":403,"account":"acme","recording":"r-115da407"}'
    assert leaks.check({"IngestCallback": line}, [SECRET, "callback-secret", "+15551112222"]) == []
