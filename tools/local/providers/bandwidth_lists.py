"""Stand in for Bandwidth's lists of recordings and conferences, served from a book.

It follows Bandwidth's OpenAPI description (github.com/Bandwidth/python-sdk, bandwidth.yml): the
list of calls' recordings is capped at 1000 and sorted by `startTime`, `minStartTime` is inclusive
and `maxStartTime` exclusive; the list of conferences has pages of at most 1000, a header `Link`,
and bounds that are both inclusive. Unset members are null. The error for what does not exist is a
404 of the type `validation`. A conference begins with its first recording.

A path that has replies of its own (`Standin.serve`) gets these, whatever the book has.
"""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, override
from urllib.parse import parse_qsl, urlencode, urlsplit

from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import Disturbances
from tools.local.providers.standins import Standin

MAX_ENTRIES = 1000
STATUSES = {"completed": "complete", "absent": "error"}
"""Bandwidth's words for those of `Kept.status`; others are the same."""
WITH_MEDIA = {"complete", "partial"}
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class Handler(standins.Handler):
    """Answer requests for tokens, lists, resources and media."""

    server: "BandwidthLists"

    @override
    def get(self) -> None:
        """Answer a GET below the account's URL; everything else is 404."""
        if self.path in self.server.replies:
            super().get()
            return
        self._record()
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in self.server.tokens:
            self._refuse(401, "authentication-error", "The credentials are not valid.")
            return
        try:
            self._answer(url.path.removeprefix("/api/v2/accounts/").split("/"), query)
        except ValueError:
            self._refuse(400, "validation", "A parameter is not valid.")

    def _answer(self, parts: list[str], query: Mapping[str, str]) -> None:
        server = self.server
        if parts[0] != server.account_id:
            self._refuse(403, "authorization-error", "The account is another one's.")
            return
        match parts[1:]:
            case ["recordings"]:
                self._send_page(lambda: self._recordings(query))
            case ["conferences"]:
                self._send_conferences(query)
            case ["conferences", conference_id, "recordings"] if conference_id in server.conferences():
                self._send_page(lambda: self._resources(server.of_conference(conference_id)))
            case ["calls", call_id, "recordings"]:
                self._send_page(lambda: self._resources(server.of_call(call_id)))
            case ["calls" | "conferences" as kind, parent, "recordings", recording_id, *rest] if rest in (
                [],
                ["media"],
            ):
                kept = server.book.kept.get(recording_id)
                found = kept and parent == (kept.conference_id if kind == "conferences" else _call_id(kept))
                self._send_one(kept if found else None, media=bool(rest))
            case _:
                self._send_one(None)

    def _send_page(self, read: Callable[[], Any]) -> None:
        """Send a page, unless a disturbance replaces it."""
        reply = self.server.disturbances.next_page()
        if reply is None:
            self._send_json(200, read())
        else:
            self._send(reply)

    def _recordings(self, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
        """Return the entries of the account's list of calls' recordings."""
        since, until = _time(query, "minStartTime", EARLIEST), _time(query, "maxStartTime", LATEST)
        found = [kept for kept in self.server.book.between(since, until) if kept.conference_id is None]
        found = [kept for kept in found if query.get("to", kept.callee) == kept.callee]
        found = [kept for kept in found if query.get("from", kept.caller) == kept.caller]
        return self._resources(found[: self.server.max_entries])

    def _resources(self, found: list[Kept]) -> Any:  # noqa: ANN401 - any JSON value
        """Return the entries of a list; in an odd form if the stand-in is `odd`."""
        entries = [self.server.resource(kept) for kept in found]
        if self.server.odd and len(entries) < 2:  # noqa: PLR2004
            return entries[0] if entries else None
        return entries

    def _send_conferences(self, query: Mapping[str, str]) -> None:
        """Send a page of conferences, with a header Link if there are more."""
        since, until = _time(query, "minCreatedTime", EARLIEST), _time(query, "maxCreatedTime", LATEST)
        size, after = int(query.get("pageSize", MAX_ENTRIES)), self.server.read_page_token(query.get("pageToken"))
        if not 1 <= size <= MAX_ENTRIES:
            raise ValueError("pageSize")
        reply = self.server.disturbances.next_page()
        if reply is not None:
            self._send(reply)
            return
        known = sorted((created, one) for one, created in self.server.conferences().items())
        found = [(created, one) for created, one in known if since <= created <= until and (created, one) > after]
        page = [{"id": one, "name": f"name of {one}", "createdTime": _write(created), "tag": None,
                 "completedTime": _write(created + timedelta(hours=1)), "conferenceEventUrl": None,
                 "conferenceEventMethod": "POST"} for created, one in found[:size]]  # fmt: skip
        headers = {"content-type": "application/json"}
        if len(found) > size:
            following = dict(query) | {"pageToken": self.server.page_token(*found[size - 1])}
            url = f"https://voice.bandwidth.com/api/v2/accounts/{self.server.account_id}/conferences"
            headers["link"] = f'<{url}?{urlencode(following)}>; rel="next"'
        self._send(Reply(body=json.dumps(page).encode(), headers=headers))

    def _send_one(self, kept: Kept | None, *, media: bool = False) -> None:
        """Send a recording's resource or its media."""
        if kept is None:
            self._refuse(404, "validation", "The recording was not found.")
        elif not media:
            resource = self.server.resource(kept)
            self._send_json(200, [resource] if self.server.odd else resource)
        elif kept.media is None:
            self._refuse(kept.media_status, "validation", "The recording's media was not found.")
        else:
            self._send(Reply(body=kept.media, headers={"content-type": "audio/vnd.wave"}))

    def _refuse(self, status: int, kind: str, description: str) -> None:
        self._send_json(status, {"type": kind, "description": description, "id": None})


class BandwidthLists(Standin):
    """Bandwidth on loopback, whose lists show a book."""

    handler = Handler

    def __init__(self, account_id: str, book: Book, port: int = 0) -> None:
        super().__init__(port)
        self.account_id = account_id
        self.book = book
        self.disturbances = Disturbances()
        self.max_entries = MAX_ENTRIES
        self.odd = False
        """Whether lists of one entry are an object, empty ones are null, and resources arrays."""
        self.precise = False
        """Whether times have microseconds, as Bandwidth wrote them in 2019."""
        self.changes: dict[str, dict[str, Any]] = {}
        """By recording id, members that replace those of its resource."""
        self.forgotten: set[str] = set()
        """The ids of conferences that Bandwidth lists no longer."""
        self.empty_conferences: dict[str, datetime] = {}
        """Conferences without a recording, and when they were created."""
        self._generation = 0

    def expire(self) -> None:
        """Make every access token that was issued invalid."""
        self.tokens.clear()

    def expire_page_tokens(self) -> None:
        """Make every page token that was issued invalid."""
        self._generation += 1

    def conferences(self) -> dict[str, datetime]:
        """Return the conferences that are listed, and when they were created."""
        found = dict(self.empty_conferences)
        for kept in self.book.between(EARLIEST, LATEST):
            if kept.conference_id is not None:
                found.setdefault(kept.conference_id, kept.time)
        return {one: created for one, created in found.items() if one not in self.forgotten}

    def of_conference(self, conference_id: str) -> list[Kept]:
        """Return the recordings of a conference."""
        return [kept for kept in self.book.between(EARLIEST, LATEST) if kept.conference_id == conference_id]

    def of_call(self, call_id: str) -> list[Kept]:
        """Return the recordings of a call."""
        return [kept for kept in self.book.between(EARLIEST, LATEST) if _call_id(kept) == call_id]

    def resource(self, kept: Kept) -> dict[str, Any]:
        """Return the resource of a recording."""
        status = STATUSES.get(kept.status, kept.status)
        kind = f"conferences/{kept.conference_id}" if kept.conference_id else f"calls/{kept.call_id}"
        url = f"https://voice.bandwidth.com/api/v2/accounts/{self.account_id}/{kind}/recordings/{kept.recording_id}"
        ended = kept.time + timedelta(seconds=kept.seconds)
        shared: dict[str, Any] = {
            "accountId": self.account_id,
            "recordingId": kept.recording_id,
            "duration": f"PT{kept.seconds}S",
            "channels": kept.channels,
            "startTime": _write(kept.time, precise=self.precise),
            "endTime": _write(ended, precise=self.precise),
            "fileFormat": "wav",
            "status": status,
            "mediaUrl": f"{url}/media" if status in WITH_MEDIA else None,
            "recordingName": None,
        }
        if kept.conference_id:
            shared |= {"conferenceId": kept.conference_id, "name": f"name of {kept.conference_id}"}
        else:
            shared |= {
                "applicationId": "04e88489-df02-4e34-a0ee-27a91849555f",
                "callId": kept.call_id,
                "parentCallId": None,
                "from": kept.caller,
                "to": kept.callee,
                "transferCallerId": None,
                "transferTo": None,
                "direction": "inbound",
                "transcription": None,
            }
        return shared | self.changes.get(kept.recording_id, {})

    def page_token(self, created: datetime, conference_id: str) -> str:
        """Return the token of the page after a conference."""
        return base64.urlsafe_b64encode(f"{self._generation}|{created.isoformat()}|{conference_id}".encode()).decode()

    def read_page_token(self, token: str | None) -> tuple[datetime, str]:
        """Return the conference after which a page begins; raises ValueError."""
        if token is None:
            return EARLIEST, ""
        generation, created, conference_id = base64.urlsafe_b64decode(token).decode().split("|")
        if int(generation) != self._generation:
            raise ValueError("pageToken")
        return datetime.fromisoformat(created), conference_id


def _call_id(kept: Kept) -> str | None:
    return None if kept.conference_id else kept.call_id


def _time(query: Mapping[str, str], name: str, default: datetime) -> datetime:
    return datetime.fromisoformat(query[name]).astimezone(UTC) if name in query else default


def _write(time: datetime, *, precise: bool = False) -> str:
    return time.isoformat(timespec="microseconds" if precise else "milliseconds").replace("+00:00", "Z")
