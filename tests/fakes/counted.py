"""Counts that a source makes, beside those that reading its entries gives."""

from collections import Counter

import polars as pl

from contract.log_source import results
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.key import SUSPECT_STARTS, UNREDUCED
from logverdict.analysis.keys import keys
from logverdict.analysis.reduced import REDUCED
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import LogSource, Reduced

Groups = Counter[tuple[object, ...]]
"""Entries by key, level, instance, version and bin."""


def local(frame: pl.DataFrame, grid: Grid) -> Groups:
    """What a reduce has to give: entries by key, level, instance, version and bin."""
    named = frame.with_columns(key=keys(frame["message"]))
    columns = (named[name] for name in ("key", "level", "instance", "version"))
    bins = [grid.number(time) for time in named["time"]]
    return Counter(zip(*columns, bins, strict=True))


def counted(reduced: Reduced) -> Groups:
    found = Groups()
    for *group, count, _, _ in reduced.rows.iter_rows():
        found[tuple(group)] += count
    return found


async def entries(source: LogSource, spec: SourceSpec, span: Window) -> pl.DataFrame:
    frames = [found for found in await results((source, spec), span) if isinstance(found, pl.DataFrame)]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *(frame.select(SCHEMA.names()) for frame in frames)])


def agree(reduced: Reduced, frame: pl.DataFrame, grid: Grid) -> set[int]:
    """The bins that are to be read; all others have the same counts both ways, and every bin the same number."""
    unread = set(reduced.rows.filter(pl.col("key") == UNREDUCED)["bin"])
    here, there = local(frame, grid), counted(reduced)
    assert {group: count for group, count in there.items() if group[4] not in unread} == {
        group: count for group, count in here.items() if group[4] not in unread
    }
    assert Counter({number: n for number, n in _sums(there).items()}) == _sums(here)
    assert reduced.rows.schema == REDUCED
    suspect = frame.filter(pl.any_horizontal(pl.col("message").str.starts_with(start) for start in SUSPECT_STARTS))
    assert {grid.number(time) for time in suspect["time"]} <= unread
    return unread


def _sums(groups: Groups) -> Counter[object]:
    found = Counter[object]()
    for group, count in groups.items():
        found[group[4]] += count
    return found
