"""Stand in for the APIs of recordings of Twilio and of SignalWire's Compatibility API, from a book.

It follows Twilio's OpenAPI description (github.com/twilio/twilio-oai, twilio_api_v2010.yaml) and
SignalWire's (github.com/signalwire/docs, specs/compatibility-api): the list is the newest first, a
page has at most 1000 entries, and the token of the next page names the last entry of this one.
Twilio's limits of `DateCreated` include the given time, SignalWire's do not. Twilio lists deleted
recordings only with `IncludeSoftDeleted`, SignalWire never does.

A path that has replies of its own (`Standin.serve`) gets these, whatever the book has.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, override
from urllib.parse import parse_qsl, urlencode, urlsplit

from callvault import times
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import Disturbances
from tools.local.providers.standins import Standin

TWILIO, SIGNALWIRE = "twilio", "signalwire"
ROOTS = {TWILIO: "/2010-04-01", SIGNALWIRE: "/api/laml/2010-04-01"}
MAX_ENTRIES = 1000
DEFAULT_ENTRIES = 50
CREDENTIALS = "user:password"
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
SIGNALWIRE_STATUSES = {"processing": "in-progress"}
"""SignalWire's words for those of `Kept.status`; others are the same."""


class Handler(standins.Handler):
    """Answer requests for lists, resources and media."""

    server: "LamlLists"

    @override
    def get(self) -> None:
        """Answer a GET below the account's URL; everything else is 404."""
        if self.path in self.server.replies:
            super().get()
            return
        self._record()
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        expected = "Basic " + base64.b64encode(self.server.credentials.encode()).decode()
        if self.answer_public(url.path):
            return
        if self.headers.get("authorization") != expected:
            self.refuse(401, 20003, "Authenticate")
            return
        try:
            self.answer(url.path, query)
        except ValueError as error:
            self.refuse(400, 20001, f"{error} is not valid")

    def answer_public(self, path: str) -> bool:
        """Answer a path that needs no credentials, and return whether it is one."""
        del path
        return False

    def answer(self, path: str, query: Mapping[str, str]) -> None:
        """Answer an authorized GET; raises ValueError with the name of a wrong parameter."""
        start = f"{self.server.root}/Accounts/{self.server.account_id}/"
        parts = path.removeprefix(start).split("/") if path.startswith(start) else []
        match parts:
            case ["Recordings" | "Recordings.json"]:
                reply = self.server.disturbances.next_page()
                if reply is None:
                    self._send_json(200, self.server.page(path, query))
                else:
                    self._send(reply)
            case ["Recordings", name]:
                recording_id, _, form = name.partition(".")
                kept = self.server.find(recording_id, deleted=query.get("IncludeSoftDeleted") == "true")
                self._send_one(kept, form)
            case ["Calls", name] if kept := self.server.of_call(name.removesuffix(".json")):
                ends = {"from": kept.caller, "to": kept.callee, "direction": "inbound", "parent_call_sid": None}
                self._send_json(200, {"sid": kept.call_id, "account_sid": self.server.account_id, **ends})
            case _:
                self._send_one(None, "json")

    def refuse(self, status: int, code: int, message: str) -> None:
        """Send an error as both providers do."""
        more = f"https://www.twilio.com/docs/errors/{code}"
        self._send_json(status, {"code": code, "message": message, "more_info": more, "status": status})

    def send_media(self, kept: Kept) -> None:
        """Send the audio of a recording, or the status that the book has instead."""
        if kept.media is None:
            self.refuse(kept.media_status, 20404, f"The requested resource {self.path} was not found")
            return
        kind = "audio/x-wav" if kept.media.startswith(b"RIFF") else "audio/mpeg"
        self._send(Reply(body=kept.media, headers={"content-type": kind}))

    def _send_one(self, kept: Kept | None, form: str) -> None:
        if kept is None or (form != "json" and kept.status == "deleted"):
            self.refuse(404, 20404, f"The requested resource {urlsplit(self.path).path} was not found")
        elif form == "json":
            self._send_json(200, self.server.resource(kept))
        else:
            self.send_media(kept)


