"""Counts of a tested source: per minute and instance, how late, and which requests it took."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import polars as pl

from logverdict.analysis.bins import bin_of, lateness
from logverdict.domain.probe import Counts
from logverdict.domain.verification import SourceCall
from logverdict.domain.window import Grid, Window

MOST_ROWS = 2_000
MOST_CALLS = 20
BINS = 90


def width(span: Window) -> timedelta:
    """Of the bins to count by: ten seconds for a quarter of an hour, whole minutes for long spans."""
    seconds = span.seconds / BINS
    return timedelta(seconds=max(10, math.ceil(seconds / 10) * 10) if seconds <= 60 else math.ceil(seconds / 60) * 60)


def surveyed(rows: pl.DataFrame, grid: Grid) -> Counts:
    """Lag as `Coverage` has it: from the end of a bin to when the last of its entries arrived, never below 0."""
    counts = _counts(rows.select("bin", "instance", "count"), grid)
    late = rows.select(lateness(grid).alias("late"))["late"].drop_nulls()
    if late.is_empty():
        return replace(counts, counted=True)
    worst, usual = float(late.max()), float(late.quantile(0.95, "higher") or 0.0)  # type: ignore[arg-type]
    return replace(counts, counted=True, lag_p95=usual, lag_max=worst)


def read(entries: pl.DataFrame, grid: Grid, whole: bool) -> Counts:
    """Of entries that were read; without a total when these are not all."""
    rows = entries.select(bin=bin_of(grid), instance="instance").group_by("bin", "instance").agg(count=pl.len())
    counts = _counts(rows, grid)
    return counts if whole else replace(counts, total=None)


def _counts(rows: pl.DataFrame, grid: Grid) -> Counts:
    """By minute, or by bin where bins are longer."""
    seconds = grid.width.total_seconds()
    step = max(60.0, seconds)
    minute = (pl.col("bin") * seconds // step).cast(pl.Int64)
    table = rows.group_by(minute.alias("minute"), "instance").agg(pl.col("count").sum()).sort("minute", "instance")
    found = tuple(
        (grid.start + timedelta(seconds=number * step), str(instance), int(count))
        for number, instance, count in table.head(MOST_ROWS).iter_rows()
    )
    return Counts(total=int(rows["count"].sum()), rows=found, step=step)


def calls(made: Iterable[SourceCall]) -> tuple[SourceCall, ...]:
    """Calls alike are one, in the order in which they were first made."""
    found: dict[tuple[str, str, str], SourceCall] = {}
    for call in made:
        key = call.method, call.query, call.status
        found[key] = found[key] + call if key in found else call
    return tuple(found.values())[:MOST_CALLS]
