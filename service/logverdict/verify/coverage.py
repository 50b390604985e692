"""What a slice's read covers, by the minute and by instance, and what slices cover together."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from logverdict.analysis.bins import bin_of, lateness
from logverdict.domain.coverage import InstanceCoverage, MinuteCoverage, add_minutes, coarser, most_telling
from logverdict.domain.verification import Coverage, Plan, Slice, SourceCoverage, whole
from logverdict.domain.window import Window
from logverdict.verify.ports import StoredSlice, Survey

BRIEF = 200
"""Minutes and instances of a provisional revision."""
TALLY = pl.Schema({"bin": pl.Int32(), "instance": pl.String(), "count": pl.Int64()})
"""How many entries were read of each bin and instance."""


def tally(frames: Iterable[pl.DataFrame], plan: Plan, piece: Slice, span: Window) -> pl.DataFrame:
    """Of entries, those of the span only; schema TALLY."""
    grid = plan.grid(piece.window)
    parts = [
        frame.lazy()
        .filter((pl.col("time") >= span.start) & (pl.col("time") < span.end))
        .group_by(bin_of(grid).alias("bin"), "instance")
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .select(TALLY.names())
        .collect()
        for frame in frames
    ]
    return pl.concat([pl.DataFrame(schema=TALLY), *parts])


def slice_coverage(
    piece: Slice, plan: Plan, survey: Survey | None, read: pl.DataFrame | None, said: Coverage
) -> Coverage:
    """`read` has schema TALLY, None for a slice of which nothing can be used; `said` is what the reads said of
    themselves. What the source counts by itself is expected, or else what the reads say there should have been.

    Where more was read than counted, it came in between: then that was to be expected.
    """
    counted = survey.rows if survey is not None and not survey.faults else None
    found = read if read is not None else pl.DataFrame(schema=TALLY)
    minutes = _minutes(piece, plan, counted, found)
    total = int(found["count"].sum())
    expected = None if said.expected is None else total + max(0, said.expected - said.read)
    if expected == total and not said.complete:
        expected = None  # it was counted as incompletely as it was read
    broken = said.broken
    if counted is not None:
        expected = sum(minute.expected or 0 for minute in minutes)
        broken = min(broken, max(0, expected - total))  # those after the slice's end are the next slice's
    return replace(
        said,
        expected=expected,
        read=total,
        broken=broken,
        faults=(*said.faults, *(survey.faults if survey is not None else ())),
        minutes=minutes,
        instances=_instances(piece, plan, survey, counted, found),
    )


def _minutes(piece: Slice, plan: Plan, counted: pl.DataFrame | None, found: pl.DataFrame) -> tuple[MinuteCoverage, ...]:
    """Every minute that the slice touches, also those without an entry."""
    window, first = plan.window(piece.window), plan.first_step(piece.window)
    rows = []
    touched = range(
        (piece.span.start - window.start) // plan.step, math.ceil((piece.span.end - window.start) / plan.step)
    )
    read = _by(found, "bin")
    bins = read if counted is None else _greater(_by(counted, "bin"), read)
    for number in touched:
        rows.append(MinuteCoverage(first + number, None if counted is None else 0, 0))
    for bin, count in bins.items():
        number = first + int(step_of(bin, plan))
        rows.append(MinuteCoverage(number, None if counted is None else count, read.get(bin, 0)))
    return add_minutes(rows)


def step_of(bin: Any, plan: Plan) -> Any:
    """The minute, from the window's start, that a bin belongs to; of a number or an expression, a whole number."""
    return (bin + 0.5) * plan.bin_seconds // plan.step.total_seconds()


def _instances(
    piece: Slice, plan: Plan, survey: Survey | None, counted: pl.DataFrame | None, found: pl.DataFrame
) -> tuple[InstanceCoverage, ...]:
    read = _by(found, "instance")
    expected = _greater(_by(counted, "instance"), read) if counted is not None else {}
    lags = lag_by_instance(survey.rows, plan, piece.window) if survey is not None else {}
    return tuple(
        InstanceCoverage(name, expected[name] if counted is not None else None, read.get(name, 0), lag=lags.get(name))
        for name in sorted({*read, *expected})
    )


def lag_by_instance(rows: pl.DataFrame, plan: Plan, window: str) -> dict[str, float]:
    """Seconds, see `InstanceCoverage.lag`; instances whose arrival is not known are left out."""
    if rows.is_empty():
        return {}
    known = rows.filter(pl.col("arrived").is_not_null())
    late = lateness(plan.grid(window)).max()
    return dict(known.group_by("instance").agg(late.alias("lag")).iter_rows())


def _by(rows: pl.DataFrame, column: str) -> dict[Any, int]:
    return dict(rows.group_by(column).agg(pl.col("count").sum()).iter_rows())


def _greater(one: dict[Any, int], other: dict[Any, int]) -> dict[Any, int]:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in {*one, *other}}


def entire(piece: StoredSlice | None) -> bool:
    """Whether all was read that the source has, as far as anybody can say."""
    return piece is not None and piece.counts is not None and piece.coverage.complete and not piece.coverage.missing


def richer(before: StoredSlice | None, now: StoredSlice) -> StoredSlice:
    """A second read replaces the first one unless it found less; what it found beyond an entire one came late.

    Where the source counts more by now than could be read, that stays expected.
    """
    if before is None or before.counts is None:
        return now
    if now.counts is None or now.coverage.read < before.coverage.read or (entire(before) and not now.coverage.complete):
        expected = max(before.coverage.expected or 0, now.coverage.expected or 0)
        known = before.coverage.expected is not None
        return replace(before, coverage=replace(before.coverage, expected=expected)) if known else before
    if not entire(before):
        return now
    earlier = {minute.number: minute for minute in before.coverage.minutes}
    minutes = tuple(_later(earlier.get(minute.number), minute) for minute in now.coverage.minutes)
    late = before.coverage.late + now.coverage.read - before.coverage.read
    return replace(now, coverage=replace(now.coverage, late=late, minutes=minutes))


def _later(before: MinuteCoverage | None, now: MinuteCoverage) -> MinuteCoverage:
    if before is None:
        return now
    return replace(now, late=before.late + max(0, now.read - before.read))


def part(piece: StoredSlice) -> float:
    """The share of a slice that was read, 0–1: known by its entries, or all or nothing."""
    coverage = piece.coverage
    if piece.counts is None:
        return 0.0
    if coverage.expected:
        return 1.0 - coverage.missing / coverage.expected
    return float(coverage.complete)


def exposure(piece: StoredSlice) -> float:
    """The share of a slice's time that its counts stand for: a part of unknown size is taken to come from all of it."""
    return part(piece) if piece.counts is None or piece.coverage.expected else 1.0


def brief(part: SourceCoverage) -> SourceCoverage:
    """As provisional revisions keep it, of which there may be a thousand: coarser, the most telling instances."""
    minutes = coarser(part.coverage.minutes, BRIEF)
    instances = most_telling(part.coverage.instances, BRIEF)
    return replace(part, coverage=replace(part.coverage, minutes=minutes, instances=instances))


def together(source: str, side: str, stored: Sequence[StoredSlice]) -> SourceCoverage:
    """What slices of one source cover. What is said of the reads comes first: it tells why entries are missing."""
    coverage = whole([piece.coverage for piece in stored])
    if coverage.missing:
        fault = f"the source counts {coverage.expected:,} entries, of which {coverage.read:,} were read"
        coverage = replace(coverage, faults=(*coverage.faults, fault))
    share = sum(part(piece) for piece in stored) / len(stored) if stored else 0.0
    return SourceCoverage(source, side, share, coverage)
