"""Ask S3 about versions, delete markers and lists of versions."""

from typing import Any

from botocore.exceptions import ClientError

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, BUCKET, Scene, probe, refusal


@probe("404 NoSuchKey marker true", pages.S3_DELETE_MARKERS)
def get_of_a_current_delete_marker(aws: Scene) -> str:
    aws.put()
    aws.delete()
    return _refused_with_marker(aws)


@probe("405 MethodNotAllowed marker true", pages.S3_GET)
def get_of_a_delete_marker_by_version(aws: Scene) -> str:
    aws.put()
    return _refused_with_marker(aws, VersionId=aws.delete()["VersionId"])


@probe("405 405", pages.S3_HEAD)
def head_of_a_delete_marker_by_version(aws: Scene) -> None:
    aws.put()
    aws.s3.head_object(Bucket=BUCKET, Key="key", VersionId=aws.delete()["VersionId"])


@probe("405 MethodNotAllowed", pages.S3_DELETE_MARKERS)
def tags_of_a_delete_marker_by_version(aws: Scene) -> None:
    aws.put()
    aws.s3.get_object_tagging(Bucket=BUCKET, Key="key", VersionId=aws.delete()["VersionId"])


@probe("404 NoSuchVersion", pages.S3_ERRORS)
def get_of_a_deleted_version(aws: Scene) -> None:
    version = aws.put()["VersionId"]
    aws.delete(VersionId=version)
    aws.get(VersionId=version)


@probe("400 InvalidArgument", pages.S3_INVALID_VERSION)
def get_of_an_invalid_version(aws: Scene) -> None:
    aws.put()
    aws.get(VersionId="invalid")


@probe("marker True, versions 1", pages.S3_DELETING)
def delete_without_a_version(aws: Scene) -> str:
    aws.put()
    marker = aws.delete().get("DeleteMarker")
    return f"marker {marker}, versions {len(_versions(aws)['Versions'])}"


@probe(ACCEPTED, pages.S3_RESTORING)
def get_after_its_delete_marker_was_deleted(aws: Scene) -> None:
    aws.put()
    aws.delete(VersionId=aws.delete()["VersionId"])
    aws.get()


@probe("marker True, this one: True", pages.S3_DELETE)
def delete_of_a_delete_marker(aws: Scene) -> str:
    aws.put()
    version = aws.delete()["VersionId"]
    deleted = aws.delete(VersionId=version)
    return f"marker {deleted.get('DeleteMarker')}, this one: {deleted.get('VersionId') == version}"


@probe("first", pages.S3_DELETING)
def get_after_the_newest_version_was_deleted(aws: Scene) -> str:
    aws.put(b"first")
    aws.delete(VersionId=aws.put(b"second")["VersionId"])
    return str(aws.get()["Body"].read().decode())


@probe("a:newest a: b:newest b: c:newest", pages.S3_LIST_VERSIONS)
def list_of_versions_in_pages_of_two(aws: Scene) -> str:
    found: list[dict[str, Any]] = []
    for body in (b"first", b"second"):
        for key in "ab":
            aws.put(body, key)
    aws.put(b"first", "c")
    markers: dict[str, str] = {}
    for _ in range(4):
        page = _versions(aws, MaxKeys=2, **markers)
        found += page.get("Versions", [])
        if not page["IsTruncated"]:
            break
        markers = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    return " ".join(f"{one['Key']}:{'newest' if one['IsLatest'] else ''}" for one in found)


@probe("1 version, 1 marker, then 1 version, 0 markers", pages.S3_LIST_VERSIONS)
def list_of_versions_with_a_delete_marker_in_pages_of_two(aws: Scene) -> str:
    for body in (b"first", b"second"):
        aws.put(body)
    aws.delete()
    first = _versions(aws, MaxKeys=2)
    markers = {"KeyMarker": first.get("NextKeyMarker"), "VersionIdMarker": first.get("NextVersionIdMarker")}
    counts = [
        f"{len(page.get('Versions', []))} version, {len(page.get('DeleteMarkers', []))} marker"
        for page in (first, _versions(aws, MaxKeys=2, **markers))
    ]
    return f"{counts[0]}, then {counts[1]}s"


@probe("400 InvalidArgument", pages.S3_VERSION_WITHOUT_KEY)
def list_of_versions_after_a_version_without_its_key(aws: Scene) -> None:
    _versions(aws, VersionIdMarker=aws.put()["VersionId"])


@probe("a/1 a/2", pages.S3_LIST_VERSIONS)
def list_of_versions_under_a_prefix(aws: Scene) -> str:
    for key in ("a/2", "b/1", "a/1", "a"):
        aws.put(key=key)
    return " ".join(one["Key"] for one in _versions(aws, Prefix="a/")["Versions"])


def _versions(aws: Scene, **options: Any) -> Any:
    return aws.s3.list_object_versions(Bucket=BUCKET, **options)


def _refused_with_marker(aws: Scene, **options: Any) -> str:
    try:
        aws.get(**options)
    except ClientError as error:
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        return f"{refusal(error)} marker {headers.get('x-amz-delete-marker')}"
    return ACCEPTED
