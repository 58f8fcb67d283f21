"""Which bucket and key a request to S3 means."""

import pytest

from tests.unit.tools.local.iam.requests import needs, s3
from tools.local.iam.errors import UnknownError


@pytest.mark.parametrize("host", ["b.s3.us-east-1.amazonaws.com", "b.s3.amazonaws.com:443", "b.localhost:5000"])
def test_the_bucket_may_stand_in_the_host(host: str) -> None:
    assert needs(s3("GET", "/k/l", host=host)) == [("s3:GetObject", "arn:aws:s3:::b/k/l")]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:5000", "localhost:5000", "[::1]:5000", "[::1]", "s3.us-east-1.amazonaws.com", "s3.amazonaws.com"],
)
def test_otherwise_it_stands_in_the_path(host: str) -> None:
    assert needs(s3("GET", "/b/k/l", host=host)) == [("s3:GetObject", "arn:aws:s3:::b/k/l")]


@pytest.mark.parametrize(("host", "target"), [("other.example.com", "/b/k"), ("127.0.0.1", "//b/k")])
def test_a_request_whose_bucket_is_not_certain_is_not_known(host: str, target: str) -> None:
    with pytest.raises(UnknownError):
        needs(s3("GET", target, host=host))
