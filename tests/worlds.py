"""Build the world of a test: accounts with readers, recordings, contents of AWS, a clock.

Import the module and use its name: `worlds.put("r-2", state=State.FAILED)`. A test file that always
needs other defaults binds them once: `put = functools.partial(worlds.put, account_id="a1")`.

| to have | use |
|---|---|
| a reader of an account | `reader("ops", can_delete=True)`, `readers(ops={…}, viewer={})` |
| an account's parameter, for `stack.put_account` | `parameter("kazoo", readers=…)` |
| an account in the in-memory AWS | `put_account("acme", "kazoo", callback={"token": "s3cret"})` |
| an account as the code sees it | `account("acme", "kazoo")` |
| an authenticated reader of an account | `principal("acme", user_id="u1")` |
| the header of a reader's credentials | `basic_header("acme", "ops")` |
| the JSON of an answer | `content(response)` |
| the `api` of an account at a stand-in | `oauth_api(standin)`, `basic_api(standin)` |
| a recording; its row | `recording("r-1", partial=True)`; `put("r-1", partial=True)` |
| the stored audio of a recording | `media(channels=2)` |
| the row of a recording, and its history | `row("r-1")`, `history("r-1")` |
| the objects of the bucket | `keys("media/")`, `versions("media/")`, `body(row)` |
| a version of which the archive reads other bytes | `read_corrupt(monkeypatch, version_id)` |
| leftover uploads | `unfinished_uploads()` |
| the messages of a queue | `queued(Queue.FETCH)`, `dead_letters_of(Queue.FETCH)` |
| the number of its messages; none | `count(Queue.FETCH)`; `empty(Queue.FETCH)` |
| an AWS operation that fails | `fail(monkeypatch, clients.s3(), "put_object")` |
| to act between a writer's read and its write | `before_each(clients.dynamodb(), "PutItem", act)` |
| to wait for another process | `until(lambda: …)` |
| another time | the fixture `clock`: `stop(time)`, `forward(hours=2)`, `with clock.ago(hours=2):` |
| the roles of the functions, for their handlers | the fixture `functions_roles` (tests/roles.py) |
| a stand-in of Bandwidth, for `acme` | the fixture `standin`, with the mark `loopback` |

The fixtures are in tests/conftest.py. The secret of a reader is its name, unless `secret` is given.
"""

import base64
import hashlib
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from callvault import account_parameter, clients, settings, times
from callvault.account_parameter import Account
from callvault.messaging import dead_letters
from callvault.messaging.dead_letters import DeadLetter
from callvault.messaging.queues import Queue
from callvault.models import Media, Recording, State
from callvault.readers.access import Principal
from callvault.storage import bucket, table
from callvault.storage.bucket import OpenObject
from callvault.web import Response
from tools.local.providers import standins

ACCOUNT_ID = "acme"
"""The account of a test that has only one."""
RECORDING_ID = "r-1"
"""The recording of a test that has only one."""


# ---- accounts ------------------------------------------------------------------------------------


def reader(name: str = "ops", secret: str | None = None, **rights: Any) -> dict[str, Any]:
    """Return a reader for an account's parameter; its secret is its name unless it is given."""
    digest = hashlib.sha256((name if secret is None else secret).encode()).hexdigest()
    return {"name": name, "sha256": digest, **rights}


def readers(**rights: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a reader for each name, with its rights."""
    return [reader(name, **of_one) for name, of_one in rights.items()]


def parameter(provider: str = "bandwidth", **fields: Any) -> dict[str, Any]:
    """Return the content of an account's SSM parameter."""
    return {"provider": provider, **fields}


def put_account(account_id: str = ACCOUNT_ID, provider: str = "bandwidth", **fields: Any) -> None:
    """Write the SSM parameter of an account.

    For Bandwidth, `provider_account_id` is 9900000 by default.
    """
    own_id = {"provider_account_id": "9900000"} if provider == "bandwidth" else {}
    put_parameter(json.dumps(parameter(provider, **own_id | fields)), account_id)


def put_parameter(text: str, account_id: str = ACCOUNT_ID) -> None:
    """Write any text as the SSM parameter of an account."""
    name = f"/callvault/accounts/{account_id}"
    clients.ssm().put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=True)


