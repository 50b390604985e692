"""Bins in columns: which bin a time lies in, and where bins end."""

import polars as pl

from logverdict.analysis.counts import TIME
from logverdict.domain.window import Grid

PARTS = 40
"""Of a window, at most, where it is asked whether an instance speaks all along: as many as the shortest windows of a
verification have bins. Finer ones are shorter than spells, and than the pauses of who writes every few seconds."""


def bin_of(grid: Grid) -> pl.Expr:
    """The number of the bin that each `time` lies in: Int32, negative before the grid's start."""
    since = (pl.col("time") - pl.lit(grid.start, dtype=TIME)).dt.total_microseconds()
    return since.floordiv(_micros(grid)).cast(pl.Int32)


def bin_end(grid: Grid) -> pl.Expr:
    """When each bin of the column `bin` ends."""
    width = pl.lit(grid.width, dtype=pl.Duration("us"))
    return pl.lit(grid.start, dtype=TIME) + (pl.col("bin").cast(pl.Int64) + 1) * width


def lateness(grid: Grid) -> pl.Expr:
    """Seconds from the end of each row's bin to its `arrived` (schema `reduced.SURVEY`), never below 0; null where it
    is not known."""
    return (pl.col("arrived") - bin_end(grid)).dt.total_microseconds().clip(lower_bound=0) / 1e6


def _micros(grid: Grid) -> int:
    return max(1, round(grid.width.total_seconds() * 1e6))
