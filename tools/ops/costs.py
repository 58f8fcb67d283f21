"""Estimate what AWS charges for copying recordings. The providers' charges are not in it.

The amounts for one recording are those of docs/getting-started.md ("Know the cost"), which nobody
has measured on AWS: 20 write units, and 2.1 GB-seconds for one of 4.8 MB, which is its 300 seconds
of WAVE. A part of the time is the same for each recording, and the rest grows with its size.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from callvault.ingest.media import PART_BYTES
from tools.ops import prices
from tools.ops.prices import Price

BASE_GB_SECONDS, GB_SECONDS_PER_MB = 0.5, 1 / 3
"""GB-seconds of FetchMedia and VerifyMedia together: for each recording, and for each MB."""
EACH: dict[Price, float] = {
    prices.INVOCATIONS: 2,  # FetchMedia and VerifyMedia
    prices.WRITE_UNITS: 20,
    prices.READ_UNITS: 5,
    prices.S3_READS: 1,
    prices.SQS_REQUESTS: 6,  # two messages: sent, received and deleted
    prices.EVENTS: 1,
    prices.LOG_GB: 4_000 / 1e9,
}
"""The amounts for each recording, whatever its size."""

type Row = dict[str, Any]


@dataclass
class Costs:
    """The amounts for many recordings."""

    amounts: Counter[Price] = field(default_factory=Counter)
    size: int = 0
    """The bytes that are stored."""

    def add(self, size: int) -> None:
        """Add a recording of a size, in bytes; 0 if nobody knows it."""
        self.size += size
        for price, amount in EACH.items():
            self.amounts[price] += amount  # type: ignore[assignment]  # a Counter adds up any number
        self.amounts[prices.GB_SECONDS] += BASE_GB_SECONDS + GB_SECONDS_PER_MB * size / 1e6  # type: ignore[assignment]
        # Beginning and completing a multipart upload and the tag of its object are requests too.
        self.amounts[prices.S3_WRITES] += 1 if size < PART_BYTES else -(-size // PART_BYTES) + 3

    def rows(self) -> list[Row]:
        """Return what is charged once, with amounts, prices, their sources and costs."""
        return [_row(price, amount) for price, amount in sorted(self.amounts.items(), key=lambda one: one[0].what)]

    def total(self) -> float:
        """Return what is charged once, in US dollars."""
        return sum(price.cost(amount) for price, amount in self.amounts.items())

    def monthly(self) -> float:
        """Return what the storage costs in each month, in US dollars."""
        return prices.STORAGE_GB_MONTH.cost(self.size / 1e9)


def _row(price: Price, amount: float) -> Row:
    return {
        "what": price.what,
        "amount": round(amount, 3),
        "usd": round(price.cost(amount), 4),
        "price": f"{price.usd:.10f}".rstrip("0").rstrip(".") + (f" for {price.per:,}" if price.per > 1 else ""),
        "source": price.source,
    }
