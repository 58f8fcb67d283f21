"""Send a callback or upload, and check the properties that must hold for each of them.

The properties concern the answer, the stores and the log.
"""

import base64
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from callvault import accounts, settings, web
from callvault.ingest import callbacks, intake, kazoo_uploads, transcripts
from callvault.models import ORDER, TOMBSTONES, Recording
from callvault.storage import rows
from callvault.web import Request, Response
from functions.ingest_callback import app
from tests.fuzz import answers_of_apis, rendering
from tests.fuzz.rendering import Broken
from tests.fuzz.stores import Stores, installed

ENVIRONMENT = {
    "CORS_ORIGINS": "",
    "ACCOUNTS_PATH": "/callvault/accounts", "ACCOUNT_CACHE_SECONDS": "3600", "BUCKET_NAME": "bucket",
    "DOWNLOAD_URL_SECONDS": "900", "EVENT_BUS_NAME": "default", "PUBLIC_URL": "",
    "RECOVERY_PER_SECOND": "50",
    "TABLE_NAME": "table",
    "FETCH_QUEUE_URL": "fetch", "FETCH_DEAD_LETTERS_URL": "fetch-dead-letters", "FORWARD_QUEUE_URL": "forward",
    "FORWARD_DEAD_LETTERS_URL": "forward-dead-letters", "OBJECTS_QUEUE_URL": "objects",
    "OBJECTS_DEAD_LETTERS_URL": "objects-dead-letters", "PARKED_QUEUE_URL": "parked",
    "PARKED_DEAD_LETTERS_URL": "parked-dead-letters", "MAX_MEDIA_BYTES": "67108864",
    "BACKFILL_QUEUE_URL": "backfill", "BACKFILL_DEAD_LETTERS_URL": "backfill-dead-letters",
    "RECONCILE_QUEUE_URL": "reconcile", "RECONCILE_DEAD_LETTERS_URL": "reconcile-dead-letters",
    "RECONCILE_DAYS": "40", "RECONCILE_OVERLAP_DAYS": "2", "RECONCILE_LAG_MINUTES": "10",
    "RECONCILE_PER_MINUTE": "600",
}  # fmt: skip
CREATED = 201
ACKNOWLEDGED = {200, CREATED, 204}
REFUSED = {400, 401, 403, 404, 409, 413, 415}
CONFLICT = 409
"""Status of an upload that cannot be stored; its row may have been written before."""
DOWN = 0.03
"""Share of the genuine requests during which a store is unavailable."""


@dataclass
class Log(io.TextIOBase):
    """A stream that checks each line of the log; `wrong` has the messages of failed checks.

    They are collected and not raised, because logging handles every error of a stream itself.
    """

    forbidden: tuple[str, ...] = ()
    lines: int = 0
    wrong: list[str] = field(default_factory=list)

    def write(self, text: str) -> int:
        """Check a line."""
        self.lines += 1
        self.wrong += [f"A log has {secret}." for secret in self.forbidden if secret in text]
        if len(text.splitlines()) != 1:
            self.wrong.append(f"A log has more than one line: {text!r}")
        try:
            json.loads(text.encode())
        except ValueError as error:
            self.wrong.append(f"A log has a line that is not JSON ({error}): {text!r}")
        return len(text)

    def flush(self) -> None:
        """Do nothing; a stream needs the method."""


