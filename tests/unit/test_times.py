"""Times and durations as providers write them, and as they are kept."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callvault import times

unhurried = settings(deadline=None)
"""The machine may be busy with other things."""
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.timedeltas(
    min_value=datetime(1, 1, 1, tzinfo=UTC) + DAY - EPOCH, max_value=datetime(9999, 12, 31, tzinfo=UTC) - DAY - EPOCH
).map(EPOCH.__add__)
"""A day from either end, so that no zone leads outside the calendar."""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-06-17T22:19:40.375Z", datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC)),
        ("2026-06-17T22:19:40Z", datetime(2026, 6, 17, 22, 19, 40, tzinfo=UTC)),
        ("2026-06-18T00:19:40+02:00", datetime(2026, 6, 17, 22, 19, 40, tzinfo=UTC)),
        ("2026-06-17 22:19:40", datetime(2026, 6, 17, 22, 19, 40, tzinfo=UTC)),
        (" 2026-06-17T22:19:40Z\n", datetime(2026, 6, 17, 22, 19, 40, tzinfo=UTC)),
        ("2026-06-17", datetime(2026, 6, 17, tzinfo=UTC)),
        ("2026-06-17T22:19:40.3759999Z", datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC)),
    ],
)
def test_a_time_is_read_whatever_its_zone_and_precision(written: str, read: datetime) -> None:
    assert times.read(written) == read


@pytest.mark.parametrize("value", ["", "yesterday", "2026-02-30T00:00:00Z", "2026-06-17T25:00:00Z", None, 1781734780])
def test_an_invalid_time_is_none(value: object) -> None:
    assert times.read(value) is None


def test_a_time_that_its_zone_moves_beyond_the_calendar_is_none() -> None:
    assert times.read("0001-01-01T00:00:00+01:00") is None


@unhurried
@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT[\d:.]{1,20}([+-][\d:.]{1,20})?Z?", fullmatch=True))
def test_no_text_makes_reading_a_time_fail(text: str) -> None:
    time = times.read(text)
    assert time is None or time.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-06-17T22:19:40.375Z", datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC)),
        ("Fri, 20 Nov 2026 09:30:00 +0000", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 09:30:00 +0200", datetime(2026, 11, 20, 7, 30, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 09:30:00 -0000", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_time_may_be_written_as_in_mail(written: str, read: datetime) -> None:
    assert times.read_any(written) == read


@unhurried
@given(st.none() | st.text() | st.from_regex(r"\w{3}, \d{1,30} Oct \d{1,30} \d+:\d+:\d+ [+-]\d{1,30}", fullmatch=True))
@example("Wed, 21 Oct 99999999999999999999 07:28:00 GMT")
def test_no_value_makes_reading_any_time_fail(value: object) -> None:
    time = times.read_any(value)
    assert time is None or time.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "Wed, 17 Jun 2026 22:19:40 +0000",
        "Wed, 17 Jun 2026 22:19:40 -0000",
        "17 Jun 2026 22:19:40 GMT",
        "Thu, 18 Jun 2026 00:19:40 +0200",
        "2026-06-17T22:19:40Z",
    ],
)
def test_a_time_may_be_written_as_in_a_mail(written: str) -> None:
    assert times.read_any(written) == datetime(2026, 6, 17, 22, 19, 40, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "today", "Wed, 31 Jun 2026 22:19:40 +0000", None, 1781734780, ["17 Jun 2026"]])
def test_an_invalid_mail_time_is_none(value: object) -> None:
    assert times.read_any(value) is None


@given(st.text() | st.from_regex(r"\d{1,3} (Jan|Sep|Sept) \d{1,6} [\d:]{1,12} [+-]\d{1,20}", fullmatch=True))
def test_no_text_makes_reading_a_time_of_any_kind_fail(text: str) -> None:
    time = times.read_any(text)
    assert time is None or time.tzinfo is UTC


@unhurried
@given(instants, st.integers(-14 * 60, 14 * 60))
def test_a_written_time_reads_back_to_the_millisecond(time: datetime, minutes: int) -> None:
    written = times.write(time.astimezone(timezone(timedelta(minutes=minutes))))
    assert times.read(written) == time.replace(microsecond=time.microsecond // 1000 * 1000)


@unhurried
@given(instants, instants)
def test_written_times_sort_like_the_times(one: datetime, other: datetime) -> None:
    one, other = times.truncated(one), times.truncated(other)
    assert (times.write(one) < times.write(other)) == (one < other)


@unhurried
@given(instants)
def test_every_written_time_has_the_same_length(time: datetime) -> None:
    assert len(times.write(time)) == len("2026-06-17T22:19:40.375Z")


def test_now_has_the_precision_of_a_written_time() -> None:
    now = times.now()
    assert times.read(times.write(now)) == now


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("PT10S", 10_000),
        ("PT1M30.5S", 90_500),
        ("PT2H", 7_200_000),
        ("P1DT1S", 86_401_000),
        ("P1D", 86_400_000),
        ("PT0S", 0),
        ("PT13.67S", 13_670),
        (" PT10S ", 10_000),
    ],
)
def test_a_duration_is_read_in_milliseconds(written: str, milliseconds: int) -> None:
    assert times.read_duration(written) == milliseconds


@pytest.mark.parametrize("value", ["", "P", "PT", "10", "PT-1S", "P1Y", "P1M", "PT1S1M", "PT1.S", None, 10, 10.5])
def test_an_invalid_duration_is_none(value: object) -> None:
    assert times.read_duration(value) is None


@unhurried
@given(st.text() | st.from_regex(times.ISO_DURATION, fullmatch=True))
def test_no_text_makes_reading_a_duration_fail(text: str) -> None:
    milliseconds = times.read_duration(text)
    assert milliseconds is None or milliseconds >= 0


@pytest.mark.parametrize("digits", [40, 400])
def test_a_duration_beyond_the_range_of_dynamodb_is_none(digits: int) -> None:
    assert times.read_duration(f"PT{'9' * digits}S") is None


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [(0, "PT0S"), (90_500, "PT90.5S"), (100_000, "PT100S"), (1, "PT0.001S"), (13_670, "PT13.67S")],
)
def test_a_duration_is_written_in_seconds_without_trailing_zeros(milliseconds: int, written: str) -> None:
    assert times.write_duration(milliseconds) == written


@unhurried
@given(st.integers(0, 10**12))
def test_a_written_duration_reads_back(milliseconds: int) -> None:
    assert times.read_duration(times.write_duration(milliseconds)) == milliseconds


def test_there_is_no_time_after_the_calendar() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert times.after(noon, timedelta(days=30)) == datetime(2026, 12, 20, 12, tzinfo=UTC)
    assert times.after(datetime.max.replace(tzinfo=UTC), timedelta(days=30)) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("63949040380", "2026-06-18T22:19:40.000Z", "2026-06-18T22:19:40.999Z"),
        ("1781821180", "2026-06-18T22:19:40.000Z", "2026-06-18T22:19:40.999Z"),
        ("999999999", "2001-09-09T01:46:39.000Z", "2001-09-09T01:46:39.999Z"),
        ("1781821180375", "2026-06-18T22:19:40.000Z", "2026-06-18T22:19:40.999Z"),
        ("2026-06-17T22:19:40.375Z", "2026-06-17T22:19:40.000Z", "2026-06-17T22:19:40.999Z"),
        (" 2026-06-17 ", "2026-06-17T00:00:00.000Z", "2026-06-17T23:59:59.999Z"),
        ("20260617", "2026-06-17T00:00:00.000Z", "2026-06-17T23:59:59.999Z"),
        ("2026-06-17T00:00", "2026-06-17T00:00:00.000Z", "2026-06-17T00:00:00.999Z"),
    ],
)
def test_a_time_that_a_person_wrote_names_a_second_or_a_day(text: str, first: str, last: str) -> None:
    span = times.read_span(text)
    assert span is not None
    assert tuple(map(times.write, span)) == (first, last)


@pytest.mark.parametrize("text", ["2026-W25", "2026W25"])
def test_a_week_is_not_taken_for_its_monday(text: str) -> None:
    assert times.read_span(text) is None


@given(st.text() | st.from_regex(r"-?[0-9]{1,20}", fullmatch=True))
def test_no_text_makes_reading_a_span_fail(text: str) -> None:
    span = times.read_span(text)
    assert span is None or span[0] <= span[1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1795167036.217461, "2026-11-20T09:30:36.217Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (253402300799.999, "9999-12-31T23:59:59.999Z"),
        (253402300800, None),
        (-1, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        ("1795167036", None),
        (None, None),
    ],
)
def test_unix_seconds_are_read(value: object, expected: str | None) -> None:
    found = times.read_unix(value)
    assert (found and times.write(found)) == expected


@pytest.mark.parametrize(("value", "expected"), [(18, 18_000), (19.3, 19_300), (0, 0), (-0.5, None), ("18", None)])
def test_seconds_are_read_as_milliseconds(value: object, expected: int | None) -> None:
    assert times.read_seconds(value) == expected
