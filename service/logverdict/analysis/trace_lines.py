"""Entries in the order of their instance and stream, and those of them that may be lines of a split stack trace."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from logverdict.analysis.entries import ORDER
from logverdict.analysis.key import SUSPECT_STARTS
from logverdict.analysis.keys import keys
from logverdict.analysis.severity import combined, key_severities, level_severities
from logverdict.analysis.trace import CERTAIN, OPENING, fits, ranks
from logverdict.domain.window import Window
from logverdict.domain.words import Severity

NEAR = 5
"""Entries before and after a line that is certainly of a trace, which may belong to it too."""
SUSPECT = pl.any_horizontal(pl.col("message").str.starts_with(start) for start in SUSPECT_STARTS)
_GROUP = ["instance", "stream"]
_NARROW = 300
"""Characters of a message that tell what line of a trace it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """`place` is its number in order, `group` that of its instance and stream, of which it may be the `first`; `time`
    is in microseconds; `fits` as in `trace`; a line that is `alone` has a place that nothing tells; one that is `late`
    is at the span's end or after it."""

    place: int
    time: int
    group: int
    first: bool
    fits: int
    bad: bool
    blank: bool
    alone: bool
    late: bool


def ordered(entries: pl.DataFrame) -> pl.DataFrame:
    """With `certain`, `alone` (its place among lines of one time can't be told) and `place`, its number in order."""
    lacking = [pl.lit(None, kind).alias(name) for name, kind in ORDER.items() if name not in entries.columns]
    text = pl.col("message").str.head(_NARROW)
    frame = entries.with_columns(*lacking).with_columns(
        pl.col("stream").fill_null(""), certain=SUSPECT & text.str.contains(CERTAIN)
    )
    tied = [*_GROUP, "time"]
    unsure = pl.col("offset").is_null() & (pl.len().over(tied) > 1) & pl.col("certain").any().over(tied)
    frame = frame.with_columns(unsure=unsure, rank=pl.lit(0, pl.Int8), alone=pl.lit(False))
    if frame["unsure"].any():
        frame = pl.concat([frame.filter(~pl.col("unsure")), _ranked(frame.filter("unsure"), tied)])
    by = [*_GROUP, "time", "offset", "rank", "message", "level", "version"]
    return frame.sort(by, nulls_last=True).with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))


def _ranked(frame: pl.DataFrame, tied: list[str]) -> pl.DataFrame:
    """In a trace of Python the exception comes last, else it comes first."""
    frame = frame.with_columns(ranks(fits(frame["message"].str.head(_NARROW))))
    python = pl.col("message").str.contains("Traceback (most recent", literal=True).any().over(tied)
    thrown = pl.when((pl.col("rank") == 3) & ~python).then(1).otherwise("rank").cast(pl.Int8)
    frame = frame.with_columns(rank=thrown)
    several = pl.max_horizontal(*((pl.col("rank") == rank).sum().over(tied) for rank in (0, 1, 3))) > 1
    return frame.with_columns(alone=several)


def _near(frame: pl.DataFrame) -> pl.Series:
    """Places of the entries that may be part of a trace, ascending."""
    certain = frame["certain"].arg_true().to_numpy().astype(np.int64)
    marks = np.zeros(len(frame) + 1, np.int64)
    np.add.at(marks, np.maximum(certain - NEAR, 0), 1)
    np.add.at(marks, np.minimum(certain + NEAR + 1, len(frame)), -1)
    return pl.Series(np.flatnonzero(np.cumsum(marks)[:-1]), dtype=pl.Int64)


def lines_of(frame: pl.DataFrame, span: Window, severities: Mapping[str, Severity]) -> Iterator[Line]:
    group = pl.struct(_GROUP).rle_id()
    near = _near(frame)
    lines = frame.with_columns(group=group).with_columns(first=pl.col("group").is_first_distinct())[near]
    lines = lines.with_columns(
        fits=fits(lines["message"].str.head(_NARROW)),
        micros=pl.col("time").dt.epoch("us"),
        blank=pl.col("message").str.strip_chars() == "",
        late=pl.col("time") >= span.end,
    )
    opening = (lines["fits"] & OPENING) != 0
    asked = pl.any_horizontal(*(opening.shift(-step, fill_value=False) for step in range(1, NEAR)))
    lines = lines.with_columns(asked=pl.select(asked).to_series())
    lines = lines.join(_bad(lines.filter("asked"), severities), on="place", how="left", maintain_order="left")
    columns = ("place", "micros", "group", "first", "fits", "bad", "blank", "alone", "late")
    for row in lines.with_columns(pl.col("bad").fill_null(False)).select(columns).iter_rows():
        yield Line(*row)


def _bad(lines: pl.DataFrame, severities: Mapping[str, Severity]) -> pl.DataFrame:
    """Places of entries that warn or worse: `bad`."""
    found = lines.select("place", level=level_severities(lines["level"], severities), key=keys(lines["message"]))
    worded = key_severities(found["key"].unique())
    bad = found.join(worded, on="key").with_columns(severity=combined())
    return bad.select("place", bad=pl.col("severity") >= int(Severity.WARN))
