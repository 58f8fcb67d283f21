"""Which permissions each request to S3 needs."""

import pytest

from tests.unit.tools.local.iam.requests import ENCRYPTED, KEY, PLAIN, actions, needs, s3
from tools.local.iam import services
from tools.local.iam.calls import Call
from tools.local.iam.errors import UnknownError


@pytest.mark.parametrize(
    ("method", "query", "action"),
    [
        ("GET", "", "GetObject"),
        ("HEAD", "", "GetObject"),
        ("GET", "?versionId=v", "GetObjectVersion"),
        ("HEAD", "?versionId=v", "GetObjectVersion"),
        ("PUT", "", "PutObject"),
        ("POST", "?uploads", "PutObject"),
        ("PUT", "?partNumber=1&uploadId=u", "PutObject"),
        ("POST", "?uploadId=u", "PutObject"),
        ("DELETE", "?uploadId=u", "AbortMultipartUpload"),
        ("GET", "?uploadId=u", "ListMultipartUploadParts"),
        ("GET", "?tagging", "GetObjectTagging"),
        ("GET", "?tagging&versionId=v", "GetObjectVersionTagging"),
        ("PUT", "?tagging", "PutObjectTagging"),
        ("PUT", "?tagging&versionId=v", "PutObjectVersionTagging"),
        ("DELETE", "", "DeleteObject"),
        ("DELETE", "?versionId=v", "DeleteObjectVersion"),
    ],
)
def test_a_request_for_an_object_needs_its_permission(method: str, query: str, action: str) -> None:
    assert needs(s3(method, f"/b/media/a%20b.wav{query}")) == [(f"s3:{action}", "arn:aws:s3:::b/media/a b.wav")]


@pytest.mark.parametrize(
    ("query", "action"),
    [
        ("?list-type=2&prefix=media%2F", "ListBucket"),
        ("?versions", "ListBucketVersions"),
        ("?uploads&prefix=media%2F", "ListBucketMultipartUploads"),
    ],
)
def test_a_request_for_a_bucket_needs_its_permission(query: str, action: str) -> None:
    assert needs(s3("GET", f"/b{query}")) == [(f"s3:{action}", "arn:aws:s3:::b")]


@pytest.mark.parametrize("query", ["?list-type=2", "?versions"])
def test_a_list_tells_its_prefix_delimiter_and_limit(query: str) -> None:
    (need,) = services.needs(s3("GET", f"/b{query}&prefix=media%2F&delimiter=%2F&max-keys=5"), PLAIN)
    assert need.context == {"s3:prefix": ("media/",), "s3:delimiter": ("/",), "s3:max-keys": ("5",)}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/b/k?prefix=media%2F"),
        ("PUT", "/b/k?prefix=media%2F&delimiter=%2F"),
        ("HEAD", "/b?prefix=media%2F"),
        ("GET", "/b?uploads&prefix=media%2F"),
        ("GET", "/b?location&max-keys=5"),
    ],
)
def test_no_other_request_tells_a_prefix(method: str, target: str) -> None:
    assert [need.context for need in services.needs(s3(method, target), PLAIN)] == [{}]


def test_parameters_of_a_presigned_url_change_nothing() -> None:
    url = "/b/k?response-content-type=audio%2Fwav&versionId=v&X-Amz-Algorithm=x&X-Amz-Credential=y&X-Amz-Expires=9"
    assert actions(s3("GET", url)) == ["s3:GetObjectVersion"]
    assert actions(s3("GET", "/b/k?AWSAccessKeyId=a&Signature=s&Expires=9")) == ["s3:GetObject"]


def test_a_write_that_names_an_etag_reads_the_object() -> None:
    assert actions(s3("PUT", "/b/k", if_none_match="*")) == ["s3:PutObject"]
    assert actions(s3("PUT", "/b/k", if_match='"e"')) == ["s3:PutObject", "s3:GetObject"]


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("x-amz-tagging", "PutObjectTagging"),
        ("x-amz-acl", "PutObjectAcl"),
        ("x-amz-grant-read", "PutObjectAcl"),
        ("x-amz-grant-read-acp", "PutObjectAcl"),
        ("x-amz-grant-write-acp", "PutObjectAcl"),
        ("x-amz-grant-full-control", "PutObjectAcl"),
        ("x-amz-object-lock-mode", "PutObjectRetention"),
        ("x-amz-object-lock-retain-until-date", "PutObjectRetention"),
        ("x-amz-object-lock-legal-hold", "PutObjectLegalHold"),
    ],
)
def test_an_option_of_an_upload_needs_its_permission_in_a_header_and_in_a_url(name: str, permission: str) -> None:
    expected = ["s3:PutObject", f"s3:{permission}"]
    for method, query in (("PUT", "?x-id=PutObject"), ("POST", "?uploads")):
        assert actions(s3(method, f"/b/k{query}", **{name: "x"})) == expected
        assert actions(s3(method, f"/b/k{query}&{name}=x")) == expected
        assert actions(s3(method, f"/b/k{query}&{name.title()}=x")) == expected


