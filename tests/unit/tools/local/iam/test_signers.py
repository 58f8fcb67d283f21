"""Whose a request is, and what the guard answers to whom."""

import pytest

from tests.unit.tools.local.iam.guards import KEY, MEDIA, SCOPE, guard, head
from tools.local.emulator.wire import Head
from tools.local.iam import keys
from tools.local.iam.errors import DeniedError


@pytest.mark.parametrize(
    "request_",
    [
        head(authorization=f"AWS4-HMAC-SHA256 Credential={SCOPE}, Signature=x"),
        head(authorization=f"AWS {KEY}:signature"),
        head(target=f"/b/media/a?X-Amz-Credential={SCOPE.replace('/', '%2F')}"),
        head(target=f"/b/media/a?AWSAccessKeyId={KEY}&Signature=x&Expires=1"),
        head(target=f"/b/media/a?X-Amz-Credential={SCOPE}", authorization="Basic YTpi"),
    ],
)
def test_a_request_is_its_functions_by_its_key(request_: Head) -> None:
    assert guard().function_of(request_) == "Fetch"


@pytest.mark.parametrize("key", sorted(keys.OPERATORS))
@pytest.mark.parametrize(("service", "target"), [("s3", None), ("logs", "Logs_20140328.PutLogEvents"), ("iam", None)])
def test_the_operator_may_do_everything(key: str, service: str, target: str | None) -> None:
    signed = {"authorization": f"AWS4-HMAC-SHA256 Credential={key}/20261126/us-east-1/{service}/aws4_request"}
    asked = head("DELETE", **signed, **({"x_amz_target": target} if target else {}))
    assert guard().function_of(asked) is None
    assert guard().refusal(asked, b"") is None


def test_nobody_else_may_do_anything() -> None:
    for asked in (head(), head(authorization="AWS AKIAUNKNOWN:signature")):
        assert guard().function_of(asked) is None
        assert guard().refusal(asked, b"")


def test_a_function_may_do_what_its_role_allows() -> None:
    one = guard({"Action": "s3:GetObject", "Resource": MEDIA})
    signed = {"authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}"}
    assert one.refusal(head(**signed), b"") is None
    assert one.refusal(head("PUT", **signed), b"")


def test_a_function_that_signs_for_another_service_fails_the_run() -> None:
    """The AWS process would answer as S3, whose permissions would not have been asked for."""
    one = guard({"Action": "ssm:GetParameter", "Resource": "*"})
    authorization = f"AWS4-HMAC-SHA256 Credential={SCOPE}"
    asked = head(x_amz_target="AmazonSSM.GetParameter", authorization=authorization)
    refusal = one.refusal(asked, b'{"Name": "/a"}')
    assert refusal
    assert b"InvalidSignatureException" in refusal.body
    with pytest.raises(DeniedError, match="signature of Fetch"):
        one.end()


@pytest.mark.parametrize(
    "asked",
    [
        head(x_amz_target="Logs_20140328.PutLogEvents", authorization=f"AWS4-HMAC-SHA256 Credential={SCOPE}"),
        head("PUT", f"/b/k?X-Amz-Credential={SCOPE}", content_type="application/x-www-form-urlencoded"),
    ],
)
def test_a_request_whose_service_is_not_known_is_refused(asked: Head) -> None:
    one = guard({"Action": "*", "Resource": "*"})
    assert one.refusal(asked, b"Action=DeleteQueue&Version=2012-11-05")
    with pytest.raises(DeniedError, match="service"):
        one.end()


def test_each_function_has_a_key_of_its_own_in_the_form_of_a_temporary_one() -> None:
    assert len(KEY) == 20
    assert KEY.startswith("ASIA")
    assert keys.access_key("Verify") != KEY
