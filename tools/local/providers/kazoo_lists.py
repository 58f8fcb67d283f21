"""Stand in for Crossbar's list of recordings, documents and audio, served from a book.

As cb_recordings.erl and crossbar_view.erl have it: `created_from` and `created_to` are inclusive
and at most 2,682,000 s apart; only the databases of the months between them are read; the order is
by the time of saving, the newest first unless `ascending`; `start_key` is the key of the first
entry of a page; an entry is the whole public document, with the types of its audio.

`Kept.time` is the time at which the document was saved, and by default the recording ended then.
A deleted recording is in no list, and its document gets 404, as after KAZOO's soft delete. The
replies of `CrossbarState.documents` and `audio` take precedence over the book.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, override
from urllib.parse import parse_qsl, urlsplit

from tools.local.faults.replies import Reply
from tools.local.providers import kazoo_api
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import Disturbances
from tools.local.providers.kazoo_api import AUDIO, GREGORIAN_EPOCH, Crossbar

MAX_RANGE = 2_682_000
"""Maximum length of a range, in seconds."""
PAGE_SIZE = 50
WITHOUT_AUDIO = {"processing", "absent"}
"""Values of `Kept.status` of documents without audio."""
DELETED = "deleted"


class Handler(kazoo_api.Handler):
    """Answer requests for tokens, lists, documents and audio."""

    server: "CrossbarLists"

    @override
    def get(self) -> None:
        """Answer a GET below the account's URL; everything else is 404."""
        self._record()
        server, url = self.server, urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if (self.headers.get("x-auth-token") or query.get("auth_token")) not in server.state.tokens:
            self._refuse(401, "invalid_credentials")
            return
        match url.path.split("/"):
            case ["", "v2", "accounts", account_id, "recordings", *_] if account_id != server.account_id:
                self._refuse(403, "forbidden")
            case ["", "v2", "accounts", _, "recordings"]:
                self._send_list(query)
            case ["", "v2", "accounts", _, "recordings", recording_id]:
                wants_audio = (query.get("accept") or self.headers.get("accept")) in AUDIO
                self._send_kept(recording_id, audio=wants_audio)
            case _:
                self._refuse(404, "not_found")

    def _send_list(self, query: Mapping[str, str]) -> None:
        """Send a page of the list, unless a disturbance replaces it."""
        reply = self.server.disturbances.next_page()
        if reply is not None:
            self._send(reply)
            return
        until = _number(query.get("created_to")) or gregorian(datetime.now(UTC))
        since = _number(query.get("created_from")) or until - MAX_RANGE
        size = query.get("page_size", str(PAGE_SIZE))
        if not size.isdigit() or int(size) < 1:
            self._refuse(404, "faulty_request")
        elif not 0 <= until - since <= MAX_RANGE:
            problem = {"message": f"created_to {until} and created_from {since} do not fit", "cause": until}
            data = {"created_from": {"date_range": problem}}
            self._send_json(400, {"data": data, "error": "400", "message": "validation error", "status": "error"})
        else:
            page, following = self.server.page(since, until, query, int(size))
            self._send_json(200, self.server.envelope(page, query.get("start_key", _encode([until])), following))

    def _send_kept(self, recording_id: str, *, audio: bool) -> None:
        """Send the document or the audio of a recording."""
        kept, state = self.server.book.kept.get(recording_id), self.server.state
        if script := (state.audio if audio else state.documents).get(recording_id):
            self._send(self.server.next_reply(script))
        elif kept is None or kept.status == DELETED or (audio and kept.status in WITHOUT_AUDIO):
            self._refuse(404, "bad_identifier")
        elif not audio:
            document = {name: value for name, value in self.server.document(kept).items() if name != "_read_only"}
            self._send_json(200, {"data": document, "revision": "2-7051cbe5c8faecd0", "status": "success"})
        elif kept.media is None:
            self._refuse(kept.media_status, "bad_identifier" if kept.media_status == 404 else "datastore_fault")  # noqa: PLR2004
        else:
            self._send(Reply(body=kept.media, headers={"content-type": "audio/x-wav"}))


