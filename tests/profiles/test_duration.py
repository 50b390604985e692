"""Durations as people write them."""

from datetime import timedelta

import pytest

from logverdict.adapters.profiles.duration import format_duration, parse_duration

WRITTEN = {"90s": 90, "10m": 600, "1h30m": 5400, "2d": 172_800, "1w": 604_800, "500ms": 0.5, "0s": 0}


@pytest.mark.parametrize(("text", "seconds"), WRITTEN.items())
def test_a_duration_is_the_sum_of_its_parts(text: str, seconds: float) -> None:
    """Each part is a number with its unit."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "10 m", "1.5h", "m", "-5m", "10min", "٣s", "PT10M"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """A number without unit, spaces, fractions and signs are not guessed at."""
    with pytest.raises(ValueError, match="is no duration; allowed: .* such as 90s"):
        parse_duration(text)


def test_a_unit_stands_once() -> None:
    """1m30m is more likely a slip than 31 minutes."""
    with pytest.raises(ValueError, match="gives 'm' twice"):
        parse_duration("1m30m")


def test_a_span_beyond_all_measure_is_refused() -> None:
    """The largest number of weeks overflows, which is said and not raised as another error."""
    with pytest.raises(ValueError, match="too long"):
        parse_duration("999999999w")


@pytest.mark.parametrize("text", ["0s", "500ms", "1m30s", "1h30m", "2d", "14d"])
def test_what_is_written_parses_to_the_same(text: str) -> None:
    """Formatting and parsing are each other's inverse."""
    assert format_duration(parse_duration(text)) == text
