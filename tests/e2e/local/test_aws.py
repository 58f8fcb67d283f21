"""The local stack's other services: S3, schedules, events, parameters, conditions, the table."""

import json
import threading
from pathlib import Path

import pytest

from tests.e2e.local.small_stack import call
from tools.local.stack import Stack
from tools.local.start import running


def test_one_of_two_writers_wins(local: Stack) -> None:
    answers: list[str] = []

    def put() -> None:
        s3 = local.client("s3")
        try:
            s3.put_object(Bucket="dummy-objects", Key="race", Body=b"x", IfNoneMatch="*")
        except s3.exceptions.ClientError as error:
            answers.append(error.response["Error"]["Code"])
        else:
            answers.append("stored")

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["PreconditionFailed"] * 7 + ["stored"]


def test_a_presigned_url_is_refused_with_a_second_authentication(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": "dummy-objects", "Key": "media/signed.wav"}
    s3.put_object(**place, Body=b"RIFF")
    url = s3.generate_presigned_url("get_object", Params=place)

    assert call(url)[:2] == (200, b"RIFF")
    assert call(url, X_Auth_Token="a.b")[:2] == (200, b"RIFF")
    status, body, _ = call(url, Authorization="Basic YTpi")
    assert status == 400
    assert b"<Code>InvalidArgument</Code>" in body


def test_schedules_run_on_demand(local: Stack) -> None:
    answers = local.run_schedule("Echo")

    events = [answer["event"] for answer in answers]
    assert {"night": True} in events
    assert "Scheduled Event" in [event.get("detail-type") for event in events]
    assert call(f"{local.control_url}/schedules/Echo", "POST", b"")[0] == 200
    assert call(f"{local.control_url}/schedules/Awkward", "POST", b"")[0] == 404
    with pytest.raises(KeyError):
        local.run_schedule("Awkward")


def test_published_events_can_be_read(local: Stack) -> None:
    entry = {"Source": "dummy", "DetailType": "Thing", "Detail": '{"a": 1}'}
    local.client("events").put_events(Entries=[entry])

    assert [event["detail"] for event in local.events() if event["source"] == "dummy"] == [{"a": 1}]


def test_accounts_are_written_under_the_path_that_the_stack_reads(local: Stack) -> None:
    local.put_account("a1", {"provider": "kazoo"})

    parameter = local.client("ssm").get_parameter(Name="/dummy/accounts/a1", WithDecryption=True)["Parameter"]
    assert json.loads(parameter["Value"]) == {"provider": "kazoo"}
    assert parameter["Type"] == "SecureString"


def test_a_resource_that_a_condition_excludes_is_not_deployed(local: Stack) -> None:
    assert "Widen" not in local.processes()
    assert call(f"{local.url}/wide")[0] == 404
    assert [bucket["Name"] for bucket in local.client("s3").list_buckets()["Buckets"]] == ["dummy-objects"]


def test_the_table_can_be_in_another_database(
    small_template: Path, local: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = local.client("dynamodb")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", local.aws_url)
    with running(small_template, name="wide", parameters={"Wide": "true"}) as wide:
        environment = wide.invoke("Widen", {})["environment"]
        table = elsewhere.describe_table(TableName=wide.outputs["TableName"])["Table"]
        wide.client("dynamodb").put_item(TableName=table["TableName"], Item={"id": {"S": "a"}})
        assert elsewhere.scan(TableName=table["TableName"])["Count"] == 1

    assert environment["AWS_ENDPOINT_URL_DYNAMODB"] == local.aws_url
    assert environment["AWS_ENDPOINT_URL"] != local.aws_url != wide.aws_url
    assert environment["BUCKET"] == "wide-wide"
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
