"""When a failed attempt is repeated, given up or dead-lettered."""

import functools
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
from callvault.messaging import attempts, dead_letters, fetch_requests, next_attempts, queues
from callvault.messaging.queues import Queue
from callvault.models import Recording
from tests import worlds

unhurried = hypothesis_settings(deadline=None)
"""The machine may be busy with other things."""
BUSY = UnavailableError("http_503", "The provider answered 503.")
GONE = RejectedError("http_410", "The provider answered 410.")
HALF_A_DAY = 12 * 3600
VISIBILITY = 5400
"""Seconds that the queue itself hides a message for."""

recording = functools.partial(worlds.recording, "r1", account_id="a1")


def busy(retry_after: float | None) -> UnavailableError:
    return UnavailableError("http_429", "Slow down.", retry_after)


def received(attempt: int = 1, age: timedelta = timedelta()) -> SQSRecord:
    """Return the queue's message as Lambda passes it on: its number of receives, and its age."""
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
    """Return the attributes of a message that was sent and first received at a time."""
    milliseconds = str(round(since.timestamp() * 1000))
    return {
        "ApproximateReceiveCount": str(attempt),
        "ApproximateFirstReceiveTimestamp": milliseconds,
        "SentTimestamp": milliseconds,
    }


def hidden() -> float:
    """Return for how many seconds more the queue's message is hidden."""
    (message,) = sqs_backends["123456789012"]["us-east-1"].queues["callvault-fetch"]._messages
    return float(message.visible_at / 1000 - datetime.now(UTC).timestamp())


def fail(error: Exception, record: SQSRecord, give_up: Callable[[RejectedError], None] | None = None) -> None:
    """Make an attempt that fails."""
    with attempts.attempt(record, Queue.FETCH, give_up):
        raise error


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 21600), (7, 21600), (1000, 21600)]
)
def test_the_gaps_grow_and_have_jitter(attempt: int, seconds: int) -> None:
    gaps = [next_attempts.gap(attempt) for _ in range(200)]
    assert min(gaps) >= seconds
    assert max(gaps) <= round(seconds * 1.2)
    assert len(set(gaps)) > 1


@unhurried
@given(st.integers(1, 30), st.none() | st.floats(0, 10**9))
def test_a_gap_is_at_least_retry_after_and_at_most_what_sqs_allows(attempt: int, retry_after: float | None) -> None:
    gap = next_attempts.gap(attempt, retry_after)
    assert min(retry_after or 0, next_attempts.MAX_GAP) - 1 <= gap <= HALF_A_DAY
    assert gap >= next_attempts.GAPS[min(attempt, len(next_attempts.GAPS)) - 1]


def test_no_retry_after_is_too_large() -> None:
    assert next_attempts.gap(1, math.inf) == next_attempts.gap(1, 10.0**9)


def test_the_template_has_the_maximum_receives_and_the_retention_of_the_retry_policy(template: dict[str, Any]) -> None:
    for name in Queue:
        queue = template["Resources"][f"{name.title()}Queue"]["Properties"]
        assert queue["RedrivePolicy"]["maxReceiveCount"] == queues.MAX_RECEIVES
        assert queue["MessageRetentionPeriod"] == queues.KEPT.total_seconds()
        assert queue["VisibilityTimeout"] == VISIBILITY


DIES = None
ERRORS = [*map(busy, (None, 0, 1, 60, 86_400, -1, math.inf)), OSError(), DIES]
TRIES = list(itertools.product(ERRORS, (True, False), (0, 900)))
"""Attempts: the error, whether SQS accepts the gap, and the seconds that the attempt lasts."""


@hypothesis_settings(deadline=None, max_examples=25)
@example([(busy(1), True, 0)] * 5 + [(DIES, False, 0)] * (queues.MAX_RECEIVES - 5))
@given(st.lists(st.sampled_from(TRIES), min_size=queues.MAX_RECEIVES, max_size=queues.MAX_RECEIVES))
def test_a_message_is_retried_for_a_day_at_least(tries: list[tuple[Any, bool, int]]) -> None:
    for give_up in (None, lambda _: None):
        assert tried_for(tries, give_up) >= timedelta(hours=24)


