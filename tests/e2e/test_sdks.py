"""The unmodified SDKs of Bandwidth, Twilio and SignalWire read every provider's recordings.

Each SDK runs in a process of its own. `tests/sdks/drive_*.py` say what it does; each begins with
the block of docs/sdks.md. `*.txt` pins the SDKs that are not among the development dependencies.
`drive_bandwidth.cjs` uses Bandwidth's SDK for Node, which `npm/` pins.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callvault import times
from callvault.dialects.bandwidth import documents
from callvault.models import Recording, State
from callvault.providers import PROVIDERS
from callvault.storage import table
from tests import worlds
from tests.docs import blocks
from tests.e2e import archive
from tests.sdks import environments, tls
from tools import audio_samples
from tools.local.stack import Stack

FOLDER = Path(environments.__file__).parent
NOW = times.now()
IDS = {
    "bandwidth": "r-115da407-e3d9-4ea7-889f-5f4ad7386a8",
    "signalwire": "19e436af-5688-4307-b03b-bdb2b42b814",
    "twilio": "REd9d6e7a3f0c1b4e58a2f7c6d5e4b3a29",
    "kazoo": "202611-9d6e7a3f0c1b4e58a2f7c6d5e4b3a29",
}
"""Shaped like each provider's own; a provider without one has another's."""
SECONDS = 90
SDKS = ("bandwidth", "twilio", "signalwire", "signalwire_sdk")
"""`signalwire` is the older package of SignalWire's, `signalwire_sdk` the newer one."""
UNKNOWN: tuple[dict[str, Any], ...] = (
    {"state": State.ANNOUNCED},
    {"state": State.ABSENT, "reason": "error", "start_time": NOW},
    {"state": State.VERIFIED, "media": worlds.media(), "start_time": NOW},
    {"state": State.PENDING, "channels": 10**12, "transcription": {"id": 7}, "extra": {"applicationId": 7}},
)
"""Fields of recordings of which a provider reported little, or nothing that an SDK can read."""
NODE = "node"
"""Names the accounts of Bandwidth's SDK for Node."""


@dataclass(frozen=True)
class Archived:
    """An account with three recordings, the oldest first; the last belongs to a conference too."""

    account_id: str
    ids: list[str]
    sha256: list[str]
    times: list[datetime]


type Known = Mapping[str, list[Archived]]
"""The accounts of each SDK."""


def fill(stack: Stack, sdk: str, provider: str) -> Archived:
    """Store three recordings in a new account, in the state in which a fetch leaves them."""
    account_id = f"{sdk}-{provider}"
    stack.put_account(account_id, worlds.parameter(provider, readers=[archive.READER]))
    ages = (timedelta(days=40), timedelta(hours=2), timedelta(hours=1))
    made = Archived(account_id, [], [], [(NOW - age).replace(microsecond=0) for age in ages])
    for number, start in enumerate(made.times):
        body = audio_samples.wav(1, seed=number + 1)
        recording = Recording(
            account_id=account_id,
            recording_id=f"{IDS.get(provider, 'x-')}{number}",
            provider=provider,
            state=State.PENDING,
            call_id=f"call-{number}",
            conference_id="conf-1" if number == len(ages) - 1 else None,
            caller=f"+1555111222{number}",
            callee="+15553334444",
            direction="inbound",
            start_time=start,
            duration_ms=1000,
            channels=1,
            format="wav",
        )
        row = table.merge(None, recording, "seen")
        digest = hashlib.sha256(body).hexdigest()
        archive.put_row(stack, row)
        stack.client("s3").put_object(
            Bucket=stack.outputs["BucketName"],
            Key=row.media_key,
            Body=body,
            ContentType="audio/x-wav",
            Metadata={"sha256": digest, "provider": provider},
        )
        made.ids.append(recording.recording_id)
        made.sha256.append(digest)
    return made


def drive(python: Path | str, script: str, snippet: Path, url: str, known: Known, **more: str) -> Any:
    """Run the driver of an SDK and return its results for each account."""
    accounts = [one.account_id for one in known[snippet.stem]]
    return run([python, FOLDER / f"{script}.py", snippet, *accounts], url, **more)