class LamlLists(Standin):
    """Twilio, or SignalWire's Compatibility API, on loopback, whose list shows a book."""

    handler = Handler

    def __init__(self, provider: str, account_id: str, book: Book, port: int = 0) -> None:
        super().__init__(port)
        self.provider = provider
        self.account_id = account_id
        self.book = book
        self.root = ROOTS[provider]
        self.credentials = CREDENTIALS
        """User name and password of HTTP Basic."""
        self.disturbances = Disturbances()
        self.dates_only = False
        """Whether the time of day in a limit is ignored."""
        self.by_number = False
        """Whether the link to the next page has no token, so that changes shift the pages."""
        self.changes: dict[str, dict[str, Any]] = {}
        """By recording id, members that replace those of its resource."""
        self.envelope: dict[str, Any] = {}
        """Members that replace those of a page."""
        self._tokens: set[str] = set()

    def expire_page_tokens(self) -> None:
        """Make every page token that was issued invalid."""
        self._tokens.clear()

    def shown(self) -> list[Kept]:
        """Return the recordings of this API, the newest first."""
        found = self.book.between(EARLIEST, LATEST)
        return [kept for kept in reversed(found) if not kept.is_relay]

    def find(self, recording_id: str, *, deleted: bool = True) -> Kept | None:
        """Return a recording; a deleted one only if `deleted`, and only at Twilio."""
        kept = self.book.kept.get(recording_id)
        hidden = kept is not None and kept.status == "deleted" and not (deleted and self.provider == TWILIO)
        return None if kept is None or kept.is_relay or hidden else kept

    def of_call(self, call_id: str) -> Kept | None:
        """Return a recording of a call."""
        return next((kept for kept in self.shown() if kept.call_id == call_id), None)

    def page(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return a page; raises ValueError."""
        size, number = int(query.get("PageSize", DEFAULT_ENTRIES)), int(query.get("Page", 0))
        if not 1 <= size <= MAX_ENTRIES:
            raise ValueError("PageSize")
        with_deleted = self.provider == TWILIO and query.get("IncludeSoftDeleted") == "true"
        within = self._limits(query)
        found = [kept for kept in self.shown() if within(kept.time.replace(microsecond=0))]
        found = [kept for kept in found if with_deleted or kept.status != "deleted"]
        start = self._start(found, query, number, size)
        entries = found[start : start + size]
        first = {name: value for name, value in query.items() if name not in {"Page", "PageToken"}}
        following = None
        if len(found) > start + size:
            token = f"PA{entries[-1].recording_id}"
            self._tokens.add(token)
            more = {} if self.by_number else {"PageToken": token}
            following = f"{path}?{urlencode(first | {'Page': str(number + 1)} | more)}"
        envelope = {
            "uri": self.path_of(path, query),
            "first_page_uri": self.path_of(path, first | {"Page": "0"}),
            "next_page_uri": following,
            "previous_page_uri": None,
            "page": number,
            "page_size": size,
            "recordings": [self.resource(kept) for kept in entries],
        }
        if self.provider == TWILIO:
            envelope |= {"start": number * size, "end": number * size + max(0, len(entries) - 1)}
        return envelope | self.envelope

    @staticmethod
    def path_of(path: str, query: Mapping[str, str]) -> str:
        """Return a path with a query."""
        return f"{path}?{urlencode(query)}"

    def resource(self, kept: Kept) -> dict[str, Any]:
        """Return the resource of a recording with the types of the provider."""
        return (self._twilio(kept) if self.provider == TWILIO else self._signalwire(kept)) | self.changes.get(
            kept.recording_id, {}
        )

    def _common(self, kept: Kept) -> dict[str, Any]:
        path = f"{self.root}/Accounts/{self.account_id}/Recordings/{kept.recording_id}"
        return {
            "sid": kept.recording_id,
            "account_sid": self.account_id,
            "api_version": "2010-04-01",
            "conference_sid": kept.conference_id,
            "date_created": format_datetime(kept.time),
            "date_updated": format_datetime(kept.time + timedelta(seconds=kept.seconds)),
            "start_time": format_datetime(kept.time),
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "encryption_details": None,
            "uri": f"{path}.json",
            "subresource_uris": {"transcriptions": f"{path}/Transcriptions.json"},
        }

    def _twilio(self, kept: Kept) -> dict[str, Any]:
        return self._common(kept) | {
            "call_sid": kept.call_id,
            "channels": kept.channels,
            "duration": str(kept.seconds) if kept.status in {"completed", "deleted"} else None,
            "source": "Conference" if kept.conference_id else "DialVerb",
            "status": kept.status,
            "media_url": f"https://api.twilio.com{self.root}/Accounts/{self.account_id}/Recordings/{kept.recording_id}",
        }

    def _signalwire(self, kept: Kept) -> dict[str, Any]:
        return self._common(kept) | {
            "call_sid": None if kept.conference_id else kept.call_id,
            "channel": str(kept.channels),
            "channels": str(kept.channels),
            "duration": kept.seconds if kept.status == "completed" else 0,
            "end_time": format_datetime(kept.time + timedelta(seconds=kept.seconds)),
            "source": "Conference" if kept.conference_id else "DialVerb",
            "status": SIGNALWIRE_STATUSES.get(kept.status, kept.status),
            "trim": "do-not-trim",
        }

    def _start(self, found: list[Kept], query: Mapping[str, str], number: int, size: int) -> int:
        """Return where a page begins; raises ValueError for a token that is no longer valid."""
        token = query.get("PageToken")
        if token is None:
            if number and not self.by_number:
                raise ValueError("PageToken")
            return number * size
        anchor = self.book.kept.get(token.removeprefix("PA"))
        if token not in self._tokens or anchor is None:
            raise ValueError("PageToken")
        place = (anchor.time, anchor.recording_id)
        return sum((kept.time, kept.recording_id) >= place for kept in found)

    def _limits(self, query: Mapping[str, str]) -> Callable[[datetime], bool]:
        """Return whether a time is within the limits of a query; raises ValueError."""
        exclusive = timedelta(0) if self.provider == TWILIO else timedelta(seconds=1)
        after, before, day = (self._limit(query, f"DateCreated{sign}") for sign in (">", "<", ""))
        first = EARLIEST if after is None else after + exclusive
        last = LATEST if before is None else before - exclusive
        return lambda time: first <= time <= last and (day is None or time.date() == day.date())

    def _limit(self, query: Mapping[str, str], name: str) -> datetime | None:
        """Return a limit: a date, or a time in ISO 8601 or RFC 2822."""
        if name not in query:
            return None
        time = times.read_any(query[name])
        if time is None:
            raise ValueError(name)
        return time.replace(hour=0, minute=0, second=0) if self.dates_only else time