@dataclass
class World:
    """An installation with stores and a log, and what it answered and stored."""

    stores: Stores
    log: Log
    account_id: str
    secrets: tuple[str, ...]
    statuses: Counter[str] = field(default_factory=Counter)
    recorded: list[Recording] = field(default_factory=list)

    def send(
        self,
        answer: Callable[[Request], Response],
        request: Request,
        random: Random,
        *,
        genuine: bool,
        reports: bool = False,
    ) -> int:
        """Send one request and return its status; raises Broken, and any unexpected error.

        With `reports`, an acknowledged request has to become a recording.
        """
        self.stores.begin()
        self.recorded.clear()
        if genuine and random.random() < DOWN:
            for store in random.choice([["table"], ["queue"], ["table", "queue"], ["bucket"]]):
                setattr(self.stores, f"{store}_down", True)
        before = dict(self.stores.rows)
        limit = (kazoo_uploads if request.path.startswith("/uploads/") else callbacks).MAX_BODY_BYTES
        response = web.write(answer(web.read(event(request), limit)))
        if self.log.wrong:
            raise Broken(self.log.wrong[0])
        self._check_answer(response, genuine=genuine)
        if reports and response["statusCode"] in ACKNOWLEDGED and not self.recorded:
            raise Broken("An acknowledged event did not become a recording.")
        changed = [key for key, item in self.stores.rows.items() if before.get(key) is not item]
        self._check_stores(response["statusCode"], changed)
        for recorded in self.recorded:
            answers_of_apis.check(recorded, random)
        if response["statusCode"] == CREATED:
            self._check_kept(json.loads(response["body"]))
        self.statuses[f"{response['statusCode']}"] += 1
        return int(response["statusCode"])

    def _check_answer(self, response: Mapping[str, Any], *, genuine: bool) -> None:
        status = response["statusCode"]
        down = self.stores.table_down or self.stores.queue_down or self.stores.bucket_down
        if status not in ACKNOWLEDGED | REFUSED | {302} and not (status == 503 and down):
            raise Broken(f"An undocumented status: {status}")
        if not genuine and status not in REFUSED:
            raise Broken(f"A request that was not genuine got {status}.")
        for name, value in response["headers"].items():
            if not f"{name}{value}".isascii() or not f"{name}{value}".isprintable():
                raise Broken(f"A header is not one line of printable text: {name}: {value!r}")
        written = json.dumps(response, ensure_ascii=False).encode()  # as awslambdaric does it
        for secret in self.secrets:
            if secret.encode() in written:
                raise Broken("An answer has a secret.")

    def _check_stores(self, status: int, changed: list[str]) -> None:
        if status in REFUSED - {CONFLICT} and (changed or self.stores.messages):
            raise Broken(f"A request refused with {status} changed {changed} and queued {len(self.stores.messages)}.")
        held = []
        for key in changed:
            if not key.startswith(f"{self.account_id}#"):
                raise Broken(f"A row of another account: {key!r}")
            row = rows.read(self.stores.rows[key])
            if rows.write(row) != self.stores.rows[key]:
                raise Broken("A row is not the same after reading and writing it.")
            held.append(row)
        for message in self.stores.messages:
            carried = Recording.model_validate_json(message)
            if carried.account_id != self.account_id:
                raise Broken("A message of another account.")
            rows.write(
                carried if carried.listed_at else carried.model_copy(update={"listed_at": "2024-01-01T00:00:00.000Z#x"})
            )
            held.append(carried)
        for recorded in self.recorded if status in ACKNOWLEDGED else []:
            self._check_held(recorded, held)
        for row in held:
            rendering.check(row)

    def _check_held(self, recorded: Recording, held: list[Recording]) -> None:
        """Check that an acknowledged recording is in the table or on the queue."""
        if recorded.account_id != self.account_id:
            raise Broken("A recording of another account.")
        known = self.stores.rows.get(f"{recorded.account_id}#{recorded.recording_id}")
        candidates = [*held, *([rows.read(known)] if known and not self.stores.table_down else [])]
        for one in candidates:
            if one.recording_id == recorded.recording_id and one.rank >= min(recorded.rank, ORDER[recorded.state]):
                self._check_text_held(recorded, candidates)
                return
        raise Broken("An acknowledged recording is not stored.")

    def _check_text_held(self, recorded: Recording, held: list[Recording]) -> None:
        """Check that a transcription whose text is to be fetched is in the table or on the queue.

        A row that has a later transcription, or that a reader removed, needs no earlier one.
        """
        if transcripts.is_due(recorded) and not any(one.transcript or one.state in TOMBSTONES for one in held):
            raise Broken("An acknowledged transcription is not stored.")

    def _check_kept(self, said: Mapping[str, str]) -> None:
        """Check that an upload is in the bucket: a probe, or a recording with its row."""
        if "name" in said:
            assert f"probes/{self.account_id}/{said['name']}" in self.stores.objects
            return
        row = rows.read(self.stores.rows[f"{self.account_id}#{said['id']}"])
        kept = self.stores.objects[row.media.key] if row.media else None
        if row.media is None or kept is None or hashlib.sha256(kept["Body"]).hexdigest() != row.media.sha256:
            raise Broken("An uploaded recording is not in the bucket.")


def event(request: Request) -> dict[str, Any]:
    """Return the HTTP API event of a request, in payload format 2.0."""
    host = request.origin.removeprefix("https://")
    return {
        "rawPath": request.path,
        "rawQueryString": request.raw_query,
        "headers": {"x-forwarded-proto": "https", **request.headers},
        "pathParameters": dict(request.parameters),
        "requestContext": {
            "domainName": host,
            "http": {"method": request.method},
            "requestId": "r",
            "stage": "$default",
            "timeEpoch": int(request.arrived.timestamp() * 1000),
        },
        "body": base64.b64encode(request.body).decode(),
        "isBase64Encoded": True,
    }


@contextmanager
def world(
    account_id: str,
    parameter: Mapping[str, Any],
    secrets: list[str],
    callers: list[str],
    other_callback: Mapping[str, Any] | None = None,
) -> Iterator[World]:
    """Build a world with an account, and another one of the same provider with other secrets.

    By default the other account has changed secrets. `other_callback` is for a provider whose
    secrets have a fixed form.
    """
    other = {**parameter, "callback": other_callback or _replaced(parameter["callback"])}
    known = {account_id: parameter, "other": other}
    parameters = {f"/callvault/accounts/{name}": json.dumps(content) for name, content in known.items()}
    log = Log((*secrets, *callers))
    with installed(parameters) as stores, pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in {**ENVIRONMENT, "POWERTOOLS_METRICS_NAMESPACE": "Callvault/fuzz"}.items():
            monkeypatch.setenv(name, value)
        made = World(stores, log, account_id, tuple(secrets))
        settings.get.cache_clear()
        accounts.forget()
        record = intake.record

        def noted(recording: Recording, **more: Any) -> Recording:
            made.recorded.append(recording)
            return record(recording, **more)

        monkeypatch.setattr(intake, "record", noted)
        monkeypatch.setattr(app.logger.handlers[0], "stream", log)
        yield made
    settings.get.cache_clear()
    accounts.forget()


def to_callbacks(request: Request) -> Response:
    """Answer a callback as the function ingest_callback does."""
    return callbacks.answer(request)


def to_uploads(request: Request) -> Response:
    """Answer an upload as the function receive_upload does."""
    return kazoo_uploads.answer(request)


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return f"other-{value}"
    if isinstance(value, list | tuple):
        return [_replaced(item) for item in value]
    return {name: item if name == "id" else _replaced(item) for name, item in value.items()}