def account(account_id: str = ACCOUNT_ID, provider: str = "bandwidth", **fields: Any) -> Account:
    """Return an account as the code reads it from its parameter."""
    return account_parameter.parse(account_id, json.dumps(parameter(provider, **fields)))


def principal(account_id: str = ACCOUNT_ID, provider: str = "bandwidth", **rights: Any) -> Principal:
    """Return an authenticated reader of an account, with its rights."""
    of_reader = account(account_id, provider, readers=[reader("ops", **rights)])
    return Principal(of_reader, of_reader.readers[0])


def oauth_api(standin: Any, **fields: Any) -> dict[str, Any]:
    """Return the `api` of an account at a stand-in of Bandwidth, with OAuth2 credentials."""
    user, password = standins.CREDENTIALS
    url = standin.origin + standins.TOKEN_PATH
    return {"origin": standin.origin, "token_url": url, "username": user, "password": password, **fields}


def basic_api(standin: Any, **fields: Any) -> dict[str, Any]:
    """Return the `api` of an account whose provider is a stand-in, with credentials for Basic."""
    return {"origin": standin.origin, "username": "user", "password": "password", **fields}


# ---- requests and answers ------------------------------------------------------------------------


def basic_header(account_id: str, secret: str) -> dict[str, str]:
    """Return the header of a request with Basic credentials."""
    return {"authorization": "Basic " + base64.b64encode(f"{account_id}:{secret}".encode()).decode()}


def content(response: Response) -> Any:
    """Return the JSON in the body of an answer."""
    return json.loads(response.body)


# ---- recordings and their rows -------------------------------------------------------------------


def recording(recording_id: str = RECORDING_ID, **fields: Any) -> Recording:
    """Return a pending recording of the account `acme` at Bandwidth, with changes."""
    known = {"account_id": ACCOUNT_ID, "provider": "bandwidth", "state": State.PENDING}
    return Recording.model_validate({**known, "recording_id": recording_id, **fields})


def media(**fields: Any) -> Media:
    """Return 20 seconds of stored audio, a WAVE file of 16-bit samples, with changes."""
    known = {
        "key": f"media/{ACCOUNT_ID}/2026/06/17/{RECORDING_ID}.wav",
        "version_id": "v1",
        "size": 320_044,
        "sha256": "ab" * 32,
        "content_type": "audio/x-wav",
        "codec": "pcm",
        "channels": 1,
        "sample_rate": 8000,
        "duration_ms": 20_000,
    }
    return Media.model_validate(known | fields)


def put(recording_id: str = RECORDING_ID, *, what: str = "callback", **fields: Any) -> Recording:
    """Write the row of a recording and return it; `what` is the line of its history."""
    return table.put(recording(recording_id, **fields), what)


def row(recording_id: str = RECORDING_ID, account_id: str = ACCOUNT_ID) -> Recording:
    """Return the row of a recording, which must exist."""
    found = table.get(account_id, recording_id)
    assert found is not None
    return found


def history(recording_id: str = RECORDING_ID, account_id: str = ACCOUNT_ID) -> list[str]:
    """Return the lines of a row's history, oldest first."""
    return [event.what for event in row(recording_id, account_id).history]


# ---- the bucket ----------------------------------------------------------------------------------


def keys(prefix: str = "", *, deleted: bool = False) -> list[str]:
    """Return the keys of all versions under a prefix; `deleted` includes delete markers."""
    listed: Any = clients.s3().list_object_versions(Bucket=settings.get().bucket_name, Prefix=prefix)
    return [item["Key"] for kind in ("Versions", "DeleteMarkers")[: 1 + deleted] for item in listed.get(kind, [])]


