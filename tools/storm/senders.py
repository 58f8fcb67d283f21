"""Send what the providers send, and again as long as they do, until it is acknowledged."""

import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3
from botocore.exceptions import BotoCoreError, ClientError
from twilio.request_validator import RequestValidator
from urllib3.exceptions import HTTPError

from tools.local.providers import scenarios
from tools.local.providers.kazoo_api import GREGORIAN_EPOCH
from tools.storm import sounds
from tools.storm.ledger import EARLY, Entry
from tools.storm.plan import LAML, Drawn, Way
from tools.storm.world import ACCOUNTS, SIGNING_KEY, TOKEN, World

ATTEMPTS = {Way.PUT: 30, Way.POST: 30}
"""KAZOO's uploads: kzs_attachments.erl and kapps_call_recording.erl, 5 tries each of 6 times."""
OTHER_ATTEMPTS = 4
"""Bandwidth documents 2 and SignalWire 3, after a lost connection; some more, because the storm is harder."""
GAP_SECONDS = 0.4
"""Between attempts: seconds to minutes, at the providers."""
SUCCESS = {Way.BANDWIDTH: {204}, Way.PUT: {201}, Way.POST: {201}}
PARTIAL_SECONDS = 8


@dataclass(frozen=True)
class Message:
    """One request of a provider."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str]


class Sender:
    """The providers, as far as they send."""

    def __init__(self, world: World, seed: int, stop: threading.Event) -> None:
        self._world = world
        self._seed = seed
        self._stop = stop
        self._http = urllib3.PoolManager(maxsize=32, retries=False, timeout=urllib3.Timeout(connect=5, read=32))
        self._pool = ThreadPoolExecutor(32, thread_name_prefix="repeat")

    def close(self) -> None:
        """Wait for what is being sent."""
        self._pool.shutdown()
        self._http.clear()

    def play(self, drawn: Drawn) -> None:
        """Announce or push one recording, with all its repetitions."""
        entry, audio, call_id = self._enter(drawn)
        if drawn.way is Way.INCOMING:
            self._put_object(entry, audio)
            return
        if drawn.partial and not self._send_partial(entry, audio, call_id):
            return
        statuses = [status for status in drawn.order for _ in range(1 if status in EARLY else drawn.repetitions)]
        if drawn.way in {Way.PUT, Way.POST}:
            statuses = ["pushed"] * drawn.repetitions
        messages = [(status, self._message(drawn, entry, call_id, status, audio)) for status in statuses]
        if drawn.concurrent:
            list(self._pool.map(lambda one: self._deliver(entry, *one), messages))
        else:
            for one in messages:
                self._deliver(entry, *one)

    def _enter(self, drawn: Drawn) -> tuple[Entry, bytes, str]:
        """Make a recording, have it served, and enter it into the ledger."""
        recording_id, call_id = self._ids(drawn)
        audio = sounds.NO_AUDIO + recording_id.encode() if drawn.wrong else sounds.audio(drawn, recording_id)
        state, reason = "verified", None
        if drawn.absent:
            state, reason = "absent", "error" if drawn.way is Way.BANDWIDTH else "absent"
        elif drawn.wrong:
            state, reason = "failed", "not_audio"
        elif drawn.fault.reason:
            state, reason = "failed", drawn.fault.reason
        world = self._world
        if drawn.way in {Way.HOOK, Way.INCOMING}:
            world.keep_document(drawn, recording_id, call_id)
        if drawn.way not in {Way.PUT, Way.POST, Way.INCOMING}:
            world.serve(drawn, recording_id, call_id, sounds.reply(drawn, audio))
        entry = Entry(
            drawn=drawn,
            account_id=ACCOUNTS[drawn.way],
            recording_id=recording_id,
            sha256=hashlib.sha256(audio).hexdigest(),
            size=len(audio),
            state=state,
            reason=reason,
        )
        return world.ledger.open(entry), audio, call_id

    def _ids(self, drawn: Drawn) -> tuple[str, str]:
        digits = hashlib.sha256(f"{self._seed} {drawn.number}".encode()).hexdigest()[:32]
        if drawn.way is Way.BANDWIDTH:
            return f"r-{digits}", f"c-{digits}"
        if drawn.way in LAML:
            return (f"RE{digits}", f"CA{digits}") if drawn.way is Way.TWILIO else (_uuid(digits), _uuid(digits[::-1]))
        return f"{time.strftime('%Y%m', time.gmtime())}-{digits}", f"call-{digits[:12]}"

    def _deliver(self, entry: Entry, status: str, message: Message) -> bool:
        """Send a request until it is acknowledged, or the provider gives up; say whether it was."""
        way = entry.drawn.way
        for _ in range(ATTEMPTS.get(way, OTHER_ATTEMPTS)):
            try:
                answer = self._http.request(message.method, message.url, body=message.body, headers=message.headers)
                self._world.ledger.note(str(answer.status))
                if answer.status in SUCCESS.get(way, {200}):
                    entry.owed = entry.owed or status not in EARLY
                    return True
                if entry.drawn.wrong and answer.status == 415:  # noqa: PLR2004 - the right answer
                    return False
            except HTTPError as error:
                self._world.ledger.note(type(error).__name__)
            if self._stop.wait(GAP_SECONDS):
                # The storm is over; what the provider would still try is tried once more, in calm weather.
                time.sleep(GAP_SECONDS)
        return False

    def _message(self, drawn: Drawn, entry: Entry, call_id: str, status: str, audio: bytes) -> Message:
        """Return the request that tells of a status."""
        if drawn.way is Way.BANDWIDTH:
            return self._bandwidth(drawn, entry, call_id, status)
        if drawn.way in LAML:
            return self._laml(drawn, entry, call_id, status)
        if drawn.way is Way.HOOK:
            url = f"{self._world.stack.url}/callbacks/kazoo/{scenarios.KAZOO}/{TOKEN}"
            said = {"id": entry.recording_id, "account_id": scenarios.KAZOO, "type": "call_recording", "action": status}
            return Message("POST", url, urlencode(said).encode(), {"content-type": "application/x-www-form-urlencoded"})
        said = {
            "from": "1000@example.com",
            "to": "1001@example.com",
            "call_id": call_id,
            "account_id": scenarios.KAZOO,
            "start": str(int(time.time()) + GREGORIAN_EPOCH),
            "duration_ms": str(drawn.seconds * 1000),
            "recording_id": entry.recording_id,
        }
        name = f"call_recording_{call_id}.{drawn.format}"
        url = f"{self._world.stack.url}/uploads/kazoo/{scenarios.KAZOO}/{TOKEN}/{name}?{urlencode(said)}"
        return Message("PUT" if drawn.way is Way.PUT else "POST", url, audio, {"content-type": "audio/x-wav"})

    def _bandwidth(self, drawn: Drawn, entry: Entry, call_id: str, status: str) -> Message:
        age = 31 * 86400 if drawn.fault.expired else 60
        callback = {
            "eventType": "recordComplete" if status in EARLY else "recordingAvailable",
            "accountId": scenarios.BANDWIDTH,
            "recordingId": entry.recording_id,
            "callId": call_id,
            "from": "+15551112222",
            "to": "+15553334444",
            "direction": "inbound",
            "startTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - age)),
            "duration": f"PT{drawn.seconds}S",
            "channels": drawn.channels,
            "fileFormat": drawn.format,
            **({} if status in EARLY else {"status": status}),
        }
        url = f"{self._world.stack.url}/callbacks/bandwidth/{scenarios.BANDWIDTH}/{TOKEN}"
        return Message("POST", url, json.dumps(callback).encode(), {"content-type": "application/json"})

    def _laml(self, drawn: Drawn, entry: Entry, call_id: str, status: str) -> Message:
        form = {
            "AccountSid": entry.account_id,
            "RecordingSid": entry.recording_id,
            "CallSid": call_id,
            "RecordingStatus": status,
            "RecordingStartTime": time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime()),
            "RecordingDuration": str(drawn.seconds) if status == "completed" else "-1",
            "RecordingChannels": "1",
        }
        query = "owner_id=alice&from=%2B15551112222&to=%2B15553334444"
        url = f"{self._world.stack.url}/callbacks/{drawn.way}/{entry.account_id}?{query}"
        signature = RequestValidator(SIGNING_KEY).compute_signature(url, form)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        return Message("POST", url, urlencode(form).encode(), headers)

    def _send_partial(self, entry: Entry, audio: bytes, call_id: str) -> bool:
        """Announce a partial copy, and say whether it is verified, so that the whole one may follow."""
        part = sounds.audio(entry.drawn, f"{entry.recording_id} in part")
        self._world.serve(entry.drawn, entry.recording_id, call_id, sounds.reply(entry.drawn, part))
        entry.earlier["partial"] = hashlib.sha256(part).hexdigest()
        whole = entry.sha256, entry.size
        entry.sha256, entry.size = entry.earlier["partial"], len(part)
        sent = self._deliver(entry, "partial", self._bandwidth(entry.drawn, entry, call_id, "partial"))
        deadline = time.monotonic() + PARTIAL_SECONDS
        while sent and time.monotonic() < deadline and not self._stop.is_set():
            if self._is_verified(entry):
                self._world.serve(entry.drawn, entry.recording_id, call_id, sounds.reply(entry.drawn, audio))
                entry.sha256, entry.size = whole
                return True
            time.sleep(0.5)
        return False

    def _is_verified(self, entry: Entry) -> bool:
        key = {"pk": {"S": f"{entry.account_id}#{entry.recording_id}"}}
        table = self._world.stack.outputs["TableName"]
        item = self._world.stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return bool(item and item["state"]["S"] == "verified")

    def _put_object(self, entry: Entry, audio: bytes) -> None:
        """Put an object under incoming/, as KAZOO's own S3 handler does."""
        name = f"{entry.recording_id}.{entry.drawn.format}"
        key = f"incoming/kazoo/{entry.account_id}/{entry.recording_id}/{name}"
        bucket = self._world.stack.outputs["BucketName"]
        for _ in range(1 if entry.drawn.wrong else min(entry.drawn.repetitions, 2)):
            try:
                self._world.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=audio)
                self._world.ledger.note("put")
                entry.owed = True
            except (BotoCoreError, ClientError) as error:
                self._world.ledger.note(type(error).__name__)


def _uuid(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
