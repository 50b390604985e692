"""What a source should count itself: the entries that it reads, grouped here."""

from datetime import timedelta

import polars as pl
from polars.testing import assert_frame_equal

from contract.log_source import START, results, window
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.key import SUSPECT_STARTS, UNREDUCED
from logverdict.analysis.keys import keys
from logverdict.analysis.reduced import REDUCED
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced
from servers.elasticsearch.logs import Logs

SPAN = window(0, 1_000)
GRID = Grid(START - timedelta(days=3, milliseconds=10), timedelta(milliseconds=7_013))
"""Bins that begin long before the span, and end nowhere in particular."""
CELL = ["key", "level", "instance", "version", "bin"]


async def entries(source: ElasticsearchSource, spec: SourceSpec, span: Window, grid: Grid) -> pl.DataFrame:
    """What is read, with its bin; the read is complete."""
    *frames, coverage = await results((source, spec), span)
    assert isinstance(coverage, Coverage)
    assert coverage.complete, coverage
    read = pl.concat(
        [pl.DataFrame(schema=SCHEMA), *(one for one in frames if isinstance(one, pl.DataFrame))], how="diagonal"
    )
    since = (pl.col("time") - grid.start).dt.total_microseconds()
    width = grid.width.total_seconds() * 1_000_000
    return read.with_columns(bin=since.floordiv(int(width)).cast(pl.Int32()))


def grouped(read: pl.DataFrame) -> pl.DataFrame:
    """Schema REDUCED, in order."""
    key = pl.when(pl.any_horizontal(pl.col("message").str.starts_with(start) for start in SUSPECT_STARTS))
    keyed = read.with_columns(key=keys(read["message"])).with_columns(key=key.then(pl.lit(UNREDUCED)).otherwise("key"))
    counted = keyed.group_by(CELL).agg(
        count=pl.len().cast(pl.Int64()), first=pl.col("time").min(), last=pl.col("time").max()
    )
    return counted.select(REDUCED.names()).sort(CELL)


def surveyed(read: pl.DataFrame) -> pl.DataFrame:
    """Columns bin, instance, count, in order."""
    return read.group_by("bin", "instance").agg(count=pl.len().cast(pl.Int64())).sort("bin", "instance")


async def equal(logs: Logs, spec: SourceSpec | None = None, span: Window = SPAN, grid: Grid = GRID) -> Reduced:
    """What the server counts, which is what is read, but for bins that it says to read; and what it surveys."""
    spec = spec or logs.spec()
    read = await entries(logs.source, spec, span, grid)
    reduced = await logs.source.reduce(spec, span, grid)
    left = reduced.rows.filter(pl.col("key") == UNREDUCED)["bin"].unique().implode()
    kept, wanted = (rows.filter(~pl.col("bin").is_in(left)) for rows in (reduced.rows, grouped(read)))
    assert_frame_equal(kept.sort(CELL), wanted.sort(CELL))
    assert reduced.rows["count"].sum() == reduced.coverage.read == len(read)
    assert reduced.coverage.complete
    survey = await logs.source.survey(spec, span, grid)
    assert survey is not None
    assert survey.faults == ()
    assert survey.rows["count"].sum() == reduced.coverage.expected
    if not reduced.coverage.broken:
        assert_frame_equal(survey.rows.drop("arrived").sort("bin", "instance"), surveyed(read))
    return reduced
