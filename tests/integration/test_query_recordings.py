"""The function answers what the HTTP API hands it."""

import copy
import functools
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from callvault import alarm_messages, clients
from callvault.completeness import Day
from callvault.models import State
from callvault.storage import reports, table
from functions.query_recordings import app
from tests import roles, worlds

ROOT = Path(__file__).parents[2]
SAMPLE: dict[str, Any] = json.loads((ROOT / "events" / "http_api_query.json").read_text())
CONTEXT: Any = SimpleNamespace(
    function_name="query", memory_limit_in_mb=1024, invoked_function_arn="arn:aws:lambda:x", aws_request_id="1"
)
NOW = datetime.now(UTC) - timedelta(hours=1)

put = functools.partial(worlds.put, account_id="a1", start_time=NOW)


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("a1", readers=[worlds.reader("ops", "s3cret", can_delete=True)])


def call(path: str, query: dict[str, Any] | None = None, method: str = "GET", **members: Any) -> dict[str, Any]:
    event = copy.deepcopy(SAMPLE) | {"rawPath": path, "rawQueryString": urlencode(query or {})} | members
    event["requestContext"]["http"]["method"] = method
    return app.handler(event, CONTEXT)


def test_the_sample_request_is_answered() -> None:
    for number in range(3):
        put(f"r{number}", direction="inbound", start_time=NOW + timedelta(seconds=number))
    put("r9", direction="outbound")
    answer = app.handler(SAMPLE, CONTEXT)
    envelope = json.loads(answer["body"])
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert [item["id"] for item in envelope["data"]] == ["r2", "r1"]
    assert envelope["request_id"] == "JKJaXmPLvHcESHA="


def test_the_report_on_a_day_is_served() -> None:
    reports.write("a1", Day(date=date(2026, 11, 24), listed=3, stored=3, checked_at=NOW))
    answer = call("/v2/accounts/a1/completeness", {"from": "2026-11-24", "to": "2026-11-24"})
    assert [day["stored"] for day in json.loads(answer["body"])["data"]] == [3]


def test_a_day_without_a_report_is_served_as_unknown() -> None:
    answer = call("/v2/accounts/a1/completeness", {"from": "2026-11-24", "to": "2026-11-25"})
    assert [day["unknown"] for day in json.loads(answer["body"])["data"]] == ["not_reconciled"] * 2


def test_a_client_reads_a_list_page_by_page() -> None:
    for number in range(7):
        put(f"r{number}", start_time=NOW + timedelta(seconds=number))
    found: list[str] = []
    query: dict[str, Any] = {"page_size": 3}
    while True:
        envelope = json.loads(call("/v2/accounts/a1/recordings", query)["body"])
        found += [item["id"] for item in envelope["data"]]
        if "next_start_key" not in envelope:
            break
        query["start_key"] = envelope["next_start_key"]
    assert found == [f"r{number}" for number in range(6, -1, -1)]


@pytest.mark.parametrize(
    "of",
    [
        {},
        {"filter_owner_id": "u1"},
        {"filter_call_id": "c1"},
        {"filter_conference_id": "f1"},
        {"filter_from": "+15550100"},
        {"filter_to": "+15550199"},
    ],
    ids=["month", "owner", "call", "conference", "caller", "callee"],
)
def test_a_list_reads_the_index_of_its_filter(of: dict[str, str]) -> None:
    put("r1", owner_id="u1", call_id="c1", conference_id="f1", caller="+15550100", callee="+15550199")
    put("r2", owner_id="u2", call_id="c2", conference_id="f2", caller="+15550101", callee="+15550198")
    found = json.loads(call("/v2/accounts/a1/recordings", of)["body"])["data"]
    assert {item["id"] for item in found} == ({"r1"} if of else {"r1", "r2"})


def test_audio_is_a_redirect_to_the_stored_version_in_the_bucket(functions_roles: roles.Roles) -> None:
    key = "media/a1/2026/06/17/r1.wav"
    s3 = clients.s3()
    version = s3.put_object(Bucket="callvault-bucket", Key=key, Body=b"RIFF....WAVE")["VersionId"]
    put("r1", state=State.VERIFIED, media=worlds.media(key=key, version_id=version))
    answer = call("/v2/accounts/a1/recordings/r1", {"accept": "audio/mpeg"})
    assert answer["statusCode"] == 302
    assert f"versionId={version}" in answer["headers"]["location"]
    assert "callvault-bucket" in answer["headers"]["location"]
    assert functions_roles.opens("QueryRecordings", answer["headers"]["location"], "GET")


def test_a_patch_with_an_encoded_body_is_understood() -> None:
    put("r1")
    body = "eyJkYXRhIjp7InVzZXJfbWV0YWRhdGEiOnsiYSI6MX19fQ=="  # {"data":{"user_metadata":{"a":1}}}
    answer = call("/v2/accounts/a1/recordings/r1", method="PATCH", body=body, isBase64Encoded=True)
    assert json.loads(answer["body"])["data"]["user_metadata"] == {"a": 1}