def tried_for(tries: list[tuple[Any, bool, int]], give_up: Callable[[RejectedError], None] | None) -> timedelta:
    """Return how long a message is tried, by a clock that only these attempts move."""
    sent = datetime(2026, 11, 21, tzinfo=UTC)
    hidden_for: list[int] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = worlds.Clock(monkeypatch)
        clock.stop(sent)
        monkeypatch.setattr(dead_letters, "send", lambda *_: None)
        monkeypatch.setattr(attempts, "_hide", lambda *arguments: hidden_for.append(arguments[-1]))
        for number, (error, taken, seconds) in enumerate(tries, start=1):
            clock.forward(seconds=seconds)
            hidden_for.clear()
            if error is not DIES:
                with suppress(UnavailableError, OSError):
                    fail(
                        error, SQSRecord({"messageId": "m", "body": "{}", "attributes": counted(number, sent)}), give_up
                    )
                    break
            clock.forward(seconds=hidden_for[0] if hidden_for and taken else VISIBILITY)
        return clock.now() - sent


def test_an_attempt_that_succeeds_leaves_its_message_alone() -> None:
    fetch_requests.send(recording())
    record = received(attempt=4)
    before = hidden()
    with attempts.attempt(record, Queue.FETCH):
        pass
    assert hidden() == pytest.approx(before, abs=1)


@pytest.mark.parametrize("error", [BUSY, ConflictError("bucket_unavailable", "Somebody was faster.")])
def test_an_unavailable_error_is_raised_and_hides_the_message_for_its_gap(error: UnavailableError) -> None:
    fetch_requests.send(recording())
    given_up: list[RejectedError] = []
    with pytest.raises(UnavailableError) as caught:
        fail(error, received(attempt=4), given_up.append)
    assert caught.value is error
    assert 600 - 2 <= hidden() <= 720
    assert not given_up


def test_the_first_gap_is_shorter_than_the_visibility_timeout_of_the_queue() -> None:
    fetch_requests.send(recording())
    with pytest.raises(UnavailableError):
        fail(BUSY, received())
    assert 3 <= hidden() <= 6


def test_retry_after_replaces_a_shorter_gap() -> None:
    fetch_requests.send(recording())
    with pytest.raises(UnavailableError):
        fail(UnavailableError("http_429", "Slow down.", 900), received())
    assert 890 <= hidden() <= 900


def test_retry_after_does_not_replace_a_longer_gap() -> None:
    fetch_requests.send(recording())
    with pytest.raises(UnavailableError):
        fail(UnavailableError("http_429", "Slow down.", 1), received(attempt=4))
    assert hidden() >= 598


def test_a_retry_after_of_a_day_hides_the_message_for_the_maximum_of_sqs() -> None:
    fetch_requests.send(recording())
    with pytest.raises(UnavailableError):
        fail(UnavailableError("http_429", "Come back tomorrow.", 86_400), received())
    assert 11 * 3600 <= hidden() <= HALF_A_DAY


def test_after_a_day_a_recording_is_given_up() -> None:
    fetch_requests.send(recording())
    given_up: list[RejectedError] = []
    fail(BUSY, received(attempt=9, age=timedelta(hours=24, seconds=1)), given_up.append)
    assert [error.reason for error in given_up] == ["http_503"]


def test_shortly_before_a_day_is_over_a_recording_is_retried() -> None:
    fetch_requests.send(recording())
    given_up: list[RejectedError] = []
    with pytest.raises(UnavailableError):
        fail(BUSY, received(attempt=9, age=timedelta(hours=23, minutes=59)), given_up.append)
    assert not given_up


def test_without_give_up_a_message_is_retried_after_a_day_too() -> None:
    fetch_requests.send(recording())
    with pytest.raises(UnavailableError):
        fail(BUSY, received(attempt=9, age=timedelta(days=3)))
    assert hidden() >= 21_600 - 2


def test_a_rejected_recording_is_given_up_at_once() -> None:
    fetch_requests.send(recording())
    given_up: list[RejectedError] = []
    fail(GONE, received(), given_up.append)
    assert given_up == [GONE]


