"""The queue, the table, the fetches and the sweep, driven by events in the order of their times."""

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from callvault.messaging import next_attempts
from callvault.messaging.next_attempts import Failure
from callvault.models import Recording, State
from callvault.storage import breaker, due, pace
from callvault.upkeep import due_rows
from callvault.upkeep.due_rows import Key
from callvault.upkeep.plan import Held, Plan, Queued
from callvault.values import Attempt
from tools.simulation.provider import ORIGIN, Provider, moment
from tools.simulation.setting import Result, Setting

FETCH_SECONDS = 1.0
"""Time that a fetch takes, whether it succeeds or fails."""
HELD_SECONDS = 0.1
"""Time that a fetch takes that makes no request."""
SWEPT_PER_SECOND = 300
"""Number of rows that a run of the sweep requeues in a second: 30,000 in a third of its time."""
HELD, MADE = "held", "made"
"""Kinds of failures: no request was made, or it failed."""
ROW = Recording(account_id="a", recording_id="r", provider="bandwidth", state=State.PENDING)


@dataclass(slots=True)
class Row:
    """A pending recording."""

    account_id: str
    created: float
    is_other: bool
    """Its provider is not the one that is down."""
    attempt: Attempt | None = None
    due_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the fetch queue."""

    number: int
    """The number of its recording."""
    single: bool = False
    receives: int = 0
    received: float = 0


class Archive:
    """A run of the archive through the outage of a provider."""

    def __init__(self, setting: Setting) -> None:
        self.result = Result()
        self._setting = setting
        self._provider = Provider(setting, self.result)
        self._rows: dict[int, Row] = {}
        self._ready: deque[Message] = deque()
        self._due: dict[int, Row] = {}
        """The rows that wait in the table."""
        self._free = setting.concurrency
        self._in_flight = 0
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._now = 0.0
        self._old = -1
        """Number of recordings from before the return that are pending; -1 before the return."""

    def run(self) -> Result:
        """Run until nothing is left to do, and return the result."""
        random.seed(self._setting.seed)
        self._at(0, self._arrive, 0)
        self._at(150, self._sweep)
        self._at(self._setting.returned, self._return)
        while self._events:
            self._now, _, act, arguments = heapq.heappop(self._events)
            act(*arguments)
        return self.result

    def _at(self, time: float, act: Callable[..., None], *arguments: object) -> None:
        self._count += 1
        heapq.heappush(self._events, (time, self._count, act, arguments))

    # ---- callbacks and the queue ---------------------------------------------------------------

    def _arrive(self, number: int) -> None:
        """Receive a callback, and plan the next one."""
        account = random.randrange(self._setting.accounts)  # noqa: S311 - a simulation
        self._rows[number] = Row(f"a{account}", self._now, is_other=account % 2 == 1)
        self.result.recordings += account % 2 == 0
        self._deliver(Message(number))
        following = self._now + random.expovariate(self._setting.recordings_a_day / 86_400)
        if following < self._setting.end:
            self._at(following, self._arrive, number + 1)

    def _return(self) -> None:
        """Let the provider come back, and count what has waited for it."""
        self._old = sum(not row.is_other for row in self._rows.values())
        self.result.backlog = self._old

    def _deliver(self, message: Message) -> None:
        """Make a message visible. Messages are first in, first out, without SQS's fair queues."""
        self._ready.append(message)
        self._receive()

    def _receive(self) -> None:
        """Give visible messages to the functions that are free."""
        while self._ready and self._free:
            message = self._ready.popleft()
            self._free -= 1
            if message.receives == 0:
                self._in_flight += 1
                self.result.max_in_flight = max(self.result.max_in_flight, self._in_flight)
                message = replace(message, received=self._now)
            self._begin(replace(message, receives=message.receives + 1))

    # ---- the fetch -------------------------------------------------------------------------------

    def _begin(self, message: Message) -> None:
        """Begin a fetch, as `ingest.outages` does."""
        row = self._rows.get(message.number)
        if row is None or row.is_other:
            self._at(self._now + (FETCH_SECONDS if row else 0), self._end, message, None)
            return
        now, known = moment(self._now), self._provider.breakers.get(row.account_id)
        if known is not None and breaker.blocks(known, now):
            self._hold(message, known.reason, breaker.held_until(known, now))
            return
        asks = self._now
        if (known is not None and known.is_open) or self._provider.recovers_at(now):
            slot = self._provider.take(self._now)
            if slot is None:
                self._hold(message, "paced", now + pace.REFUSED_FOR)
                return
            asks = slot
        if known is not None and known.is_open:
            self._provider.breakers[row.account_id] = breaker.probed(known, now)
        self._at(asks, self._ask, message)

    def _ask(self, message: Message) -> None:
        reason = self._provider.ask(self._now)
        self._at(self._now + FETCH_SECONDS, self._end, message, reason)

    def _hold(self, message: Message, reason: str, until: datetime) -> None:
        self._at(self._now + HELD_SECONDS, self._fail, message, reason, until, HELD)

    def _end(self, message: Message, reason: str | None) -> None:
        """End a fetch that made its request."""
        row = self._rows.get(message.number)
        until = None
        if row is not None and not row.is_other:
            until = self._provider.finish(row.account_id, reason, moment(self._now))
        if reason is not None:
            self._fail(message, reason, until, MADE)
            return
        if row is not None:
            del self._rows[message.number]
            if row.is_other:
                self.result.waits.append(self._now - row.created)
            else:
                self.result.stored += 1
                self._leave(row)
        self._delete()

    def _leave(self, row: Row) -> None:
        """Count a recording that is pending no more."""
        if row.created < self._setting.returned <= self._now:
            self._old -= 1
            if self._old == 0 and self.result.backlog_gone is None:
                self.result.backlog_gone = self._now - self._setting.returned

    def _fail(self, message: Message, reason: str, until: datetime | None, kind: str) -> None:
        """End an attempt that failed or was not made, as `messaging.attempts` does."""
        row, now = self._rows.get(message.number), moment(self._now)
        if row is None:
            self._delete()
            return
        received = moment(message.received)
        first = next_attempts.first_time(row.attempt, received)
        over = next_attempts.is_over(row.attempt, now) if kind == HELD else now - first >= next_attempts.GIVE_UP_AFTER
        if over and reason != "paced":
            self.result.failed += 1
            del self._rows[message.number]
            self._leave(row)
            self._delete()
            return
        failure = Failure(
            time=now,
            reason=reason,
            receives=message.receives,
            received=received,
            single=message.single,
            is_held=kind == HELD,
            until=until,
            origin=ORIGIN,
        )
        self._write(message.number, row, following := next_attempts.following(row.attempt, failure))
        if following.in_table or following.next_time is None:
            self._delete()
            return
        self._at((following.next_time - moment(0)).total_seconds(), self._deliver, message)
        self._free += 1
        self._receive()

    def _delete(self) -> None:
        """Delete the message of a fetch that has ended."""
        self._in_flight -= 1
        self._free += 1
        self._receive()

    # ---- the table and the sweep -----------------------------------------------------------------

    def _write(self, number: int, row: Row, attempt: Attempt) -> None:
        """Write the row of a pending recording."""
        row.attempt = attempt
        row.due_time = due.due_time(ROW.model_copy(update={"attempt": attempt, "updated_time": moment(row.created)}))
        if attempt.in_table:
            self._due[number] = row

    def _sweep(self) -> None:
        """Do what a run of the sweep does, and plan the next run."""
        now = moment(self._now)
        keys = [
            Key(f"{row.due_time:%Y%m%d%H%M%S%f}", f"{row.account_id}#{number}")
            for number, row in self._due.items()
            if row.due_time is not None and row.due_time <= now
        ]
        chosen = due_rows.fair(sorted(keys))[: due_rows.MAX_ROWS]
        self.result.max_swept = max(self.result.max_swept, len(chosen))
        plan = Plan(self._provider.breaker_of, self._setting.per_second)
        for place, key in enumerate(chosen):
            self._requeue(int(key.primary.partition("#")[2]), plan, self._now + place / SWEPT_PER_SECOND)
        if plan.overdue():
            self._provider.recover(now)
        if self._now < self._setting.end or self._rows:
            self._at(self._now + pace.PERIOD.total_seconds(), self._sweep)

    def _requeue(self, number: int, plan: Plan, time: float) -> None:
        """Queue a fetch that is due, or let its row go on waiting, as `upkeep.requeueing` does."""
        row = self._due[number]
        known = row.attempt
        if known is None:
            return
        match plan.decide(row.account_id, known, moment(time)):
            case Queued(delay=delay):
                del self._due[number]
                self._write(number, row, next_attempts.queued(known, moment(time) + timedelta(seconds=delay)))
                self._at(time + delay, self._deliver, Message(number, single=True))
            case Held(until=until, reason=reason):
                self._write(number, row, next_attempts.held(known, until, reason))
