"""Times of many lines at once: the fast ways give what the slow ones give, or nothing."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from logverdict.adapters.sources.file_columns import Columns
from logverdict.adapters.sources.file_moments import moments
from logverdict.adapters.sources.records import Reading
from logverdict.adapters.sources.times import Times, micros
from logverdict.domain.profile import FieldNames

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIMES = Times(UTC, NOON)


def columns() -> Columns:
    return Columns(Reading(0, micros(NOON), FieldNames(), TIMES))


@pytest.mark.parametrize("digits", range(7))
@pytest.mark.parametrize("hours", [1, 40])
def test_times_at_once_are_those_of_one_by_one(digits: int, hours: int) -> None:
    """With any fraction, within a day and over several."""
    step = timedelta(hours=hours) / 50
    fraction = f".{'123456'[:digits]}" if digits else ""
    texts = [f"{NOON + step * at:%Y-%m-%dT%H:%M:%S}{fraction}Z" for at in range(50)]
    found = moments(pl.Series(texts))
    assert found is not None
    assert found.dt.epoch("us").to_list() == [TIMES.of_value(text) for text in texts]


@pytest.mark.parametrize(
    "odd",
    [
        "2026-11-22T24:00:00Z",
        "2026-11-22T12:60:00Z",
        "2026-11-22T12:00:61Z",
        "2026-11-22 12:00:00Z",
        "2026-11-22T12:00:0éZ",
        "2026-11-22T12:00:0:Z",
        "2026-11-22T12:00:00+",
        None,
    ],
)
def test_what_is_no_plain_time_is_left_to_others(odd: str | None) -> None:
    """One among many is enough."""
    assert moments(pl.Series(["2026-11-22T12:00:00Z", odd, "2026-11-22T12:00:02Z"])) is None


def test_a_day_that_does_not_exist_is_null() -> None:
    """The 31st of June."""
    found = moments(pl.Series(["2026-06-31T12:00:00Z"] * 3))
    assert found is not None
    assert found.null_count() == 3


@pytest.mark.parametrize("start", ['{"timestamp": "', '{"level":"info","n":5,"timestamp":"'])
def test_a_glance_finds_the_first_and_the_last_time(start: str) -> None:
    """Wherever the time stands before what is long."""
    lines = [f'{start}2026-11-22T12:00:{second:02}Z", "message": "a \\"b\\""}}' for second in (7, 3, 9)]
    assert columns().times("\n".join(lines).encode(), 3) == (
        micros(NOON + timedelta(seconds=3)),
        micros(NOON + timedelta(seconds=9)),
    )


@pytest.mark.parametrize("start", ['{"timestamp":"', '{"timestamp": "1', '{"level": "info", "timestamp": "'])
def test_a_glance_at_lines_that_begin_unlike_tells_the_same_or_nothing(start: str) -> None:
    """Where one line is written otherwise than the first, its time is not looked for at the same place."""
    plain = '{"timestamp": "2026-11-22T12:00:07Z", "message": "a"}'
    found = columns().times(f'{plain}\n{start}2026-11-22T12:00:03Z", "message": "b"}}\n{plain}'.encode(), 3)
    assert found in (None, (micros(NOON + timedelta(seconds=3)), micros(NOON + timedelta(seconds=7))))


@pytest.mark.parametrize(
    "other",
    [
        '{"@timestamp": "2026-11-22T11:00:00Z", "timestamp": "2026-11-22T12:00:00Z"}',
        '{"timestamp": 1795348800}',
        '{"timestamp": "yesterday"}',
        '{"message": "no time"}',
        "\tat a.b.C(D.java:1)",
        '{"event": {"timestamp": "2026-11-22T12:00:00Z"}}',
    ],
)
def test_a_glance_tells_nothing_where_any_line_is_not_plain(other: str) -> None:
    """Its time may be another one, or of another line."""
    plain = '{"timestamp": "2026-11-22T12:00:00Z", "message": "a"}'
    assert columns().times(f"{plain}\n{other}\n{plain}".encode(), 3) is None