def drive_node(url: str, known: Known) -> Any:
    """Run the driver of Bandwidth's SDK for Node and return its results for each account."""
    node, packages = environments.node()
    accounts = [one.account_id for one in known[NODE]]
    return run([node, FOLDER / "drive_bandwidth.cjs", *accounts], url, NODE_PATH=str(packages))


def run(command: list[Path | str], url: str, **more: str) -> Any:
    """Run a driver and return what it prints."""
    environment = {"PATH": os.environ["PATH"], "ARCHIVE_URL": url, "ARCHIVE_SECRET": archive.SECRET, **more}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def known(stack: Stack) -> Known:
    """Archive recordings of every provider for every SDK, which each delete some."""
    archived = {sdk: [fill(stack, sdk, provider) for provider in PROVIDERS] for sdk in (*SDKS, NODE)}
    stack.drain()
    return archived


@pytest.fixture(scope="module")
def said(stack: Stack, known: Known, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Any]]]:
    """Run the drivers of all SDKs at the same time."""
    folder = tmp_path_factory.mktemp("sdks")
    bandwidth, twilio, signalwire, newer = (folder / f"{sdk}.py" for sdk in SDKS)
    for snippet in (bandwidth, twilio, signalwire, newer):
        snippet.write_text(blocks.snippet(snippet.stem))
    pythons = {sdk: environments.python(sdk) for sdk in ("bandwidth", "signalwire", "signalwire_sdk")}
    with tls.terminating(stack.url, folder) as (url, authority), ThreadPoolExecutor(len(SDKS) + 1) as pool:
        trusted = {"ARCHIVE_CA": str(authority)}
        yield {
            "bandwidth": pool.submit(drive, pythons["bandwidth"], "drive_bandwidth", bandwidth, stack.url, known),
            "twilio": pool.submit(drive, sys.executable, "drive_laml", twilio, stack.url, known),
            "signalwire": pool.submit(drive, pythons["signalwire"], "drive_laml", signalwire, url, known, **trusted),
            "signalwire_sdk": pool.submit(drive, pythons["signalwire_sdk"], "drive_relay", newer, stack.url, known),
            NODE: pool.submit(drive_node, stack.url, known),
        }


@pytest.mark.parametrize("sdk", ["twilio", "signalwire"])
@pytest.mark.parametrize("number", range(len(PROVIDERS)), ids=list(PROVIDERS))
def test_twilios_and_signalwires_sdk_read_every_providers_recordings(
    known: Known, said: dict[str, Future[Any]], sdk: str, number: int
) -> None:
    one = known[sdk][number]
    found = said[sdk].result()[one.account_id]
    oldest, middle, newest = one.ids
    assert found["listed"] == [newest, middle, oldest]
    assert found["filtered"] == [[newest], [middle, oldest]]
    assert found["pages"] == [[newest, middle], [oldest], [newest, middle]]
    assert found["of_call"] == found["below_call"] == found["of_conference"] == [newest]
    got = found["got"]
    assert (got["sid"], got["account_sid"], got["call_sid"]) == (newest, one.account_id, "call-2")
    assert (got["channels"], got["status"], got["date_created"]) == (1, "completed", str(one.times[2]))
    # The type is that of the account's provider. An account at another provider gets the type of
    # the path's prefix, here Twilio's.
    assert got["duration"] == (1 if one.account_id.endswith("-signalwire") else "1")
    assert found["sha256"] == one.sha256[2]
    assert found["other"] == 404
    assert found["deleted"] is True
    assert found["refused"] == [404, 20404]
    assert found["left"] == [newest, middle]
    assert newest in found["printed"]


