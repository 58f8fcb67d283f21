"""Queue the next step of a row that is due, or let the row go on waiting.

The row is marked before its message is sent, on condition that its revision has not changed. So if
two runs meet the same row, only one of them requeues it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callvault import times
from callvault.ingest import backfill, transcripts
from callvault.messaging import bucket_events, fetch_requests, next_attempts
from callvault.messaging.fetch_requests import Request
from callvault.messaging.queues import Message, Queue
from callvault.models import Recording, State
from callvault.storage import due, table
from callvault.transcript import TranscriptState
from callvault.upkeep import due_rows
from callvault.upkeep.outbox import Letter, Outbox
from callvault.upkeep.plan import Held, Left, Plan, Queued
from callvault.values import Attempt

type Decision = Queued | Held | Left


@dataclass(frozen=True)
class Step:
    """What is to be done with a row."""

    last: str | None
    """The history entry of a last attempt, if one is due."""
    audio: Decision | None
    text: Decision | None
    """What the plan decides on the fetches; None for one that is not due."""

    @property
    def only_waits(self) -> bool:
        """Say whether fetches are due, and the plan queues none of them."""
        due_ones = [one for one in (self.audio, self.text) if one is not None]
        return self.last is None and bool(due_ones) and not any(isinstance(one, Queued) for one in due_ones)


def requeue(row: Recording, plan: Plan, outbox: Outbox) -> None:
    """Requeue a row's next step, or let the row wait. The outbox counts it.

    Nothing is counted if another run marked the row first. A fetch whose next attempt is not due
    yet is not queued, although something else of its row is due. Raises UnavailableError.
    """
    now = times.now()
    text = row.transcript.attempt if row.transcript else None
    step = Step(
        last_attempt(row),
        _decision(row, row.attempt, plan, now) if row.state is State.PENDING else None,
        _decision(row, text, plan, now) if transcripts.is_due(row) else None,
    )
    if step.only_waits:
        _wait(row, step, now, outbox)
        return
    marked = _mark(row, step, now)
    if marked is None:
        return
    outbox.counts.update(["expiring"] if due_rows.warn(marked) else [])
    _add(row.state, marked, step, outbox)


def last_attempt(row: Recording) -> str | None:
    """Return the history entry of the last attempt that is due for a row, or None."""
    failed = row.state is State.FAILED and is_past(due.audio_time(row))
    if failed and all(event.what != due.LAST_ATTEMPT for event in row.history):
        return due.LAST_ATTEMPT
    found = row.transcript
    if found is not None and found.state is TranscriptState.FAILED and is_past(due.transcript_time(row)):
        return due.LAST_TRANSCRIPT_ATTEMPT
    return None


def is_past(moment: datetime | None) -> bool:
    """Say whether there is a time and it has come."""
    return moment is not None and moment <= times.now()


def _decision(row: Recording, attempt: Attempt | None, plan: Plan, now: datetime) -> Decision | None:
    """Return what to do with a fetch, or None if its next attempt is not due yet."""
    return None if due.is_waiting(attempt, now) else plan.decide(row.account_id, attempt, now)


def _wait(row: Recording, step: Step, now: datetime, outbox: Outbox) -> None:
    """Let a row wait for its provider, or leave it due for the next run."""
    changes = _attempts(row, step, now)
    if not changes:
        outbox.counts["left"] += 1
    elif table.note(row, **changes) is not row:
        outbox.counts.update(["held", *(["expiring"] if due_rows.warn(row) else [])])


def _mark(row: Recording, step: Step, now: datetime) -> Recording | None:
    """Mark a row and return it, or None if another run or writer changed it first.

    A failed row becomes pending for one last attempt, and so does a failed transcript, if the
    provider deletes it soon. Every other row is marked as swept.
    """
    if step.last == due.LAST_ATTEMPT:
        return table.edit(row, step.last, state=State.PENDING, reason=None, attempt=None)
    if step.last is not None and row.transcript is not None:
        again = row.transcript.model_copy(update={"state": TranscriptState.PENDING, "reason": None})
        return table.edit(row, step.last, transcript=again)
    return table.edit(row, due.SWEPT, **_attempts(row, step, now))


def _attempts(row: Recording, step: Step, now: datetime) -> dict[str, Any]:
    """Return the fields of a row that say when its fetches are attempted next."""
    changes: dict[str, Any] = {}
    if (attempt := _next(row.attempt, step.audio, now)) is not None:
        changes["attempt"] = attempt
    known = row.transcript
    if known is not None and (attempt := _next(known.attempt, step.text, now)) is not None:
        changes["transcript"] = known.model_copy(update={"attempt": attempt})
    return changes


def _next(known: Attempt | None, decision: Decision | None, now: datetime) -> Attempt | None:
    """Return what a row says of its next attempt after a decision, or None if nothing changes."""
    match decision:
        case Queued(delay=delay) if known is not None:
            return next_attempts.queued(known, now + timedelta(seconds=delay))
        case Held(until=until, reason=reason) if known is not None:
            return next_attempts.held(known, until, reason)
    return None


def _add(state: State, marked: Recording, step: Step, outbox: Outbox) -> None:
    """Add the messages of a marked row to the outbox; the first of them counts the row."""
    counted: list[str] = [state]

    def add(queue: Queue, message: Message) -> None:
        name = counted.pop() if counted else None
        outbox.add(queue, Letter(message, marked.account_id, marked.recording_id, name))

    if isinstance(step.audio, Queued) or step.last == due.LAST_ATTEMPT or due.has_objects_left(marked):
        add(backfill.queue_of(marked), _message(fetch_requests.single(marked), step.audio))
    elif marked.state is State.STORED and marked.media is not None:
        add(Queue.OBJECTS, Message(bucket_events.write(marked.media.key, marked.media.version_id)))
    is_last = step.last == due.LAST_TRANSCRIPT_ATTEMPT and transcripts.is_due(marked)
    if isinstance(step.text, Queued) or is_last or due.has_text_left(marked):
        add(Queue.FETCH, _message(fetch_requests.single_transcript(marked), step.text))
    outbox.counts.update(counted)  # a row that is only marked


def _message(request: Request, decision: Decision | None) -> Message:
    """Return the message of a request, with the delay of the decision."""
    delay = decision.delay if isinstance(decision, Queued) else 0
    return Message(request.body, request.account_id, delay)
