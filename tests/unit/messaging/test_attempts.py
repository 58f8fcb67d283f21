"""Messages of the queue: what they carry, and when a failed attempt is made again."""

import itertools
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from moto.sqs.models import sqs_backends

from callvault import clients, settings, times
from callvault.errors import ConflictError, RejectedError, UnavailableError
from callvault.messaging import attempts, dead_letters, queues
from callvault.messaging.dead_letters import Letter
from callvault.messaging.queues import Queue
from callvault.models import Media, Recording, State

unhurried = hypothesis_settings(deadline=None)
"""The machine may be busy with other things."""
BUSY = UnavailableError("http_503", "The provider answered 503.")
GONE = RejectedError("http_410", "The provider answered 410.")
HALF_A_DAY = 12 * 3600
VISIBILITY = 5400
"""Seconds that the queue itself hides a message for."""


def busy(retry_after: float | None) -> UnavailableError:
    return UnavailableError("http_429", "Slow down.", retry_after)


def recording(**fields: Any) -> Recording:
    return Recording.model_validate(
        {"account_id": "a1", "recording_id": "r1", "provider": "bandwidth", "state": State.PENDING} | fields
    )


def received(attempt: int = 1, age: timedelta = timedelta()) -> SQSRecord:
    """Return the queue's message as Lambda hands it on, received so often, and sent and first received so long ago."""
    (message,) = clients.sqs().receive_message(
        QueueUrl=settings.get().fetch_queue_url, MessageSystemAttributeNames=["All"]
    )["Messages"]
    return SQSRecord(
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"] | counted(attempt, times.now() - age),
        }
    )


def counted(attempt: int, since: datetime) -> dict[str, str]:
    """Return what SQS says of a message that was received so often, and sent and first received at that time."""
    milliseconds = str(round(since.timestamp() * 1000))
    return {
        "ApproximateReceiveCount": str(attempt),
        "ApproximateFirstReceiveTimestamp": milliseconds,
        "SentTimestamp": milliseconds,
    }


def buried(queue: Queue = Queue.FETCH) -> list[Letter]:
    """Return the dead letters of a queue."""
    answer = clients.sqs().receive_message(
        QueueUrl=queue.dead_letters_url,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [dead_letters.read(message, queue) for message in answer.get("Messages", [])]


def hidden() -> float:
    """Return for how many seconds more the queue's message is hidden."""
    (message,) = sqs_backends["123456789012"]["us-east-1"].queues["callvault-fetch"]._messages
    return float(message.visible_at / 1000 - datetime.now(UTC).timestamp())


def fail(error: Exception, record: SQSRecord, give_up: Callable[[RejectedError], None] | None = None) -> None:
    """Make an attempt that fails."""
    with attempts.attempt(record, Queue.FETCH, give_up):
        raise error


def test_a_message_carries_what_a_row_can_be_made_from() -> None:
    sent = recording(
        caller="+1",
        start_time="2026-06-17T22:19:40.375Z",
        extra={"score": 0.1, "none": None, "text": "日本"},
        media_key="media/a1/2026/06/17/r1.wav",
        partial=True,
    )
    attempts.send(sent)
    assert attempts.read(received()) == sent


def test_a_message_does_not_carry_what_only_grows() -> None:
    media = Media(key="k", size=1, sha256="ab" * 32, content_type="audio/mpeg")
    attempts.send(recording(media=media, history=({"time": times.now(), "what": "stored"},)))
    assert attempts.read(received()) == recording()


def test_the_account_is_the_group_so_that_the_queue_is_fair() -> None:
    attempts.send(recording())
    assert received().attributes.message_group_id == "a1"


@pytest.mark.parametrize("body", ["", "{}", "[]", "not json"])
def test_a_message_that_carries_no_recording_is_refused(body: str) -> None:
    with pytest.raises(RejectedError) as caught:
        attempts.read(SQSRecord({"body": body}))
    assert caught.value.reason == "unreadable"


def test_a_queue_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/nobody-made-this-one")
    settings.get.cache_clear()
    with pytest.raises(UnavailableError) as caught:
        attempts.send(recording())
    assert caught.value.reason == "queue_unavailable"


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 21600), (7, 21600), (1000, 21600)]
)
def test_the_gaps_grow_and_are_spread(attempt: int, seconds: int) -> None:
    gaps = [attempts.gap(attempt) for _ in range(200)]
    assert min(gaps) >= seconds
    assert max(gaps) <= round(seconds * 1.2)
    assert len(set(gaps)) > 1


@unhurried
@given(st.integers(1, 30), st.none() | st.floats(0, 10**9))
def test_a_gap_is_never_shorter_than_asked_for_nor_longer_than_the_queue_can(
    attempt: int, retry_after: float | None
) -> None:
    gap = attempts.gap(attempt, retry_after)
    assert min(retry_after or 0, attempts.LONGEST_GAP) - 1 <= gap <= HALF_A_DAY
    assert gap >= attempts.GAPS[min(attempt, len(attempts.GAPS)) - 1]


