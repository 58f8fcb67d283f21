"""Ask S3 about multipart uploads that are not completed: aborts and lists."""

from typing import Any

from tests.second_opinion import pages
from tests.second_opinion.probes.uploads import FIRST, LAST, Upload
from tests.second_opinion.scenes import BUCKET, Scene, probe


@probe("404 NoSuchUpload", pages.S3_UPLOAD_PART)
def part_after_an_abort(aws: Scene) -> None:
    begun = Upload(aws)
    begun.abort()
    begun.add(LAST)


@probe("404 NoSuchUpload", pages.S3_COMPLETE)
def complete_after_an_abort(aws: Scene) -> None:
    begun = Upload(aws).add(LAST)
    begun.abort()
    begun.complete()


@probe("404 NoSuchUpload", pages.S3_ABORT)
def abort_of_an_unknown_upload(aws: Scene) -> None:
    begun = Upload(aws)
    begun.place["UploadId"] = "unknown"
    begun.abort()


@probe("1 upload, then 0", pages.S3_LIST_UPLOADS)
def list_of_uploads_before_and_after_an_abort(aws: Scene) -> str:
    begun = Upload(aws)
    before = len(_uploads(aws).get("Uploads", []))
    begun.abort()
    return f"{before} upload, then {len(_uploads(aws).get('Uploads', []))}"


@probe("2 True, then 1 False", pages.S3_LIST_UPLOADS)
def list_of_uploads_in_pages_of_two(aws: Scene) -> str:
    for _ in range(3):
        Upload(aws)
    first = _uploads(aws, MaxUploads=2)
    markers = {"KeyMarker": first.get("NextKeyMarker", ""), "UploadIdMarker": first.get("NextUploadIdMarker", "")}
    second = _uploads(aws, MaxUploads=2, **markers)
    return ", then ".join(f"{len(page.get('Uploads', []))} {page['IsTruncated']}" for page in (first, second))


@probe("0", pages.S3_LIST_UPLOADS)
def list_of_uploads_under_another_prefix(aws: Scene) -> int:
    Upload(aws)
    return len(_uploads(aws, Prefix="other").get("Uploads", []))


@probe("1 True, then 1 False", pages.S3_LIST_PARTS)
def list_of_parts_in_pages_of_one(aws: Scene) -> str:
    begun = Upload(aws).add(FIRST, LAST)
    first = aws.s3.list_parts(MaxParts=1, **begun.place)
    second = aws.s3.list_parts(MaxParts=1, PartNumberMarker=first["NextPartNumberMarker"], **begun.place)
    return ", then ".join(f"{len(page.get('Parts', []))} {page['IsTruncated']}" for page in (first, second))


def _uploads(aws: Scene, **options: Any) -> Any:
    return aws.s3.list_multipart_uploads(Bucket=BUCKET, **options)