class CrossbarLists(Crossbar):
    """Crossbar on loopback, whose list shows a book."""

    handler = Handler

    def __init__(self, account_id: str, book: Book) -> None:
        super().__init__()
        self.account_id = account_id
        self.book = book
        self.disturbances = Disturbances()
        self.version = 4
        """4 or 5: the form of envelopes and keys."""
        self.ends: dict[str, datetime] = {}
        """By recording id, when it ended, if that is not when its document was saved."""
        self.changes: dict[str, dict[str, Any]] = {}
        """By recording id, members that replace those of its document; None removes one."""
        self._requests = count(1)

    def page(
        self, since: int, until: int, query: Mapping[str, str], size: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return the entries of a page and the key of the next page."""
        ascending = query.get("ascending") == "true" or query.get("descending") == "false"
        first, last = (_time(second).strftime("%Y%m") for second in (since, until))
        found = self.book.between(_time(since), _time(until) + timedelta(seconds=1))
        found = [kept for kept in found if kept.status != DELETED and first <= kept.recording_id[:6] <= last]
        keys = sorted(([gregorian(kept.time), kept.recording_id] for kept in found), reverse=not ascending)
        if "start_key" in query:
            start = json.loads(base64.urlsafe_b64decode(query["start_key"]))
            keys = [key for key in keys if (key >= start if ascending else key <= start)]
        entries = [self.document(self.book.kept[str(key[1])]) for key in keys[:size]]
        return entries, _encode(keys[size]) if len(keys) > size else None

    def envelope(self, page: list[dict[str, Any]], start_key: str, following: str | None) -> dict[str, Any]:
        """Return the envelope of a page."""
        number = next(self._requests)
        content: dict[str, Any] = {
            "data": page,
            "page_size": len(page),
            "start_key": start_key,
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "version": f"{self.version}.3.142",
            "node": "p1vlV1a_qodo9eHpALZAKw",
            "request_id": f"{number:032x}",
            "status": "success",
        }
        content |= {"next_start_key": following} if following else {}
        content |= {"revision": hashlib.md5(repr(page).encode(), usedforsecurity=False).hexdigest()} if page else {}
        by_version: dict[str, Any] = {"metadata": {}} if self.version == 5 else {"auth_token": "token"}  # noqa: PLR2004
        return content | by_version

    def document(self, kept: Kept) -> dict[str, Any]:
        """Return the public document of a recording, as a list shows it."""
        ended = self.ends.get(kept.recording_id, kept.time)
        call_id = kept.call_id
        content: dict[str, Any] = {
            "id": kept.recording_id,
            "name": f"{kept.recording_id[7:]}.wav",
            "description": f"recording {kept.recording_id[7:]}.wav",
            "content_type": "audio/x-wav",
            "media_type": "wav" if self.version == 4 else ".wav",  # noqa: PLR2004
            "media_source": "recorded",
            "source_type": "kzc_recording" if self.version == 4 else "media_recording",  # noqa: PLR2004
            "from": f"{kept.caller}@acme.example.com",
            "to": f"{kept.callee}@acme.example.com",
            "request": f"{kept.callee}@acme.example.com",
            "direction": "inbound",
            "start": gregorian(ended) - kept.seconds,
            "duration": kept.seconds,
            "duration_ms": kept.seconds * 1000,
            "caller_id_number": kept.caller,
            "callee_id_number": kept.callee,
            "call_id": call_id,
            "cdr_id": f"{kept.recording_id[:6]}-{call_id}",
            "interaction_id": f"{gregorian(ended) - kept.seconds}-1a2b3c4d",
            "origin": "callflow : main",
            "custom_channel_vars": {"account_id": self.account_id},
            "_read_only": {"content_types": [] if kept.status in WITHOUT_AUDIO else ["audio/x-wav"]},
        }
        content |= self.changes.get(kept.recording_id, {})
        return {name: value for name, value in content.items() if value is not None}


def document_id(start: datetime, number: int) -> str:
    """Return the id of a document: the month in which its recording began, and 32 hex digits."""
    return f"{start:%Y%m}-{number:032x}"


def gregorian(time: datetime) -> int:
    """Return a time in whole Gregorian seconds."""
    return int(time.timestamp()) + GREGORIAN_EPOCH


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds - GREGORIAN_EPOCH, UTC)


def _number(value: str | None) -> int | None:
    """Return a number over 0, or None: Crossbar ignores another one."""
    return int(value) if value and value.isdigit() and int(value) > 0 else None


def _encode(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