def test_no_retry_after_is_too_large() -> None:
    assert attempts.gap(1, math.inf) == attempts.gap(1, 10.0**9)


def test_the_template_counts_and_keeps_messages_as_the_jobs_reckon(template: dict[str, Any]) -> None:
    for name in Queue:
        queue = template["Resources"][f"{name.title()}Queue"]["Properties"]
        assert queue["RedrivePolicy"]["maxReceiveCount"] == queues.MOST_RECEIVES
        assert queue["MessageRetentionPeriod"] == queues.KEPT.total_seconds()
        assert queue["VisibilityTimeout"] == VISIBILITY


DIES = None
ERRORS = [*map(busy, (None, 0, 1, 60, 86_400, -1, math.inf)), OSError(), DIES]
TRIES = list(itertools.product(ERRORS, (True, False), (0, 900)))
"""One attempt each: its error, whether SQS takes its gap, and how many seconds it takes, or SQS is late."""


@hypothesis_settings(deadline=None, max_examples=25)
@example([(busy(1), True, 0)] * 5 + [(DIES, False, 0)] * (queues.MOST_RECEIVES - 5))
@given(st.lists(st.sampled_from(TRIES), min_size=queues.MOST_RECEIVES, max_size=queues.MOST_RECEIVES))
def test_nothing_is_given_up_or_buried_before_it_was_tried_for_a_day(tries: list[tuple[Any, bool, int]]) -> None:
    for give_up in (None, lambda _: None):
        assert tried_for(tries, give_up) >= timedelta(hours=24)


def tried_for(tries: list[tuple[Any, bool, int]], give_up: Callable[[RejectedError], None] | None) -> timedelta:
    """Return how long a message is tried, by a clock that only these attempts move."""
    sent = now = datetime(2026, 11, 21, tzinfo=UTC)
    hidden_for: list[int] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(times, "now", lambda: now)
        monkeypatch.setattr(dead_letters, "bury", lambda *_: None)
        monkeypatch.setattr(attempts, "_hide", lambda *arguments: hidden_for.append(arguments[-1]))
        for number, (error, taken, seconds) in enumerate(tries, start=1):
            now += timedelta(seconds=seconds)
            hidden_for.clear()
            if error is not DIES:
                with suppress(UnavailableError, OSError):
                    fail(
                        error, SQSRecord({"messageId": "m", "body": "{}", "attributes": counted(number, sent)}), give_up
                    )
                    break
            now += timedelta(seconds=hidden_for[0] if hidden_for and taken else VISIBILITY)
    return now - sent


def test_an_attempt_that_succeeds_leaves_its_message_alone() -> None:
    attempts.send(recording())
    record = received(attempt=4)
    before = hidden()
    with attempts.attempt(record, Queue.FETCH):
        pass
    assert hidden() == pytest.approx(before, abs=1)


@pytest.mark.parametrize("error", [BUSY, ConflictError("bucket_unavailable", "Somebody was faster.")])
def test_what_may_succeed_later_is_raised_and_hidden_for_the_gap_of_its_attempt(error: UnavailableError) -> None:
    attempts.send(recording())
    given_up: list[RejectedError] = []
    with pytest.raises(UnavailableError) as caught:
        fail(error, received(attempt=4), given_up.append)
    assert caught.value is error
    assert 600 - 2 <= hidden() <= 720
    assert not given_up


def test_the_first_failure_shortens_the_queues_own_time() -> None:
    attempts.send(recording())
    with pytest.raises(UnavailableError):
        fail(BUSY, received())
    assert 3 <= hidden() <= 6


def test_retry_after_wins_over_a_shorter_gap() -> None:
    attempts.send(recording())
    with pytest.raises(UnavailableError):
        fail(UnavailableError("http_429", "Slow down.", 900), received())
    assert 890 <= hidden() <= 900


def test_retry_after_does_not_win_over_a_longer_gap() -> None:
    attempts.send(recording())
    with pytest.raises(UnavailableError):
        fail(UnavailableError("http_429", "Slow down.", 1), received(attempt=4))
    assert hidden() >= 598


def test_a_provider_that_asks_for_a_day_is_left_alone_for_as_long_as_the_queue_can() -> None:
    attempts.send(recording())
    with pytest.raises(UnavailableError):
        fail(UnavailableError("http_429", "Come back tomorrow.", 86_400), received())
    assert 11 * 3600 <= hidden() <= HALF_A_DAY


