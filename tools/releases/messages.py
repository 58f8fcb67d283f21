"""Messages of every queue, as the package sends them and the functions read them."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from callvault import providers
from callvault.account_parameter import parse
from callvault.errors import UnavailableError
from callvault.ingest import forwarding, parked_callbacks, parking
from callvault.messaging import bucket_events, fetch_requests, queues
from callvault.messaging.queues import Message, Queue
from callvault.models import Recording, State
from callvault.providers import forward_parameter
from callvault.providers.commands import Forward
from callvault.storage import parked_counts, table
from callvault.upkeep.reconcile import schedule
from callvault.web import Request
from tools.releases import rows, world


def write() -> dict[str, Any]:
    """Return the messages of each queue."""
    written = {}
    for name, send in SEND.items():
        send()
        queue = Queue(name)
        bodies = sorted((taken["Body"], taken["Attributes"].get("MessageGroupId")) for taken in world.take(queue.url))
        for number, (body, group) in enumerate(bodies, 1):
            written[f"{name} {number}"] = {"queue": name, "body": body, "group": group}
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return what the function of the queue reads in a message."""
    return READ[written["queue"]](written["body"])


def recording(recording_id: str, provider: str = "twilio", **values: Any) -> Recording:  # noqa: ANN401 - fields
    """Return a recording of the samples' account at a provider."""
    ids = {"account_id": world.account_id(provider), "recording_id": recording_id, "provider": provider}
    return Recording.model_validate({**ids, "state": State.PENDING, **values})


def _send_fetches() -> None:
    fetch_requests.send(table.put(recording("full", **rows.values(State.PENDING)), "callback pending"))
    fetch_requests.send(recording("without a row", extra={"odd": "\ufffe\uffff"}))
    fetch_requests.send_transcript(recording("with a transcript", "bandwidth", **rows.values(State.PENDING)))
    singles = (fetch_requests.single(recording("swept")), fetch_requests.single_transcript(recording("swept text")))
    queues.send_batch(Queue.FETCH, [Message(one.body, one.account_id) for one in singles])


def _send_backfills() -> None:
    fetch_requests.send(table.put(recording("old", **rows.values(State.PENDING)), "backfill pending"), Queue.BACKFILL)


def _read_fetch(body: str) -> Any:  # noqa: ANN401 - JSON
    record = world.record(body)
    wanted = {"wants_transcript": fetch_requests.wants_transcript(record)} if fetch_requests.WANTED in body else {}
    single = {"is_single": fetch_requests.is_single(record)} if fetch_requests.ATTEMPTS in body else {}
    return fetch_requests.read(record).model_dump(mode="json") | wanted | single


def _send_reconciliations() -> None:
    schedule.send(world.account_id("twilio"))


def _read_reconciliation(body: str) -> Any:  # noqa: ANN401 - JSON
    return {"account_id": schedule.read(world.record(body)).account_id}


def _send_objects() -> None:
    for key, version_id in (
        ("media/acme/2026/11/26/with space, +, ü.wav", "v-1"),
        ("media/acme/2026/11/26/r.wav", None),
    ):
        queues.send(Queue.OBJECTS, bucket_events.write(key, version_id))


def _read_object(body: str) -> Any:  # noqa: ANN401 - JSON
    return [asdict(change) for change in bucket_events.read(world.record(body))]


def _send_forwards() -> None:
    for provider in ("signalwire", "twilio"):
        made = providers.of(parse(world.account_id(provider), json.dumps(world.account(provider))))
        for method in ("POST", "GET"):
            fields = urlencode({"RecordingStatus": "completed", "RecordingSid": "RE-1", "Name": "ü &="})
            forward = forward_parameter.write(Forward(url="https://example.com/hook?a=1", method="POST"))
            query = f"forward={forward}" + (f"&{fields}" if method == "GET" else "")
            body = b"" if method == "GET" else fields.encode()
            request = Request(method=method, path="/callbacks", raw_query=query, body=body)
            forwarding.enqueue(made, request, recording("RE-1", provider))


def _read_forward(body: str) -> Any:  # noqa: ANN401 - JSON
    return forwarding.read(world.record(body)).model_dump(mode="json")


def _send_parked() -> None:
    for provider, made in providers.PROVIDERS.items():
        account_id = world.account_id(provider)
        request = Request(
            method="POST",
            path=f"/callbacks/{provider}/{account_id}/s3cret",
            raw_query="tag=a%20b&from=%2B1",
            headers={"content-type": "application/json", "x-name": "ü\uffff"},
            body=b'{"recordingId": "r-1"}\x00\xff',
            parameters={"provider": provider, "account_id": account_id, "token": "s3cret"},
            origin="https://calls.example.com",
            request_id="request-1",
            arrived=world.NOW,
        )
        parked_counts.know(account_id)
        parking.park(request, made, UnavailableError("accounts_unavailable", "SSM does not answer."))


def _read_parked(body: str) -> Any:  # noqa: ANN401 - JSON
    request = parked_callbacks.read(world.record(body))
    read = asdict(request) | {"body": request.body.hex(), "arrived": request.arrived.isoformat()}
    return json.loads(json.dumps(read))


SEND: dict[str, Callable[[], None]] = {
    "backfill": _send_backfills,
    "fetch": _send_fetches,
    "forward": _send_forwards,
    "objects": _send_objects,
    "parked": _send_parked,
    "reconcile": _send_reconciliations,
}
"""Sends the samples of a queue, by its name. A new queue needs a line here and in READ."""
READ: dict[str, Callable[[str], Any]] = {
    "backfill": _read_fetch,
    "fetch": _read_fetch,
    "forward": _read_forward,
    "objects": _read_object,
    "parked": _read_parked,
    "reconcile": _read_reconciliation,
}
"""Reads the body of a message as the function of its queue does."""