def test_a_deleted_recording_is_gone() -> None:
    put("r1")
    assert call("/v2/accounts/a1/recordings/r1", method="DELETE")["statusCode"] == 200
    assert call("/v2/accounts/a1/recordings/r1", method="DELETE")["statusCode"] == 404


def test_the_audio_of_a_deleted_recording_is_deleted() -> None:
    key = "media/a1/2026/06/17/r1.wav"
    version = clients.s3().put_object(Bucket="callvault-bucket", Key=key, Body=b"RIFF")["VersionId"]
    put("r1", state=State.VERIFIED, media_key=key, media=worlds.media(key=key, version_id=version))
    assert call("/v2/accounts/a1/recordings/r1", method="DELETE")["statusCode"] == 200
    assert worlds.keys("media/", deleted=True) == [key, key]


def test_an_admin_queues_a_failed_recording_again() -> None:
    worlds.put_account("a1", readers=[worlds.reader("ops", "s3cret", is_admin=True)])
    put("r1", state=State.FAILED, reason="http_404")
    body = json.dumps({"action": "retry", "data": {}})
    answer = call("/v2/accounts/a1/recordings/r1", method="POST", body=body, isBase64Encoded=False)
    assert answer["statusCode"] == 202
    assert [one.recording_id for one in worlds.queued_recordings()] == ["r1"]


def test_a_request_without_credentials_is_refused() -> None:
    put("r1")
    answer = call("/v2/accounts/a1/recordings", headers={})
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["message"] == "invalid_credentials"


def test_openapi_yaml_is_served_without_credentials() -> None:
    answer = call("/openapi.yaml", headers={})
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/yaml"
    assert answer["body"] == (ROOT / "openapi.yaml").read_text()
    again = call("/openapi.yaml", headers={"If-None-Match": answer["headers"]["etag"]})
    assert (again["statusCode"], again["body"]) == (304, "")


@pytest.mark.parametrize(
    "path", ["/v2/accounts/{}/recordings", "/api/v2/accounts/{}/recordings", "/2010-04-01/Accounts/{}/Recordings.json"]
)
def test_an_invalid_account_is_answered_as_an_unknown_one(
    path: str, caplog: pytest.LogCaptureFixture, clock: worlds.Clock
) -> None:
    clock.stop(clock.now())
    worlds.put_parameter('{"provider": 7, "api_key": "hunter2"}', "a1")
    invalid, unknown = (
        call(path.format(name), headers=worlds.basic_header(name, "s3cret")) for name in ("a1", "nobody")
    )
    assert invalid == unknown
    assert invalid["statusCode"] == 401
    assert [record.message for record in caplog.records].count(alarm_messages.ACCOUNT_INVALID) == 1
    assert "hunter2" not in invalid["body"] + str([vars(record) for record in caplog.records])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/accounts/a1/calls/c1/recordings/"),
        ("POST", "/v2/account/calls/c1/recordings/"),
        ("PUT", "/api/v2/accounts/a1/calls/c1/recording/"),
        ("POST", "/2010-04-01/Accounts/a1/Calls/c1/Recordings.json/"),
        ("POST", "/api/laml/2010-04-01/Accounts/a1/Calls/c1/Recordings/r1/"),
    ],
)
def test_a_control_of_a_call_does_not_evade_its_throttle(method: str, path: str) -> None:
    """The route of queries has another throttle, and gets what matches no other route exactly."""
    worlds.put_account("a1", "twilio", readers=[worlds.reader("ops", "s3cret", can_control=True)])
    headers = worlds.basic_header("a1", "s3cret")
    assert call(path, method=method, headers=headers)["statusCode"] == 404
    assert call(path, method="PATCH", headers=headers)["statusCode"] == 405


def test_no_secret_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    call("/v2/accounts/a1/recordings")
    call("/v2/accounts/a1/recordings", {"auth_token": "a1.s3cret", "page_size": "x"})
    call("/v2/accounts/a2/recordings")
    assert "s3cret" not in capsys.readouterr().out


def test_the_function_imports_no_slow_packages() -> None:
    code = "import sys, functions.query_recordings.app; print(*sys.modules)"
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'common'}"}
    output = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    heavy = ("aws_lambda_powertools.event_handler", "aws_xray_sdk", "fastapi", "yaml")
    assert not [name for name in output.stdout.split() if name.startswith(heavy)]


@pytest.mark.parametrize("state", [State.FAILED, State.PENDING])
def test_a_copy_that_was_found_corrupt_is_not_served(state: State) -> None:
    """A corrupt copy stays in the row after a retry, until another one replaces it."""
    put("r1", state=State.STORED, media=worlds.media(key="media/a1/2026/06/17/r1.wav"))
    row = worlds.row("r1", "a1")
    table.put(row.model_copy(update={"state": state, "reason": "corrupt"}), "failed corrupt", backward=True)
    assert call("/v2/accounts/a1/recordings/r1", {"accept": "audio/mpeg"})["statusCode"] != 302