def test_after_a_day_what_fails_is_given_up() -> None:
    attempts.send(recording())
    given_up: list[RejectedError] = []
    fail(BUSY, received(attempt=9, age=timedelta(hours=24, seconds=1)), given_up.append)
    assert [error.reason for error in given_up] == ["http_503"]


def test_shortly_before_a_day_is_over_what_fails_is_tried_again() -> None:
    attempts.send(recording())
    given_up: list[RejectedError] = []
    with pytest.raises(UnavailableError):
        fail(BUSY, received(attempt=9, age=timedelta(hours=23, minutes=59)), given_up.append)
    assert not given_up


def test_what_nobody_gives_up_is_tried_again_after_a_day_too() -> None:
    attempts.send(recording())
    with pytest.raises(UnavailableError):
        fail(BUSY, received(attempt=9, age=timedelta(days=3)))
    assert hidden() >= 21_600 - 2


def test_what_is_hopeless_is_given_up_at_once() -> None:
    attempts.send(recording())
    given_up: list[RejectedError] = []
    fail(GONE, received(), given_up.append)
    assert given_up == [GONE]


def test_what_is_hopeless_and_nobodys_to_give_up_is_buried_at_once() -> None:
    attempts.send(recording())
    fail(GONE, received())
    (letter,) = buried()
    assert (letter.reason, letter.error, letter.account_id, letter.recording_id) == (
        "http_410",
        "RejectedError",
        "a1",
        "r1",
    )
    assert letter.group == "a1"
    assert Recording.model_validate_json(letter.body) == recording()


LAST = queues.MOST_RECEIVES - 1


@pytest.mark.parametrize(("attempt", "age"), [(LAST, timedelta(days=4)), (3, attempts.BURY_AFTER)])
@pytest.mark.parametrize(
    ("error", "reason", "name"),
    [(BUSY, "http_503", "UnavailableError"), (KeyError("+15551112222"), "crashed", "KeyError")],
)
def test_what_fails_in_its_last_attempt_is_buried_with_its_reason(
    attempt: int, age: timedelta, error: Exception, reason: str, name: str
) -> None:
    attempts.send(recording())
    fail(error, received(attempt, age))
    assert [(letter.reason, letter.error) for letter in buried()] == [(reason, name)]


def test_the_attempt_before_the_last_is_not_the_last() -> None:
    attempts.send(recording())
    with pytest.raises(UnavailableError):
        fail(BUSY, received(LAST - 1, attempts.BURY_AFTER - timedelta(minutes=1)))
    assert buried() == []


def test_what_cannot_even_be_noted_as_failed_is_buried_in_the_end() -> None:
    def give_up(_: RejectedError) -> None:
        raise UnavailableError("table_unavailable", "The table did not take the request.")

    attempts.send(recording())
    fail(GONE, received(LAST), give_up)
    assert [letter.reason for letter in buried()] == ["table_unavailable"]


@pytest.mark.parametrize("error", [GONE, BUSY])
def test_a_message_that_cannot_be_buried_is_kept_and_tried_again(error: Exception) -> None:
    attempts.send(recording())
    clients.sqs().delete_queue(QueueUrl=Queue.FETCH.dead_letters_url)
    with pytest.raises(type(error)):
        fail(error, received(LAST))
    assert hidden() >= 21_600 - 2


@pytest.mark.parametrize(("error", "age"), [(GONE, timedelta()), (BUSY, timedelta(days=2))])
def test_a_message_is_kept_while_its_failure_cannot_be_noted(error: Exception, age: timedelta) -> None:
    def give_up(_: RejectedError) -> None:
        raise UnavailableError("table_unavailable", "The table did not take the request.")

    attempts.send(recording())
    with pytest.raises(UnavailableError) as caught:
        fail(error, received(attempt=3, age=age), give_up)
    assert caught.value.reason == "table_unavailable"
    assert 118 <= hidden() <= 144


def test_what_nobody_expected_is_tried_again_after_the_gap_of_its_attempt() -> None:
    attempts.send(recording())
    with pytest.raises(KeyError):
        fail(KeyError("bug"), received(attempt=4), lambda _: None)
    assert 600 - 2 <= hidden() <= 720


def test_the_log_has_where_a_crash_was_but_not_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    attempts.send(recording())
    with pytest.raises(KeyError):
        fail(KeyError("+15551112222"), received())
    (entry,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (entry.__dict__["error"], len(entry.__dict__["frames"]) > 0) == ("KeyError", True)
    assert "+15551112222" not in str(entry.__dict__)


def test_a_message_that_cannot_be_hidden_still_fails_for_its_own_reason() -> None:
    attempts.send(recording())
    record = SQSRecord(received().raw_event | {"receiptHandle": "nobody-has-this-one"})
    with pytest.raises(UnavailableError) as caught:
        fail(BUSY, record)
    assert caught.value is BUSY
