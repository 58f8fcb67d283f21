"""Stand in for SignalWire, from a book: the lists of LaML, and of SWML and Relay.

It follows SignalWire's description (github.com/signalwire/docs, specs/signalwire-rest/relay-rest,
and fern/products/apis/pages/core/paging.mdx): a list has `links` and `data`, and no limits of time.
The parameters of a page are those of the same API's list of addresses. The media is served without
credentials.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, override

from tools.local.providers import laml_lists
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import Disturbances
from tools.local.providers.laml_lists import DEFAULT_ENTRIES, EARLIEST, LATEST, MAX_ENTRIES, SIGNALWIRE, LamlLists

ROOT = "/api/relay/rest/recordings"
FILES = "/files/recordings/"
"""Path of the media, which stands for that of files.signalwire.com."""
STATUSES = {"processing": "recording", "absent": "no_input"}
"""The words of this API for those of `Kept.status`; others are the same."""


class Handler(laml_lists.Handler):
    """Answer requests to both APIs."""

    server: "SignalWireLists"

    @override
    def answer_public(self, path: str) -> bool:
        """Send media of SWML and Relay."""
        if not path.startswith(FILES):
            return False
        kept = self.server.relay(path.removeprefix(FILES).partition(".")[0])
        if kept is None:
            self._send_json(404, {"error": "Not Found"})
        else:
            self.send_media(kept)
        return True

    @override
    def answer(self, path: str, query: Mapping[str, str]) -> None:
        """Answer a GET of either API."""
        if path == ROOT:
            reply = self.server.relay_disturbances.next_page()
            if reply is None:
                self._send_json(200, self.server.relay_page(query))
            else:
                self._send(reply)
        elif path.startswith(f"{ROOT}/"):
            kept = self.server.relay(path.removeprefix(f"{ROOT}/"))
            self._send_json(
                *((404, {"error": "Not Found"}) if kept is None else (200, self.server.relay_resource(kept)))
            )
        else:
            super().answer(path, query)


class SignalWireLists(LamlLists):
    """SignalWire on loopback, whose two lists show a book."""

    handler = Handler

    def __init__(self, account_id: str, book: Book, port: int = 0) -> None:
        super().__init__(SIGNALWIRE, account_id, book, port)
        self.relay_disturbances = Disturbances()
        self.oldest_first = False
        """Whether the list of SWML and Relay begins with the oldest recording."""
        self.links: dict[str, Any] = {}
        """Members that replace those of `links`."""
        self._relay_tokens: set[str] = set()

    @override
    def expire_page_tokens(self) -> None:
        """Make every page token that was issued invalid, of both lists."""
        super().expire_page_tokens()
        self._relay_tokens.clear()

    def relay(self, recording_id: str) -> Kept | None:
        """Return a recording of SWML or Relay that is not deleted."""
        kept = self.book.kept.get(recording_id)
        return kept if kept is not None and kept.is_relay and kept.status != "deleted" else None

    def relay_page(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Return a page of recordings of SWML and Relay; raises ValueError."""
        size, number = int(query.get("page_size", DEFAULT_ENTRIES)), int(query.get("page_number", 0))
        if not 1 <= size <= MAX_ENTRIES:
            raise ValueError("page_size")
        found = [kept for kept in self.book.between(EARLIEST, LATEST) if self.relay(kept.recording_id)]
        found = found if self.oldest_first else found[::-1]
        start = number * size if self.by_number else self._relay_start(found, query.get("page_token"))
        entries = found[start : start + size]
        base = {"page_size": str(size)}
        links = {"self": self.path_of(ROOT, query), "first": self.path_of(ROOT, base | {"page_number": "0"})}
        if len(found) > start + size:
            token = f"PA{entries[-1].recording_id}"
            self._relay_tokens.add(token)
            more = {} if self.by_number else {"page_token": token}
            links["next"] = self.path_of(ROOT, base | {"page_number": str(number + 1)} | more)
        return {"links": links | self.links, "data": [self.relay_resource(kept) for kept in entries]}

    def relay_resource(self, kept: Kept) -> dict[str, Any]:
        """Return the resource of a recording of SWML or Relay."""
        is_mp3 = kept.media is not None and not kept.media.startswith(b"RIFF")
        leg = {"relay_conference_id": kept.conference_id} if kept.conference_id else {"relay_pstn_leg_id": kept.call_id}
        return {
            "id": kept.recording_id,
            "project_id": self.account_id,
            "created_at": kept.time.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "updated_at": (kept.time + timedelta(seconds=kept.seconds)).isoformat().replace("+00:00", "Z"),
            "duration_in_seconds": kept.seconds,
            "error_code": None,
            "price": 0.0025,
            "price_unit": "USD",
            "status": STATUSES.get(kept.status, kept.status),
            "url": f"{self.origin}{FILES}{kept.recording_id}.{'mp3' if is_mp3 else 'wav'}",
            "stereo": kept.channels == 2,  # noqa: PLR2004
            "byte_size": len(kept.media or b""),
            "track": "both",
        } | leg | self.changes.get(kept.recording_id, {})  # fmt: skip

    def _relay_start(self, found: list[Kept], token: str | None) -> int:
        """Return where a page begins; raises ValueError for a token that is not valid now."""
        if token is None:
            return 0
        place = next((index for index, kept in enumerate(found) if f"PA{kept.recording_id}" == token), None)
        if token not in self._relay_tokens or place is None:
            raise ValueError("page_token")
        return place + 1