def test_a_lock_and_its_date_are_one_permission() -> None:
    locked = s3("PUT", "/b/k?x-amz-object-lock-mode=GOVERNANCE&x-amz-object-lock-retain-until-date=2030-01-01")
    assert actions(locked) == ["s3:PutObject", "s3:PutObjectRetention"]


@pytest.mark.parametrize("target", ["/b/k?versionId=v", "/b/k"])
def test_a_deletion_despite_governance_needs_its_permission(target: str) -> None:
    name, permission = "x-amz-bypass-governance-retention", "s3:BypassGovernanceRetention"
    assert actions(s3("DELETE", target, **{name: "true"}))[1:] == [permission]
    assert actions(s3("DELETE", target, **{name: "false"}))[1:] == []
    assert actions(s3("DELETE", f"{target.partition('?')[0]}?{name}=true"))[1:] == [permission]


def test_a_copy_reads_its_source() -> None:
    assert needs(s3("PUT", "/b/k", x_amz_copy_source="/c/l")) == [
        ("s3:PutObject", "arn:aws:s3:::b/k"),
        ("s3:GetObject", "arn:aws:s3:::c/l"),
    ]
    assert needs(s3("PUT", "/b/k", x_amz_copy_source="c/l?versionId=v"))[1:] == [
        ("s3:GetObjectVersion", "arn:aws:s3:::c/l")
    ]


@pytest.mark.parametrize("target", ["/open/k", "/open/k?partNumber=1&uploadId=u"])
def test_a_copy_decrypts_its_source(target: str) -> None:
    assert needs(s3("PUT", target, x_amz_copy_source="/b/l?versionId=v"), ENCRYPTED)[1:] == [
        ("s3:GetObjectVersion", "arn:aws:s3:::b/l"),
        ("kms:Decrypt", KEY),
    ]


def test_the_key_of_a_source_may_look_like_a_version() -> None:
    source = s3("PUT", "/c/k", x_amz_copy_source="/b/l%3FversionId%3Dv")
    assert needs(source)[1:] == [("s3:GetObject", "arn:aws:s3:::b/l?versionId=v")]


def test_objects_of_a_bucket_with_a_key_need_kms() -> None:
    assert needs(s3("GET", "/b/k"), ENCRYPTED)[1:] == [("kms:Decrypt", KEY)]
    assert actions(s3("PUT", "/b/k"), ENCRYPTED)[1:] == ["kms:GenerateDataKey"]
    assert actions(s3("PUT", "/b/k?partNumber=1&uploadId=u"), ENCRYPTED)[1:] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert actions(s3("DELETE", "/b/k"), ENCRYPTED)[1:] == []


OTHER_KEY = "arn:aws:kms:us-east-1:1:key/other"
BY_KEY = "x-amz-server-side-encryption-aws-kms-key-id"


@pytest.mark.parametrize("key", ["other", OTHER_KEY])
def test_an_upload_may_name_a_key_of_its_own(key: str) -> None:
    generates = ("kms:GenerateDataKey", OTHER_KEY)
    for bucket in ("b", "open"):
        asked = {BY_KEY: key, "x-amz-server-side-encryption": "aws:kms"}
        assert needs(s3("PUT", f"/{bucket}/k", **asked), ENCRYPTED)[1:] == [generates]
        assert needs(s3("PUT", f"/{bucket}/k?{BY_KEY}={key}"), ENCRYPTED)[1:] == [generates]
        several = needs(s3("POST", f"/{bucket}/k?uploads", **asked), ENCRYPTED)[1:]
        assert several == [("kms:Decrypt", OTHER_KEY), generates]


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
def test_an_upload_may_ask_for_a_key_that_everybody_may_use(algorithm: str) -> None:
    assert actions(s3("PUT", "/b/k", x_amz_server_side_encryption=algorithm), ENCRYPTED) == ["s3:PutObject"]


@pytest.mark.parametrize(
    ("condition", "expected"), [('"e"', ["s3:DeleteObject", "s3:GetObject"]), ("*", ["s3:DeleteObject"])]
)
def test_a_deletion_with_an_etag_reads_the_object(condition: str, expected: list[str]) -> None:
    assert sorted(actions(s3("DELETE", "/b/k", if_match=condition))) == expected


@pytest.mark.parametrize(
    "call",
    [
        s3("GET", "/b/k?torrent"),
        s3("PUT", "/b"),
        s3("GET", "/"),
        s3("POST", "/b?delete"),
        s3("PUT", "/b/k", x_amz_copy_source="arn:aws:s3:us-east-1:1:accesspoint/p/object/k"),
        s3("PUT", "/b/k", x_amz_copy_source="/c"),
        s3("PUT", "/b/k?x-amz-server-side-encryption-aws-kms-key-id=alias/a"),
        s3("PUT", "/b/k?x-amz-copy-source=/c"),
    ],
)
def test_a_request_that_is_not_known_is_an_error(call: Call) -> None:
    with pytest.raises(UnknownError):
        list(services.needs(call, PLAIN))