def test_without_give_up_a_rejected_message_is_dead_lettered_at_once() -> None:
    fetch_requests.send(recording())
    fail(GONE, received())
    (letter,) = worlds.dead_letters_of(Queue.FETCH)
    assert (letter.reason, letter.error, letter.account_id, letter.recording_id) == (
        "http_410",
        "RejectedError",
        "a1",
        "r1",
    )
    assert letter.group == "a1"
    assert Recording.model_validate_json(letter.body) == recording()


LAST = queues.MAX_RECEIVES - 1


@pytest.mark.parametrize(("attempt", "age"), [(LAST, timedelta(days=4)), (3, attempts.DEAD_LETTER_AFTER)])
@pytest.mark.parametrize(
    ("error", "reason", "name"),
    [(BUSY, "http_503", "UnavailableError"), (KeyError("+15551112222"), "crashed", "KeyError")],
)
def test_a_message_that_fails_in_its_last_attempt_is_dead_lettered_with_its_reason(
    attempt: int, age: timedelta, error: Exception, reason: str, name: str
) -> None:
    fetch_requests.send(recording())
    fail(error, received(attempt, age))
    assert [(letter.reason, letter.error) for letter in worlds.dead_letters_of(Queue.FETCH)] == [(reason, name)]


def test_a_message_is_not_dead_lettered_before_its_last_attempt() -> None:
    fetch_requests.send(recording())
    with pytest.raises(UnavailableError):
        fail(BUSY, received(LAST - 1, attempts.DEAD_LETTER_AFTER - timedelta(minutes=1)))
    assert worlds.dead_letters_of(Queue.FETCH) == []


def test_a_message_whose_failure_cannot_be_recorded_is_dead_lettered_in_the_end() -> None:
    def give_up(_: RejectedError) -> None:
        raise UnavailableError("table_unavailable", "The table did not accept the request.")

    fetch_requests.send(recording())
    fail(GONE, received(LAST), give_up)
    assert [letter.reason for letter in worlds.dead_letters_of(Queue.FETCH)] == ["table_unavailable"]


@pytest.mark.parametrize("error", [GONE, BUSY])
def test_a_message_that_cannot_be_dead_lettered_is_kept_and_retried(error: Exception) -> None:
    fetch_requests.send(recording())
    clients.sqs().delete_queue(QueueUrl=Queue.FETCH.dead_letters_url)
    with pytest.raises(type(error)):
        fail(error, received(LAST))
    assert hidden() >= 21_600 - 2


@pytest.mark.parametrize(("error", "age"), [(GONE, timedelta()), (BUSY, timedelta(days=2))])
def test_a_message_is_kept_while_its_failure_cannot_be_recorded(error: Exception, age: timedelta) -> None:
    def give_up(_: RejectedError) -> None:
        raise UnavailableError("table_unavailable", "The table did not accept the request.")

    fetch_requests.send(recording())
    with pytest.raises(UnavailableError) as caught:
        fail(error, received(attempt=3, age=age), give_up)
    assert caught.value.reason == "table_unavailable"
    assert 118 <= hidden() <= 144


def test_an_unexpected_error_is_retried_after_the_gap_of_its_attempt() -> None:
    fetch_requests.send(recording())
    with pytest.raises(KeyError):
        fail(KeyError("bug"), received(attempt=4), lambda _: None)
    assert 600 - 2 <= hidden() <= 720


def test_the_log_has_the_frames_of_a_crash_but_not_its_message(caplog: pytest.LogCaptureFixture) -> None:
    fetch_requests.send(recording())
    with pytest.raises(KeyError):
        fail(KeyError("+15551112222"), received())
    (entry,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (entry.__dict__["error"], len(entry.__dict__["frames"]) > 0) == ("KeyError", True)
    assert "+15551112222" not in str(entry.__dict__)


def test_a_message_that_cannot_be_hidden_still_fails_for_its_own_reason() -> None:
    fetch_requests.send(recording())
    record = SQSRecord(received().raw_event | {"receiptHandle": "nobody-has-this-one"})
    with pytest.raises(UnavailableError) as caught:
        fail(BUSY, record)
    assert caught.value is BUSY
