"""Times and spans as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from logverdict.cli import times
from logverdict.cli.faults import Fault

NOW = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("1h30m", 5400), ("7d", 604800), ("0.5s", 0.5), (" 2H ", 7200)]
)
def test_a_span_is_numbers_with_units(text, seconds):
    """A span is numbers with units, whatever their case."""
    assert times.span(text, "--timeout") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "ten minutes", "-5m", "5m3"])
def test_a_span_without_unit_is_refused(text):
    """What is no span is refused by the option's name, with what to write."""
    with pytest.raises(Fault) as fault:
        times.span(text, "--timeout")
    assert fault.value.message.startswith("--timeout")
    assert "10m" in fault.value.hints[0]


@pytest.mark.parametrize("text", ["18251d", "99999999999d", "9" * 400 + "s"])
def test_a_span_beyond_all_measure_is_refused(text):
    """A slip of the keyboard is told as one, and never ends in an error of ours."""
    with pytest.raises(Fault, match="too long"):
        times.span(text, "--last")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("now", 0), ("-15m", -15), ("-1h", -60), ("2026-11-03T13:50:00Z", -10), ("2026-11-03T15:00:00+02:00", -60)],
)
def test_a_time_is_absolute_or_back_from_now(text, minutes):
    """A time is now, a span back from now, or RFC 3339 with any offset."""
    assert times.time(text, "--rollout-start", NOW) == NOW + timedelta(minutes=minutes)


def test_a_naive_time_is_refused_with_what_to_write():
    """A time without a zone is refused, and the message shows it with one."""
    with pytest.raises(Fault) as fault:
        times.time("2026-11-03T14:00:00", "--rollout-start", NOW)
    assert "no time zone" in fault.value.message
    assert "2026-11-03T14:00:00Z" in fault.value.hints[0]


def test_a_window_is_two_times():
    """START/END gives both, each in any form."""
    assert times.window("-45m/now", "--baseline", NOW) == (NOW - timedelta(minutes=45), NOW)


@pytest.mark.parametrize("text", ["-45m", "/now", "-45m/", "now/-45m", "now/now"])
def test_a_window_has_a_start_and_a_later_end(text):
    """Half a window, and one that ends before or at its start, are refused."""
    with pytest.raises(Fault, match="--baseline"):
        times.window(text, "--baseline", NOW)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (45, "45s"), (400, "6m40s"), (3600, "1h"), (3900, "1h5m"), (180000, "2d2h")]
)
def test_spans_are_told_in_two_units(seconds, text):
    """Spans are told in at most two units."""
    assert times.short(timedelta(seconds=seconds)) == text
