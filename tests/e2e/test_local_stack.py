"""The local stack itself, driven with a small template and functions of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.local.aws.process import PACKAGE_ROOT, StartError
from tools.local.stack import FailedError, Stack
from tools.local.start import running

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Colour: {Type: String, Default: blue}
  Wide: {Type: String, Default: "false"}
Conditions:
  Wide: !Equals [!Ref Wide, "true"]
Globals:
  Function:
    Runtime: python3.13
    Handler: app.handler
    MemorySize: 256
    Timeout: 2
    AutoPublishAlias: live
    Layers: [!Ref Shared]
    Environment:
      Variables:
        COLOUR: !Ref Colour
        WIDTH: !If [Wide, wide, narrow]
        API: !Sub "${Api.ApiEndpoint}/x"
        QUEUE_URL: !Ref Queue
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.13]}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/echo/{path+}"}}
        One: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/echo/{one}/two"}}
        Nightly: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{"night": true}'}}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
  Awkward:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/awkward
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: "/awkward/{what}"}}
  Broken:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/broken
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /broken}}
  Consume:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/consume
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 3
      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 2}
  DeadLetters: {Type: AWS::SQS::Queue}
  Stumble:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/consume
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Stumbling.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}
  Stumbling:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 3
      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadStumbling.Arn, maxReceiveCount: 2}
  DeadStumbling: {Type: AWS::SQS::Queue}
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      SSESpecification: {SSEEnabled: true}
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  WideBucket:
    Type: AWS::S3::Bucket
    Condition: Wide
    Properties: {BucketName: !Sub "${AWS::StackName}-wide", VersioningConfiguration: {Status: Enabled}}
  Widen:
    Type: AWS::Serverless::Function
    Condition: Wide
    Properties:
      CodeUri: functions/echo
      Environment: {Variables: {BUCKET: !Ref WideBucket}}
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /wide}}
  Objects: {Type: AWS::SQS::Queue}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub ${AWS::StackName}-objects
      VersioningConfiguration: {Status: Enabled}
      NotificationConfiguration:
        QueueConfigurations:
          - {Event: "s3:ObjectCreated:*", Queue: !GetAtt Objects.Arn}
          - {Event: "s3:ObjectRemoved:*", Queue: !GetAtt Objects.Arn}
Outputs:
  QueueUrl: {Value: !Ref Queue}
  DeadLettersUrl: {Value: !Ref DeadLetters}
  StumblingUrl: {Value: !Ref Stumbling}
  DeadStumblingUrl: {Value: !Ref DeadStumbling}
  ObjectsUrl: {Value: !Ref Objects}
  Url: {Value: !GetAtt Api.ApiEndpoint}
  TableName: {Value: !Ref Things}
"""

ECHO = """
import os, shared
def handler(event, context):
    return {"event": event, "environment": dict(os.environ), "memory": context.memory_limit_in_mb,
            "remaining": context.get_remaining_time_in_millis(), "shared": shared.NAME, "pid": os.getpid()}
"""

AWKWARD = """
import base64, json, os, signal, time
def handler(event, context):
    what = event["pathParameters"]["what"]
    print("asked", what)
    if what == "raise": raise ValueError("on purpose")
    if what == "sleep": time.sleep(30)
    if what == "nap": time.sleep(0.5)
    if what == "die": os.kill(os.getpid(), signal.SIGKILL)
    if what == "exit": os._exit(3)
    if what == "big": return {"statusCode": 200, "body": "x" * (7 * 1024 * 1024)}
    if what == "pid": return {"statusCode": 200, "body": str(os.getpid())}
    if what == "shaped": return {"statusCode": "201", "headers": {"X-Number": 5}, "cookies": ["a=1", "b=2"],
                                 "isBase64Encoded": True, "body": base64.b64encode(bytes([0, 255])).decode()}
    if what == "empty": return {"statusCode": 204}
    if what == "wrong": return {"statusCode": "many"}
    return {"statusCode": 200, "body": json.dumps({"length": len(event.get("body", ""))})}
"""