@pytest.mark.parametrize("number", range(len(PROVIDERS)), ids=list(PROVIDERS))
def test_signalwires_newer_sdk_reads_every_providers_recordings(
    stack: Stack, known: Known, said: dict[str, Future[Any]], number: int
) -> None:
    one = known["signalwire_sdk"][number]
    found = said["signalwire_sdk"].result()[one.account_id]
    oldest, middle, newest = one.ids
    assert found["first"] == [newest, middle]
    assert found["walked"] == [newest, middle, oldest]
    got = found["got"]
    assert (got["id"], got["project_id"], got["relay_pstn_leg_id"]) == (newest, one.account_id, "call-2")
    assert (got["status"], got["duration_in_seconds"], got["stereo"]) == ("completed", 1, False)
    assert (got["created_at"], got["relay_conference_id"]) == (times.write(one.times[2]), "conf-1")
    assert got["url"] == f"{stack.url}/api/relay/rest/recordings/{newest}/download"
    assert got["byte_size"] == len(audio_samples.wav(1, seed=3))
    assert found["sha256"] == one.sha256[2]
    assert found["deleted"] == {}
    assert found["refused"] == [404, "Not Found"]
    assert found["invalid"] == [400, "Invalid Attribute"]
    assert found["left"] == [newest, middle]
    assert newest in found["printed"]


@pytest.mark.parametrize("number", range(len(PROVIDERS)), ids=list(PROVIDERS))
def test_bandwidths_sdk_reads_every_providers_recordings(
    stack: Stack, known: Known, said: dict[str, Future[Any]], number: int
) -> None:
    one = known["bandwidth"][number]
    found = said["bandwidth"].result()[one.account_id]
    oldest, middle, newest = one.ids
    assert found["listed"] == one.ids
    assert found["filtered"] == found["of_call"] == [newest]
    got = found["got"]
    assert (got["recordingId"], got["callId"]) == (oldest, "call-0")
    assert (got["status"], got["fileFormat"], got["channels"]) == ("complete", "wav", 1)
    assert got["archive"]["sha256"] == one.sha256[0]
    assert got["mediaUrl"].startswith(f"{stack.url}/api/v2/accounts/{one.account_id}/calls/call-0/recordings/")
    assert found["conferred"] == [newest, "conf-1"]
    assert found["sha256"] == [one.sha256[0], one.sha256[2]]
    assert found["refused"] == [404, "validation"]
    assert found["left"] == [middle]
    assert oldest in found["printed"]


@pytest.mark.parametrize("number", range(len(PROVIDERS)), ids=list(PROVIDERS))
def test_bandwidths_sdk_for_node_reads_every_providers_recordings(
    known: Known, said: dict[str, Future[Any]], number: int
) -> None:
    one = known[NODE][number]
    found = said[NODE].result()[one.account_id]
    oldest, middle, newest = one.ids
    assert found["listed"] == one.ids
    got = found["got"]
    assert (got["recordingId"], got["callId"], got["status"], got["channels"]) == (oldest, "call-0", "complete", 1)
    assert (got["startTime"], got["endTime"]) == tuple(
        times.write(one.times[0] + timedelta(seconds=seconds)) for seconds in (0, 1)
    )
    assert [name for name, value in got.items() if value is None] == ["transcription"]
    assert found["sha256"] == one.sha256[0]
    assert found["conferred"] == [[newest, "conf-1"]]
    assert found["deleted"] == [204, 204]
    assert found["refused"] == [404, "validation"]
    assert found["left"] == [middle, newest]


def test_bandwidths_sdk_reads_recordings_of_which_little_is_known() -> None:
    found = [worlds.recording(f"r-{number}", **fields) for number, fields in enumerate(UNKNOWN)]
    base = "https://archive.example.com/api/v2/accounts/a1"
    sent = {
        "CallRecordingMetadata": [documents.render_call(one, base, "a1") for one in found],
        "ConferenceRecordingMetadata": [documents.render_conference(one, base, "a1") for one in found],
    }
    command = [environments.python("bandwidth"), FOLDER / "read_bandwidth.py"]
    done = subprocess.run(command, input=json.dumps(sent), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    for name, rendered in sent.items():
        assert [one["recordingId"] for one in read[name]] == [one["recordingId"] for one in rendered]
        assert ["endTime" in one for one in read[name]] == [False, False, True, False]
        assert ["channels" in one for one in read[name]] == [False, False, True, False]
