"""Steps that follow one recording or message through the archive."""

import hashlib
import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tools.acceptance import provider, wire
from tools.acceptance.target import FailedError, SkippedError, Target

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

CALLVAULT = Path(__file__).parents[1] / "ops" / "callvault"
SLOW_SECONDS = {True: 1, False: 20}
"""How long the slow recording takes: here, and on AWS."""
LETTER_PAGES = 50
"""How many times ten dead letters are looked through for the one of this run."""
USUAL_TIMEOUT = 900
"""Timeout of FetchMedia in the template, in seconds."""
SHORT_TIMEOUT = 3
"""Timeout of FetchMedia while a fetch is broken off, in seconds."""


def fetch(target: Target) -> str:
    """Archive recordings that are slow, cut or late at the provider, with the right bytes."""
    account_id, soon = target.put_bandwidth_account(), int(time.time()) + 3
    chosen = [
        f"{target.run}-whole-0",
        f"{target.run}-slow-{SLOW_SECONDS[target.local]}",
        f"{target.run}-late-{soon}",
        f"{target.run}-cut-{soon}",
    ]
    for recording_id in chosen:
        target.announce(account_id, recording_id)
        target.announce(account_id, recording_id)  # providers repeat callbacks
    for recording_id in chosen:
        target.await_verified(account_id, recording_id)
        _check_bytes(target, account_id, recording_id)
    return "whole, slow, cut and late: verified, each with one version in the bucket"


def break_off(target: Target) -> str:
    """End a fetch in the middle: nothing is lost, and nothing is stored twice."""
    if target.local:
        raise SkippedError("needs a function of AWS whose timeout can be changed; `make storm` kills functions here")
    function = target.aws("cloudformation").describe_stack_resource(
        StackName=target.stack, LogicalResourceId="FetchMedia"
    )["StackResourceDetail"]["PhysicalResourceId"]
    functions = target.aws("lambda")
    repair = f"aws lambda update-function-configuration --function-name {function} --timeout {USUAL_TIMEOUT}"
    print(f"FetchMedia has a timeout of {SHORT_TIMEOUT} s for half a minute. If this command dies meanwhile: {repair}")
    account_id, recording_id = target.put_bandwidth_account(), f"{target.run}-slow-{SLOW_SECONDS[False]}"
    functions.update_function_configuration(FunctionName=function, Timeout=SHORT_TIMEOUT)
    try:
        functions.get_waiter("function_updated_v2").wait(FunctionName=function)
        target.announce(account_id, recording_id)
        time.sleep(SLOW_SECONDS[False])
        if target.state(account_id, recording_id) != "pending":
            raise FailedError(f"the fetch was not broken off: {target.state(account_id, recording_id)}")
    finally:
        functions.update_function_configuration(FunctionName=function, Timeout=USUAL_TIMEOUT)
        functions.get_waiter("function_updated_v2").wait(FunctionName=function)
    # The first message stays hidden for 90 minutes; the provider's repetition is fetched at once.
    target.announce(account_id, recording_id)
    target.await_verified(account_id, recording_id)
    _check_bytes(target, account_id, recording_id)
    return f"broken off after {SHORT_TIMEOUT} s, fetched by the repeated callback, stored once"


def read_range(target: Target) -> str:
    """Read a range by a presigned URL: 206, and exactly these bytes."""
    account_id, recording_id = target.put_bandwidth_account(), f"{target.run}-whole-1"
    target.announce(account_id, recording_id)
    target.await_verified(account_id, recording_id)
    url = presigned(target, account_id, recording_id)
    status, headers, body = _get(url, {"range": "bytes=100-199"})
    if (status, body) != (206, provider.audio(recording_id)[100:200]):
        raise FailedError(f"the range was answered with {status} and {len(body)} bytes")
    return f"206, {headers.get('content-range')}"


