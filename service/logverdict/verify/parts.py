"""How a slice is cut: into parts that fit into memory, and into what a source reduced and what has to be read."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import polars as pl

from logverdict.analysis.join import NEAR, spans_to_read
from logverdict.analysis.key import UNREDUCED
from logverdict.analysis.trace_lines import SUSPECT
from logverdict.domain.window import Grid, Window

PART = 250_000
"""Entries that are read at once, as the source counts them: some 100 MB with long messages."""

CHUNK = 65_536
"""Entries held in memory before they are made counts, where the source can't say beforehand how many will come."""
FEW = CHUNK // 8
"""Entries that are not worth to be made counts, as long as more may follow."""


def parts(span: Window, rows: pl.DataFrame | None, grid: Grid) -> Iterator[Window]:
    """The span in parts of about PART entries, cut between bins; a fuller bin is cut by time. `rows`: schema SURVEY;
    None where nothing is known."""
    if rows is None:
        yield span
        return
    counts = rows.group_by("bin").agg(pl.col("count").sum()).sort("bin")
    cuts, held = [], 0
    for bin, count in counts.iter_rows():
        window = grid.bin(bin)
        if held and held + count > PART:
            cuts.append(window.start)
            held = 0
        pieces = math.ceil(count / PART)
        cuts += [window.start + window.length * place / pieces for place in range(1, pieces)]
        held += count // max(1, pieces)
    yield from span.cut(cuts)


def to_read(rows: pl.DataFrame, after: pl.DataFrame, span: Window, grid: Grid) -> tuple[Window, ...]:
    """What has to be read beside reduced rows. `after` are the reduced rows of the time WITHIN after the span: lines
    of a stack trace there may go on with one that begins in it."""
    bins = {bin for bin in rows.filter(pl.col("key") == UNREDUCED)["bin"]}
    if not after.filter(pl.col("key") == UNREDUCED).is_empty():
        bins.add(grid.number(span.end))
    return spans_to_read(sorted(bins), grid, span)


def bins_of(windows: Iterable[Window], grid: Grid) -> list[int]:
    """The bins that those windows touch."""
    last = timedelta(microseconds=1)
    return [bin for one in windows for bin in range(grid.number(one.start), grid.number(one.end - last) + 1)]


def hold_back(batches: Sequence[pl.DataFrame]) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
    """Of entries that come in the order of their streams, those that can be counted, and those that the next batch may
    go on with: of each instance and stream the last one that is no line of a stack trace, what follows it, and NEAR
    before it, or more where that would cut a trace in two."""
    whole = pl.concat(batches, how="diagonal").with_columns(pl.col(pl.String).fill_null(""))
    by = [name for name in ("instance", "stream") if name in whole.columns]
    placed = whole.select(*by, suspect=SUSPECT).with_columns(place=pl.int_range(pl.len()).over(by))
    head = pl.col("place").filter(~pl.col("suspect")).max().over(by).fill_null(0)
    trace = pl.when("suspect").then("place").backward_fill().over(by)
    apart = (trace - pl.col("place") >= NEAR).fill_null(True) & (pl.col("place") <= head - NEAR)
    later = placed.select(pl.col("place") >= pl.col("place").filter(apart).max().over(by).fill_null(0)).to_series()
    if later.sum() > whole.height // 2:  # no stack trace is so long
        return list(batches), []
    return [whole.filter(~later)], [whole.filter(later)]


def countable(batches: Sequence[pl.DataFrame], last: bool) -> tuple[Sequence[pl.DataFrame], Sequence[pl.DataFrame]]:
    """The same where batches are as large as they happen to be; all at the end."""
    if last:
        return batches, ()
    entries = sum(batch.height for batch in batches)
    now, later = hold_back(batches) if entries >= FEW else ([], [])
    return (now, later) if later or entries >= CHUNK else ((), batches)