CONSUME = """
import json
def handler(event, context):
    failed = []
    for record in event["Records"]:
        print("got", record["body"], record["attributes"]["ApproximateReceiveCount"])
        if record["body"] == "bad": failed.append({"itemIdentifier": record["messageId"]})
        if record["body"] == "raise": raise ValueError("on purpose")
    return {"batchItemFailures": failed}
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dummy")
    for name, code in {"echo": ECHO, "awkward": AWKWARD, "consume": CONSUME, "broken": "import nowhere"}.items():
        folder = root / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(code)
    (root / "layer").mkdir()
    (root / "layer" / "shared.py").write_text('NAME = "from the layer"\n')
    path = root / "template.yaml"
    path.write_text(TEMPLATE)
    return path


@pytest.fixture(scope="module")
def local(template: Path) -> Iterator[Stack]:
    with running(template, name="dummy", parameters={"Colour": "red"}, integration_seconds=5) as started:
        yield started


def call(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def awkward(local: Stack, what: str, body: bytes = b"") -> tuple[int, bytes, Any]:
    return call(f"{local.url}/awkward/{what}", "POST", body)


def until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def raw(local: Stack, *parts: bytes) -> bytes:
    port = int(local.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_function_sees_what_the_template_says(local: Stack) -> None:
    answer = local.invoke("Echo", {})

    environment = answer["environment"]
    assert environment["COLOUR"] == "red"
    assert environment["WIDTH"] == "narrow"
    assert environment["API"] == f"{local.url}/x"
    assert environment["QUEUE_URL"] == local.outputs["QueueUrl"]
    assert environment["QUEUE_URL"].startswith(local.aws_url)
    assert environment["AWS_ENDPOINT_URL"] == local.aws_url
    assert answer["memory"] == "256"
    assert 0 < answer["remaining"] <= 2000
    assert answer["shared"] == "from the layer"


def test_a_request_becomes_an_event(local: Stack) -> None:
    status, body, headers = call(f"{local.url}/echo/a%20b/two?x=1&x=%2F&y", Cookie="a=1; b=2", X_Test="yes")

    event = json.loads(body)["event"]
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert event["routeKey"] == "GET /echo/{one}/two"
    assert event["pathParameters"] == {"one": "a b"}
    assert event["rawPath"] == "/echo/a b/two"
    assert event["rawQueryString"] == "x=1&x=%2F&y"
    assert event["queryStringParameters"] == {"x": "1,/", "y": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-test"] == "yes"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_a_form_is_sent_in_base64_and_json_as_text(local: Stack) -> None:
    _, form, _ = call(f"{local.url}/echo/x", "POST", b"a=b", Content_Type="application/x-www-form-urlencoded")
    _, text, _ = call(f"{local.url}/echo/x", "POST", b'{"a":1}', Content_Type="application/json; charset=utf-8")

    assert (json.loads(form)["event"]["body"], json.loads(form)["event"]["isBase64Encoded"]) == ("YT1i", True)
    assert (json.loads(text)["event"]["body"], json.loads(text)["event"]["isBase64Encoded"]) == ('{"a":1}', False)


def test_a_chunked_body_arrives_whole(local: Stack) -> None:
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/echo/x", iter([b"ab", b"cd"]), {"Content-Type": "text/plain"}, encode_chunked=True)
    event = json.loads(connection.getresponse().read())["event"]
    connection.close()

    assert event["body"] == "abcd"


def test_a_connection_carries_many_requests(local: Stack) -> None:
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=10)
    for number in range(3):
        connection.request("GET", f"/echo/{number}")
        assert json.loads(connection.getresponse().read())["event"]["rawPath"] == f"/echo/{number}"
    connection.close()


def test_a_response_is_shaped_as_the_function_says(local: Stack) -> None:
    status, body, headers = awkward(local, "shaped")

    assert (status, body, headers["x-number"]) == (201, b"\x00\xff", "5")
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert awkward(local, "empty")[:2] == (204, b"")


def test_head_gets_no_body(local: Stack) -> None:
    status, body, headers = call(f"{local.url}/echo/x", "HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_no_route_is_not_found(local: Stack) -> None:
    assert call(f"{local.url}/nothing")[:2] == (404, b'{"message":"Not Found"}')
    assert call(f"{local.url}/awkward/x")[0] == 404


def test_a_failing_function_is_an_internal_server_error(local: Stack) -> None:
    assert awkward(local, "raise")[:2] == (500, b'{"message":"Internal Server Error"}')
    assert awkward(local, "wrong")[0] == 500
    assert awkward(local, "big")[0] == 500
    assert "on purpose" in local.log_text("Awkward")


def test_a_function_that_cannot_be_imported_says_so_in_its_log(local: Stack) -> None:
    assert call(f"{local.url}/broken")[0] == 500
    assert "nowhere" in local.log_text("Broken")
    with pytest.raises(FailedError, match="nowhere"):
        local.invoke("Broken", {})


def test_a_timeout_ends_the_process(local: Stack) -> None:
    before = time.monotonic()
    status, _, _ = awkward(local, "sleep")

    assert status == 500
    assert time.monotonic() - before < 4
    assert "Task timed out after 2.00 seconds" in local.log_text("Awkward")


@pytest.mark.parametrize(("what", "reason"), [("die", "signal: SIGKILL"), ("exit", "exit status 3")])
def test_a_death_fails_one_invocation_and_not_the_next(local: Stack, what: str, reason: str) -> None:
    assert awkward(local, what)[0] == 500
    assert awkward(local, "fine")[0] == 200
    assert reason in local.log_text("Awkward")


def test_a_process_killed_while_idle_is_replaced(local: Stack) -> None:
    first = int(awkward(local, "pid")[1])
    for pid in local.processes()["Awkward"]:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not local.processes()["Awkward"])

    status, body, _ = awkward(local, "pid")

    assert status == 200
    assert int(body) != first


def test_invocations_run_side_by_side(local: Stack) -> None:
    def nap() -> None:
        awkward(local, "nap")

    threads = [threading.Thread(target=nap) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(local.processes()["Awkward"]) > 1)
    for thread in threads:
        thread.join()

    assert 1 < len(local.processes()["Awkward"]) <= 4


def test_sizes_have_limits(local: Stack) -> None:
    assert awkward(local, "fine", b"x" * (5 * 1024 * 1024))[0] == 413
    assert awkward(local, "fine", b"x" * (4 * 1024 * 1024))[0] == 200
    assert awkward(local, "fine", b"x" * (11 * 1024 * 1024))[:2] == (413, b'{"message":"Request Entity Too Large"}')


def test_what_is_not_http_is_a_bad_request(local: Stack) -> None:
    assert raw(local, b"\x00\x01\x02 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(local, b"GET /echo/x HTTP/1.1\r\nContent-Length: many\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(local, b"GET /echo/x HTTP/1.1\r\nno colon\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(local, b"").startswith(b"")


def test_bytes_that_are_no_text_reach_the_function_in_the_query_encoded(local: Stack) -> None:
    answer = raw(local, b"GET /echo/\xff?q=\xe9&r=%E9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    event = json.loads(answer.partition(b"\r\n\r\n")[2])["event"]
    assert event["rawQueryString"] == "q=%E9&r=%E9"
    assert event["rawPath"] == "/echo/�"


def test_a_slow_client_does_not_stop_the_others(local: Stack) -> None:
    port = int(local.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST /echo/x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")

        assert call(f"{local.url}/echo/x")[0] == 200


@pytest.fixture(scope="module")
def failures(local: Stack) -> None:
    """Send what fails to two functions, and wait once for both to have it twice."""
    sqs = local.client("sqs")
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(["good", "bad", "fine"])]
    sqs.send_message_batch(QueueUrl=local.outputs["QueueUrl"], Entries=entries)
    sqs.send_message(QueueUrl=local.outputs["StumblingUrl"], MessageBody="raise")
    local.drain()


def test_a_batch_keeps_only_what_failed(local: Stack, failures: None) -> None:
    log = local.log_text("Consume")
    assert log.count("got good") == 1
    assert log.count("got fine") == 1
    assert [line for line in log.splitlines() if "got bad" in line] == ["got bad 1", "got bad 2"]
    assert bodies(local, "DeadLettersUrl") == ["bad"]


def test_a_failing_function_keeps_the_batch(local: Stack, failures: None) -> None:
    assert local.log_text("Stumble").count("got raise") == 2
    assert bodies(local, "DeadStumblingUrl") == ["raise"]


def test_no_message_is_lost_or_done_twice_while_many_come_and_go(local: Stack) -> None:
    def send(sender: int) -> None:
        for number in range(10):
            entries = [{"Id": str(one), "MessageBody": f"many-{sender}-{number}-{one}-"} for one in range(10)]
            local.client("sqs").send_message_batch(QueueUrl=local.outputs["QueueUrl"], Entries=entries)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    local.drain(60)

    got = [line.split()[1] for line in local.log_text("Consume").splitlines() if line.startswith("got many-")]
    assert sorted(got) == sorted(f"many-{a}-{b}-{c}-" for a in range(3) for b in range(10) for c in range(10))


def test_a_message_reaches_the_function_at_once(local: Stack) -> None:
    local.client("sqs").send_message(QueueUrl=local.outputs["QueueUrl"], MessageBody="warm")
    local.drain()

    sent = time.monotonic()
    local.client("sqs").send_message(QueueUrl=local.outputs["QueueUrl"], MessageBody="quick")
    until(lambda: "got quick" in local.log_text("Consume"))

    assert time.monotonic() - sent < 1


def bodies(local: Stack, output: str) -> list[str]:
    sqs, url, found = local.client("sqs"), local.outputs[output], []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_the_bucket_announces_each_object_once_and_each_deletion(local: Stack) -> None:
    s3, place = local.client("s3"), {"Bucket": "dummy-objects", "Key": "media/a b+c.wav"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"RIFF")
    s3.complete_multipart_upload(
        **place, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    version = s3.put_object(**place, Body=b"RIFF2")["VersionId"]
    s3.delete_object(**place)
    s3.delete_object(**place, VersionId=version)

    messages = [json.loads(body) for body in bodies(local, "ObjectsUrl")]
    records = [message["Records"][0] for message in messages if "Records" in message]
    assert [record["eventName"] for record in records] == [
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
    ]
    assert {record["s3"]["object"]["key"] for record in records} == {"media/a+b%2Bc.wav"}
    assert records[1]["s3"]["object"]["versionId"] == records[3]["s3"]["object"]["versionId"] == version
    assert {"Event": "s3:TestEvent"}.items() <= messages[0].items()


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


def test_schedules_run_on_demand(local: Stack) -> None:
    answers = local.run_schedule("Echo")

    events = [answer["event"] for answer in answers]
    assert {"night": True} in events
    assert "Scheduled Event" in [event.get("detail-type") for event in events]
    assert call(f"{local.control_url}/schedules/Echo", "POST", b"")[0] == 200
    assert call(f"{local.control_url}/schedules/Awkward", "POST", b"")[0] == 404
    with pytest.raises(KeyError):
        local.run_schedule("Awkward")


def test_events_are_kept_to_be_looked_at(local: Stack) -> None:
    entry = {"Source": "dummy", "DetailType": "Thing", "Detail": '{"a": 1}'}
    local.client("events").put_events(Entries=[entry])

    assert [event["detail"] for event in local.events() if event["source"] == "dummy"] == [{"a": 1}]


def test_accounts_are_written_where_the_stack_looks(local: Stack) -> None:
    local.put_account("a1", {"provider": "kazoo"})

    parameter = local.client("ssm").get_parameter(Name="/dummy/accounts/a1", WithDecryption=True)["Parameter"]
    assert json.loads(parameter["Value"]) == {"provider": "kazoo"}
    assert parameter["Type"] == "SecureString"


def test_what_a_condition_excludes_is_not_deployed(local: Stack) -> None:
    assert "Widen" not in local.processes()
    assert call(f"{local.url}/wide")[0] == 404
    assert [bucket["Name"] for bucket in local.client("s3").list_buckets()["Buckets"]] == ["dummy-objects"]


def test_the_table_can_be_elsewhere(template: Path, local: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = local.client("dynamodb")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", local.aws_url)
    with running(template, name="wide", parameters={"Wide": "true"}) as wide:
        environment = wide.invoke("Widen", {})["environment"]
        table = elsewhere.describe_table(TableName=wide.outputs["TableName"])["Table"]
        wide.client("dynamodb").put_item(TableName=table["TableName"], Item={"id": {"S": "a"}})
        assert elsewhere.scan(TableName=table["TableName"])["Count"] == 1

    assert environment["AWS_ENDPOINT_URL_DYNAMODB"] == local.aws_url
    assert environment["AWS_ENDPOINT_URL"] == wide.aws_url != local.aws_url
    assert environment["BUCKET"] == "wide-wide"
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_a_port_that_is_taken_is_said_so(template: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} is taken"), running(template, port=port):
            """It does not come to this."""
        with pytest.raises(StartError, match="taken"), running(template, aws_port=port):
            """It does not come to this."""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_command(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tools.local"],
        cwd=PACKAGE_ROOT,
        env={**os.environ, "PORT": "0", "CALLVAULT_LOCAL_LOGS": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout
        assert command.stderr
        words = command.stdout.readline().split()
        assert words[0::2] == ["ready", "aws"]
        control = command.stderr.readline().split()[1].rstrip(",")
        _, processes, _ = call(f"{control}/processes")
        command.send_signal(how)
        code = command.wait(20)
        assert command.stdout.read() == ""

    pids = [pid for found in json.loads(processes).values() for pid in found]
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert code == (-9 if how == signal.SIGKILL else 0)
