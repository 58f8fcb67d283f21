"""Send the providers' requests, with their retries, until the archive acknowledges them."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import urllib3
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from tools.storm import books, entering, messages, offers, sounds
from tools.storm.ledger import EARLY, Entry, Text
from tools.storm.messages import Message
from tools.storm.plan import UPLOADS, Drawn, Way
from tools.storm.world import World

UPLOAD_ATTEMPTS = 30
"""Maximum number of times that KAZOO sends an upload: 5 attempts in each of 6 rounds
(kzs_attachments.erl and kapps_call_recording.erl)."""
CALLBACK_ATTEMPTS = 4
"""Maximum number of times that a callback is sent. Bandwidth documents 2 attempts after a lost
connection, and SignalWire documents 3. The storm makes more, because it breaks more connections."""
GAP_SECONDS = 0.4
"""Seconds between two attempts; the providers wait seconds to minutes."""
SUCCESS = {Way.BANDWIDTH: {204}, Way.PUT: {201}, Way.POST: {201}}
"""The statuses that acknowledge a request. For a way that is not listed, it is 200."""
TRANSCRIBED = "transcribed"
"""The status of a callback that announces a transcription and says nothing of the audio."""
PARTIAL_SECONDS = 8
"""Maximum time for a partial recording to be verified, in seconds."""


class Sender:
    """The part of the providers that sends requests."""

    def __init__(self, world: World, seed: int, stop: threading.Event) -> None:
        self._world = world
        self._seed = seed
        self._stop = stop
        self._http = urllib3.PoolManager(maxsize=32, retries=False, timeout=urllib3.Timeout(connect=5, read=32))
        self._pool = ThreadPoolExecutor(32, thread_name_prefix="repeat")

    def close(self) -> None:
        """Wait for the current requests, then close the connections."""
        self._pool.shutdown()
        self._http.clear()

    def play(self, drawn: Drawn) -> None:
        """Create a recording, and unless it is silent, announce or upload it, with repetitions."""
        entry, audio, call_id = entering.enter(self._world, self._seed, drawn)
        if drawn.silent:
            return
        if drawn.way is Way.INCOMING:
            self._put_object(entry, audio)
            return
        if drawn.partial and not self._send_partial(entry, audio, call_id):
            return
        statuses = [status for status in drawn.order for _ in range(1 if status in EARLY else drawn.repetitions)]
        if drawn.way in UPLOADS:
            statuses = ["pushed"] * drawn.repetitions
        api_url = self._world.stack.url
        steps = [
            partial(self._deliver, entry, status, messages.build(api_url, entry, call_id, status, audio))
            for status in statuses
        ]
        if entry.text is not None:
            steps.insert(drawn.number % (len(steps) + 1), partial(self._transcribe, entry, entry.text, call_id))
        if drawn.concurrent:
            list(self._pool.map(lambda step: step(), steps))
        else:
            for step in steps:
                step()

    def _deliver(self, entry: Entry, status: str, message: Message) -> bool:
        """Send a request, with its retries, and return whether it was acknowledged."""
        way = entry.drawn.way
        for _ in range(UPLOAD_ATTEMPTS if way in UPLOADS else CALLBACK_ATTEMPTS):
            try:
                answer = self._http.request(message.method, message.url, body=message.body, headers=message.headers)
                self._world.ledger.note(str(answer.status))
                if answer.status in SUCCESS.get(way, {200}):
                    entry.owed = entry.owed or status not in {*EARLY, TRANSCRIBED}
                    return True
                if entry.drawn.wrong and answer.status == 415:  # noqa: PLR2004 - the right answer
                    return False
            except HTTPError as error:
                self._world.ledger.note(type(error).__name__)
            if self._stop.wait(GAP_SECONDS):
                # After the storm `wait` returns at once, so sleep to keep the gap between the
                # remaining attempts. AWS has no faults then.
                time.sleep(GAP_SECONDS)
        return False

    def _transcribe(self, entry: Entry, text: Text, call_id: str) -> bool:
        """Announce the transcriptions of a recording in turn; the newest text has to win."""
        for number in range(len(text.sizes)):
            offers.serve_text(self._world, entry, call_id, number)
            text.told = number + 1
            message = messages.transcription(self._world.stack.url, entry, call_id, number)
            sent = [self._deliver(entry, TRANSCRIBED, message) for _ in range(1 + entry.drawn.number % 2)]
            text.owed = text.told if any(sent) else text.owed
        return text.owed == text.told

    def _send_partial(self, entry: Entry, audio: bytes, call_id: str) -> bool:
        """Announce a partial recording and return whether it was verified."""
        part = sounds.part(entry.drawn, entry.recording_id)
        entry.earlier["partial"] = hashlib.sha256(part).hexdigest()
        whole = entry.sha256, entry.size
        entry.sha256, entry.size = entry.earlier["partial"], len(part)
        message = messages.bandwidth(self._world.stack.url, entry, call_id, "partial")
        sent = self._deliver(entry, "partial", message)
        deadline = time.monotonic() + PARTIAL_SECONDS
        while sent and time.monotonic() < deadline and not self._stop.is_set():
            if self._is_verified(entry):
                self._world.serve(entry.drawn, entry.recording_id, call_id, sounds.reply(entry.drawn, audio))
                entry.sha256, entry.size = whole
                books.complete(self._world, entry)
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
                books.complete(self._world, entry)
            except (BotoCoreError, ClientError) as error:
                self._world.ledger.note(type(error).__name__)