def objects(prefix: str = "") -> list[str]:
    """Return the keys of all objects under a prefix that are not deleted."""
    listed = clients.s3().list_objects_v2(Bucket=settings.get().bucket_name, Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", [])]


def versions(prefix: str = "") -> list[str]:
    """Return the ids of all versions under a prefix."""
    listed = clients.s3().list_object_versions(Bucket=settings.get().bucket_name, Prefix=prefix)
    return [version["VersionId"] for version in listed.get("Versions", [])]


def read_corrupt(monkeypatch: pytest.MonkeyPatch, version_id: str) -> None:
    """Let the archive read other bytes of one version than S3 received."""
    get = bucket.get

    def get_corrupt(key: str, version: str | None = None) -> OpenObject | None:
        found = get(key, version)
        if found is None or found.version_id != version_id:
            return found
        return replace(found, body=io.BytesIO(found.body.read()[:-1] + b"?"))

    monkeypatch.setattr(bucket, "get", get_corrupt)


def body(of: Recording) -> bytes:
    """Return the bytes of the version that a row names."""
    assert of.media is not None
    where: Any = {"Key": of.media.key, "VersionId": of.media.version_id}
    return clients.s3().get_object(Bucket=settings.get().bucket_name, **where)["Body"].read()


def unfinished_uploads() -> int:
    """Count the multipart uploads that were neither completed nor aborted."""
    return len(clients.s3().list_multipart_uploads(Bucket=settings.get().bucket_name).get("Uploads", []))


# ---- the queues ----------------------------------------------------------------------------------


def queued(queue: Queue) -> list[str]:
    """Return the bodies of up to ten visible messages of a queue, which stay visible."""
    answer = clients.sqs().receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in answer.get("Messages", [])]


def empty(queue: Queue) -> None:
    """Delete the visible messages of a queue."""
    while found := clients.sqs().receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            clients.sqs().delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])


def count(queue: Queue) -> int:
    """Return the number of visible messages of a queue."""
    answer = clients.sqs().get_queue_attributes(QueueUrl=queue.url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def queued_recordings() -> list[Recording]:
    """Return the recordings whose fetch is queued, up to ten."""
    return [Recording.model_validate_json(text) for text in queued(Queue.FETCH)]


def dead_letters_of(queue: Queue) -> list[DeadLetter]:
    """Return up to ten messages of a queue's dead-letter queue."""
    answer = clients.sqs().receive_message(
        QueueUrl=queue.dead_letters_url,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [dead_letters.read(message, queue) for message in answer.get("Messages", [])]


# ---- failures and time ---------------------------------------------------------------------------


def fail(monkeypatch: pytest.MonkeyPatch, client: Any, operation: str, code: str | None = None) -> None:
    """Make an operation of an AWS client fail with an error code, or as if AWS were unreachable."""

    def refuse(**_: Any) -> None:
        if code is None:
            raise EndpointConnectionError(endpoint_url="https://aws.example.com")
        raise client.exceptions.ClientError({"Error": {"Code": code, "Message": "No."}}, operation)

    monkeypatch.setattr(client, operation, refuse)


@contextmanager
def before_each(client: Any, operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Call a function before each call of an AWS operation, such as `PutItem`, within the block."""

    def hook(**_: object) -> None:
        act()

    name = f"provide-client-params.{client.meta.service_model.service_name}.{operation}"
    client.meta.events.register(name, hook)
    try:
        yield
    finally:
        client.meta.events.unregister(name, hook)


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition holds; fail if it does not hold within this number of seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Clock:
    """The time that `callvault.times.now` returns: the real one until a test stops or moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._running = times.now
        self._stopped: datetime | None = None
        monkeypatch.setattr(times, "now", self.now)

    def now(self) -> datetime:
        """Return the present."""
        return self._stopped or self._running()

    def stop(self, now: datetime) -> None:
        """Stop the clock at this time."""
        self._stopped = now

    def forward(self, **span: float) -> None:
        """Move the clock forward by a span and stop it; the arguments are those of `timedelta`."""
        self._stopped = self.now() + timedelta(**span)

    @contextmanager
    def at(self, then: datetime) -> Iterator[None]:
        """Stop the clock at this time within the block."""
        before, self._stopped = self._stopped, then
        try:
            yield
        finally:
            self._stopped = before

    @contextmanager
    def ago(self, **span: float) -> Iterator[None]:
        """Stop the clock earlier by a span within the block; the arguments are as in `forward`."""
        with self.at(self.now() - timedelta(**span)):
            yield
