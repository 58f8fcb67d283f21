"""Print what a backfill found, what it costs, and what could not be got, for people or as JSON."""

from dataclasses import dataclass
from typing import Any

from callvault import times
from callvault.providers.listings import Gap, Span
from tools.ops import prices, printing
from tools.ops.backfill_sending import Sent
from tools.ops.missing import MISSING, OUTCOMES, UNREADABLE, Found

BASIS = (
    "A size is the provider's own, or else the duration times 16,000 bytes for each channel of a WAV and 4,000 bytes "
    "for an MP3."
)
NOT_IN = (
    f"The cost is an estimate by AWS's list prices of {prices.AS_OF} in {prices.REGION}, in US dollars. "
    "The provider's own charges are not in it."
)

MAX_GAPS = 10
"""Maximum number of gaps of the list that people get a line for."""

type Row = dict[str, Any]


@dataclass
class Content:
    """All that the command says."""

    account_id: str
    span: Span
    rate: int
    found: Found
    unaccountable: tuple[str, ...]
    """What no list of the provider has."""
    sent: Sent | None
    """What was done; None without `--yes`."""
    interrupted: bool = False

    @property
    def left(self) -> int:
        """Return the number of recordings that have no row yet."""
        sent = self.sent or Sent()
        done = sent.queued + sent.recorded + sent.known + sent.unsent + sent.refused.total()
        return self.found.new - done

    @property
    def is_incomplete(self) -> bool:
        """Return whether something could not be listed, queued or fetched, and may be some day.

        What is gone, and what the provider has no media of, is none of this.
        """
        found, sent = self.found, self.sent or Sent()
        lacks = len(found.gaps) + found.outcomes["failed"] + found.outcomes[UNREADABLE] + sent.unsent
        lacks += self.left
        return bool(lacks + sent.refused.total() + sent.outcomes["failed"] or sent.failure)


def document(content: Content) -> Row:
    """Return everything as JSON."""
    found, sent = content.found, content.sent
    done: Row | None = None
    if sent is not None:
        done = {"queued": sent.queued, "recorded": sent.recorded, "known": sent.known, "unsent": sent.unsent}
        done |= {"left": content.left}
        done |= {"refused": dict(sent.refused), "failure": sent.failure}
        done |= {"outcomes": dict(sent.outcomes), "failed_by": dict(sent.failed_by)}
    return {
        "dry_run": sent is None,
        "account": content.account_id,
        "from": content.span.since,
        "until": content.span.until,
        "listed": found.listed,
        **{name: found.outcomes[name] for name in OUTCOMES},
        "failed_by": dict(sorted(found.failed_by.items())),
        "seconds_listed": round(found.listed_ms / 1000),
        "seconds_missing": round(found.missing_ms / 1000),
        "bytes_missing": found.costs.size,
        "sizes": found.sizes.rows(),
        "sizes_by": BASIS,
        "list_pages": found.pages,
        "rate": content.rate,
        "minutes": _minutes(content),
        "cost": {
            "usd": round(found.costs.total(), 4),
            "usd_a_month": round(found.costs.monthly(), 4),
            "amounts": found.costs.rows(),
            "prices_of": prices.AS_OF,
            "region": prices.REGION,
            "note": NOT_IN,
        },
        "gaps": [{"what": one.what, "time": one.time} for one in _gaps(found)],
        "unaccountable": list(content.unaccountable),
        "sent": done,
        "interrupted": content.interrupted,
    }


def print_found(content: Content) -> None:
    """Print what the lists have and what the missing part costs, for people."""
    found = content.found
    since, until = times.write(content.span.since), times.write(content.span.until)
    print(f"{content.account_id}: listed from {since} until {until}:")
    printing.table([{"listed": found.listed} | {name: found.outcomes[name] for name in OUTCOMES}], "")
    for reason, number in sorted(found.failed_by.items()):
        print(printing.visible(f"Failed earlier because of {reason}: {number}. See callvault retry."))
    if not found.outcomes[MISSING]:
        print("Nothing is missing.")
        return
    print("\nMissing:")
    printing.table(found.sizes.rows(), "")
    print(BASIS)
    print("\nRequests, and what AWS charges for them once:")
    amounts = [{name: one[name] for name in ("what", "amount", "usd")} for one in found.costs.rows()]
    printing.table([*amounts, {"what": "in all", "amount": None, "usd": round(found.costs.total(), 4)}], "")
    print(f"Storage of {found.costs.size:,} bytes, in each month: {found.costs.monthly():.4f} dollars.")
    print(f"{NOT_IN} Each recording costs the provider one to three requests; its lists took {found.pages} or more.")
    print(f"Minutes until all are queued, at {content.rate} in a minute: {_minutes(content)}.")


def print_end(content: Content) -> None:
    """Print what was done, and what could not be got and why, for people."""
    found, sent = content.found, content.sent
    if sent is None:
        if found.new:
            print(f"Nothing was changed. Add --yes to record these recordings and to fetch their media: {found.new}.")
    else:
        print(f"\nQueued: {sent.queued}. Recorded as without media: {sent.recorded}. Known already: {sent.known}.")
        if left := content.left:
            print(f"Left for the next run: {left}.")
        print("Now: " + (", ".join(f"{number} {name}" for name, number in sorted(sent.outcomes.items())) or "-") + ".")
    lines = list(_lacking(content))
    if lines:
        print("\nWhat could not be got, and why:")
        print("\n".join(map(printing.visible, lines)))


def _lacking(content: Content) -> list[str]:
    """Return a line for each kind of recording that could not be got."""
    found, sent = content.found, content.sent or Sent()
    lines = [f"{one.what}: in the provider's list at {times.write(one.time)}" for one in _gaps(found)[:MAX_GAPS]]
    if len(found.gaps) > MAX_GAPS:
        lines.append(f"further gaps of the list: {len(found.gaps) - MAX_GAPS}; --json has all of them")
    lines += [f"{what}: in no list of the provider" for what in content.unaccountable]
    lines += [f"{name}: {found.outcomes[name]} when listed" for name in ("gone", "absent") if found.outcomes[name]]
    lines += [f"failed because of {reason}: {number} when listed" for reason, number in sorted(found.failed_by.items())]
    if found.outcomes[UNREADABLE]:
        lines.append(f"row cannot be read: {found.outcomes[UNREADABLE]}; see the log of SweepRecordings")
    lines += [f"no row could be written ({reason}): {number}" for reason, number in sorted(sent.refused.items())]
    if sent.unsent:
        lines.append(f"not queued: {sent.unsent}; the sweep queues them within 26 hours")
    lines += [f"last attempt failed because of {reason}: {number}" for reason, number in sorted(sent.failed_by.items())]
    if sent.failure is not None:
        lines.append(f"stopped: {sent.failure} Repeat the command to go on")
    return lines


def _gaps(found: Found) -> list[Gap]:
    """Return what could not be read of the lists, in order."""
    return sorted(found.gaps, key=lambda one: (one.time, one.what))


def _minutes(content: Content) -> int:
    """Return the minutes that queueing takes at least."""
    return -(-content.found.new // content.rate)
