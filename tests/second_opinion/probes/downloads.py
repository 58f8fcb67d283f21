"""Ask S3 about presigned downloads."""

from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from moto.core.models import botocore_stubber

from tests.second_opinion import pages
from tests.second_opinion.scenes import BUCKET, Scene, probe

DISPOSITION = 'attachment; filename="r-1.wav"'


@probe("200 0123456789", pages.S3_PRESIGNED)
def presigned_get(aws: Scene) -> str:
    aws.put()
    return _shown(_fetch(_url(aws)))


@probe("200 first", pages.S3_GET)
def presigned_get_of_a_version(aws: Scene) -> str:
    version = aws.put(b"first")["VersionId"]
    aws.put(b"second")
    return _shown(_fetch(_url(aws, VersionId=version)))


@probe(f"audio/x-wav {DISPOSITION}", pages.S3_GET)
def presigned_get_with_headers_of_the_answer(aws: Scene) -> str:
    aws.put()
    url = _url(aws, ResponseContentType="audio/x-wav", ResponseContentDisposition=DISPOSITION)
    headers = _fetch(url).headers
    return f"{headers.get('content-type')} {headers.get('content-disposition')}"


@probe("206 234", pages.S3_GET)
def presigned_get_of_a_range(aws: Scene) -> str:
    aws.put()
    return _shown(_fetch(_url(aws), Range="bytes=2-4"))


@probe("403", pages.S3_PRESIGNED)
def presigned_get_with_another_key(aws: Scene) -> int:
    aws.put()
    aws.put(key="another")
    return int(_fetch(_url(aws).replace("/key?", "/another?")).status_code)


@probe("403", pages.S3_PRESIGNED)
def presigned_get_with_a_changed_header_of_the_answer(aws: Scene) -> int:
    aws.put()
    return int(_fetch(_url(aws, ResponseContentType="audio/x-wav").replace("x-wav", "mpeg")).status_code)


@probe("403", pages.S3_PRESIGNED)
def presigned_get_with_another_method(aws: Scene) -> int:
    aws.put()
    return int(_fetch(_url(aws), "DELETE").status_code)


@probe("403", pages.S3_PRESIGNED)
def presigned_get_that_has_expired(aws: Scene) -> int:
    aws.put()
    url = _url(aws)
    date = url.partition("X-Amz-Date=")[2][:16]
    return int(_fetch(url.replace(date, "20200101T000000Z")).status_code)


@probe("400", pages.S3_ERRORS)
def presigned_get_with_an_authorization_header(aws: Scene) -> int:
    aws.put()
    return int(_fetch(_url(aws), Authorization="Basic dXNlcjpwYXNzd29yZA==").status_code)


def _url(aws: Scene, **options: Any) -> str:
    place = {"Bucket": BUCKET, "Key": "key"}
    return str(aws.s3.generate_presigned_url("get_object", Params=place | options, ExpiresIn=900))


def _fetch(url: str, method: str = "GET", **headers: str) -> Any:
    """Send a request as moto intercepts it or, if moto does not answer, over HTTP."""
    request = AWSRequest(method=method, url=url, headers=headers).prepare()
    return botocore_stubber("before-send.s3.GetObject", request) or URLLib3Session().send(request)


def _shown(response: Any) -> str:
    return f"{response.status_code} {response.content.decode()}"