def redrive(target: Target) -> str:
    """Send a message that nobody can read: it becomes a dead letter, and can be redriven."""
    account_id = f"acceptance-{target.run}"
    body = json.dumps({"account_id": account_id, "recording_id": "none", "state": "unheard-of"})
    sqs, letters = target.aws("sqs"), target.outputs["FetchDeadLettersUrl"]
    try:
        return _redrive(target, account_id, body)
    finally:
        _delete_letter(sqs, letters, account_id)


def _redrive(target: Target, account_id: str, body: str) -> str:
    """Send the message, redrive it, and wait until it is a dead letter again."""
    target.aws("sqs").send_message(QueueUrl=target.outputs["FetchQueueUrl"], MessageBody=body)

    def listed() -> list[dict[str, object]]:
        return list(_callvault(target, "dlq", "list", "--queue", "fetch", "--account", account_id))

    target.await_that(lambda: bool(listed()), lambda: "the message is no dead letter")
    [group] = listed()
    if group["reason"] != "unreadable":
        raise FailedError(f"the dead letter's reason is {group['reason']}, not unreadable")
    answer = _callvault(target, "dlq", "redrive", "--queue", "fetch", "--account", account_id, "--yes")
    if answer["redriven"] != 1:
        raise FailedError(f"redriven: {answer['redriven']}")
    target.await_that(lambda: bool(listed()), lambda: "the redriven message is lost")
    return "dead-lettered as unreadable, redriven, dead-lettered again"


def complete_over_an_object(target: Target) -> str:
    """Complete an upload over an object that must not exist: S3 refuses."""
    s3, bucket, key = target.aws("s3"), target.outputs["BucketName"], f"probes/acceptance-{target.run}"
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"second")
    s3.put_object(Bucket=bucket, Key=key, Body=b"first")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    try:
        s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=parts, IfNoneMatch="*")
    except ClientError as error:
        code = error.response["Error"]["Code"]
    else:
        raise FailedError("the upload was completed over the object")
    if code != "PreconditionFailed":
        raise FailedError(f"refused with {code}, not PreconditionFailed")
    try:
        s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
    except ClientError as error:
        return f"{code}; the upload is gone afterwards ({error.response['Error']['Code']})"
    return f"{code}; the upload can be aborted afterwards"


def presigned(target: Target, account_id: str, recording_id: str) -> str:
    """Return the presigned URL that a reader is sent to."""
    status, headers, _ = target.read(account_id, f"/recordings/{recording_id}", accept="audio/mpeg")
    if status != 302:  # noqa: PLR2004
        raise FailedError(f"the audio was answered with {status}, not 302")
    return headers["location"]


def _get(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    return wire.send("GET", f"{parts.scheme}://{parts.netloc}", f"{parts.path}?{parts.query}".encode(), headers)


def _check_bytes(target: Target, account_id: str, recording_id: str) -> None:
    """Raise FailedError if a recording has other bytes, or more than one version."""
    expected = provider.audio(recording_id)
    status, _, body = _get(presigned(target, account_id, recording_id))
    if (status, hashlib.sha256(body).digest()) != (200, hashlib.sha256(expected).digest()):
        raise FailedError(f"{recording_id}: {status}, {len(body)} bytes instead of {len(expected)}")
    listed = target.aws("s3").list_object_versions(Bucket=target.outputs["BucketName"], Prefix=f"media/{account_id}/")
    versions = [one for one in listed.get("Versions", []) if recording_id in one["Key"]]
    if len(versions) != 1:
        raise FailedError(f"{recording_id} has {len(versions)} versions")


def _callvault(target: Target, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
    """Run the operator's command line and return its JSON."""
    command = [str(CALLVAULT), *arguments, "--stack", target.stack, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)


def _delete_letter(sqs: "SQSClient", queue: str, account_id: str) -> None:
    """Delete this run's dead letter; all others become visible again within a minute."""
    for _ in range(LETTER_PAGES):
        options: Any = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": 60}
        messages = sqs.receive_message(QueueUrl=queue, **options).get("Messages", [])
        for message in messages:
            if account_id in message["Body"]:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return
        if not messages:
            return
