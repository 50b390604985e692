"""Entries and sides written by hand, for tests of the engine."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.engine import reduce
from logverdict.analysis.entries import entries
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.words import Comparison

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
MINUTES = 30
Line = tuple[float, str, str]
"""Second of the window, message, level."""


def every(
    seconds: float, message: str, level: str = "INFO", *, minutes: float = MINUTES, first: float = 1
) -> list[Line]:
    """The message again and again; `{n}` in it is its number."""
    number = int((minutes * 60 - first) / seconds) + 1
    return [(first + at * seconds, message.format(n=1000 + 37 * at), level) for at in range(number)]


def usual(*, minutes: float = MINUTES, scale: float = 1) -> list[Line]:
    """A shop on an ordinary day."""
    return [
        *every(3 / scale, "order {n} accepted for customer {n}", minutes=minutes),
        *every(5 / scale, "payment {n} settled in {n} ms", minutes=minutes, first=2),
        *every(7 / scale, "stock of item {n} is now {n}", minutes=minutes, first=3),
        *every(60 / scale, "payment {n} failed: card declined", "ERROR", minutes=minutes, first=4),
        *every(45 / scale, "retrying warehouse call {n}", "WARN", minutes=minutes, first=5),
    ]


def busy() -> list[Line]:
    """The shop on a busy day: so many entries that it would have shown whatever errors it brings by itself."""
    return usual(scale=4)


def batch(lines: Iterable[Line], *, start: datetime = START, instance: str = "pod-1") -> pl.DataFrame:
    rows = [(start + timedelta(seconds=second), message, level, instance, "1.0") for second, message, level in lines]
    return entries(sorted(rows))


def counts(frames: Sequence[pl.DataFrame], *, start: datetime = START, bin_seconds: float = 60) -> TemplateCounts:
    return reduce(frames, source="app", start=start, bin_seconds=bin_seconds, severities={})


def stretch(lines: Iterable[Line], *, minutes: float = MINUTES) -> Stretch:
    return Stretch(counts([batch(lines)]), seconds=minutes * 60, bins=int(minutes))


def before_after(baseline: Iterable[Line], candidate: Iterable[Line], *more: Iterable[Line]) -> Sides:
    baselines = (stretch(baseline), *(stretch(lines) for lines in more))
    return Sides(stretch(candidate), baselines, (), Comparison.BEFORE_AFTER, "the time before the rollout")


def side_by_side(baseline: Iterable[Line], candidate: Iterable[Line]) -> Sides:
    return Sides(stretch(candidate), (stretch(baseline),), (), Comparison.CONCURRENT, "unchanged instances")
