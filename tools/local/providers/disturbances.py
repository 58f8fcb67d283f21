"""Disturb a stand-in's list: change its book between pages, and answer requests with errors."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tools.local.faults.replies import Reply


def nothing(page: int) -> None:
    """Change nothing."""


@dataclass
class Disturbances:
    """What disturbs whoever reads the lists of a stand-in."""

    before_page: Callable[[int], None] = nothing
    """Is called with a page's number, from 1, before the page is read, and may change the book."""
    failing: list[Reply] = field(default_factory=list)
    """The replies to the next requests for a page, in turn; each is sent once."""
    pages: int = 0
    """Number of pages that were requested."""

    def next_page(self) -> Reply | None:
        """Count a page, and return the reply that replaces it; None if the page is to be sent."""
        if self.failing:
            return self.failing.pop(0)
        self.pages += 1
        self.before_page(self.pages)
        return None


def throttled(seconds: int) -> Reply:
    """Return a 429 that names a time to wait."""
    return Reply(status=429, body=b"{}", headers={"retry-after": str(seconds)})
