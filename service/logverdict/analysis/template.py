"""Counts of both sides become one table of templates: what each is, how bad, and its entries per stretch and bin."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from logverdict.analysis.masks import masks
from logverdict.analysis.rules import RULES_VERSION, mask_of
from logverdict.analysis.severity import THROWN
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.words import Severity

CANDIDATE, BACKGROUND = 0, -1
"""Numbers of stretches; baselines are 1, 2, …"""
LEVELED = 0.5
"""Share of a source's entries whose severity is known, from which its authors are taken to give levels."""
MAX_COLUMNS = 240
"""Columns of a grid: what bounds its memory."""

CONTINUED = (
    r"^\s+at \S|^at [\w.$/<>]+[(:]|^\s*Caused by|^\s*Caused:|^\s*Suppressed:|^\s*\.\.\. # (?:more|common)|^\s+File \""
    r"|^\s*(?:at )?[\w.$<>]+\([\w.]*(?::#)?\)$|^\s+\^|^\s*~+\^|^\s*Also: |^\s*#: +0x|^\s+[\w./$-]+\.\w+:#"
)


@dataclass(frozen=True)
class Templates:
    """`table`: one row a template, sorted: template, severity (worst seen), band, continued (an entry that belongs
    to the one before, such as a frame of a stack). `cells`: template (its row), key, stretch, instance, bin, count,
    first, last, source.
    """

    table: pl.DataFrame
    cells: pl.DataFrame


BANDS = ("", Severity.WARN.name, Severity.ERROR.name, Severity.FATAL.name)
"""How bad a template is, in words, by number: harmless ones have none."""
IN_NAME = rf" \[({'|'.join(BANDS[1:])})\]"
"""How a name carries its band."""


def band(severity: pl.Expr) -> pl.Expr:
    """The number of one of BANDS: one template is judged apart for each."""
    worse = (Severity.WARN, Severity.ERROR, Severity.FATAL)
    return pl.sum_horizontal((severity >= int(one)).cast(pl.Int8) for one in worse).cast(pl.Int8)


def templates(sides: Sides) -> Templates:
    """All templates of both sides. Where one text has several bands, its worse ones carry the band in their name."""
    stretches = [(CANDIDATE, sides.candidate), *enumerate(sides.baselines, start=1)]
    stretches += [(BACKGROUND, stretch) for stretch in sides.background]
    cells = pl.concat([_cells(number, stretch) for number, stretch in stretches])
    keys = cells["key"].unique().sort()
    single = ~pl.col("key").str.contains("\n")
    masked = pl.DataFrame({"key": keys, "text": templates_of(keys, sides.rules)}).with_row_index("place")
    masked = masked.with_columns(
        continued=pl.col("key").str.contains(CONTINUED) & single, thrown=pl.col("key").str.contains(THROWN)
    )
    cells = _settled(cells.join(masked, on="key")).with_columns(band=band(pl.col("severity")))
    rows = cells.group_by("text", "band").agg(pl.col("severity").max(), pl.col("continued").all())
    rows = rows.with_columns(lowest=pl.col("band").min().over("text"))
    words = pl.col("band").replace_strict(range(len(BANDS)), BANDS, return_dtype=pl.String)
    marked = pl.format("{} [{}]", "text", words)
    name = pl.when(pl.col("band") == pl.col("lowest")).then("text").otherwise(marked)
    rows = rows.with_columns(template=name).sort("template", "band").with_row_index("row")
    numbers = rows.select("text", "band", pl.col("row").cast(pl.Int32))
    order = ["row", "key", "stretch", "source", "instance", "bin", "severity"]
    cells = cells.join(numbers, on=["text", "band"]).select("place", *order, "count", "first", "last")
    cells = cells.sort("row", "place", *order[2:]).drop("place")  # `place` is the key's
    return Templates(rows.select("template", "severity", "band", "continued"), cells)


def _settled(cells: pl.DataFrame) -> pl.DataFrame:
    """What a line that only names an exception is, where it has no level: in a source whose entries have levels it
    goes on with the entry before it, which is judged; elsewhere it is an error of its own."""
    count, severity = pl.col("count"), pl.col("severity")
    plain = count.filter(~pl.col("continued") & ~pl.col("thrown"))
    told = count.filter((severity > 0) & ~pl.col("continued") & ~pl.col("thrown"))
    leveled = told.sum().over("source") >= LEVELED * plain.sum().over("source")
    bare = pl.col("thrown") & (severity == 0)
    return cells.with_columns(
        continued=pl.col("continued") | (bare & leveled),
        severity=pl.when(bare).then(int(Severity.ERROR)).otherwise(severity).cast(pl.Int8),
    )


def _cells(number: int, stretch: Stretch) -> pl.DataFrame:
    return stretch.counts.counts.with_columns(stretch=pl.lit(number, dtype=pl.Int32))


def spoken(cells: pl.DataFrame, stretches: list[int]) -> np.ndarray:
    """The first bins of at most MAX_COLUMNS columns of about equal volume, over the bins in which any of the stretches
    has an entry: nights and gaps are left out."""
    its = cells.filter(pl.col("stretch").is_in(stretches)).group_by("bin").agg(pl.col("count").sum()).sort("bin")
    bins, volume = its["bin"].to_numpy(), its["count"].to_numpy()
    if len(bins) <= MAX_COLUMNS:
        return bins
    columns = (np.cumsum(volume) - volume) * MAX_COLUMNS // volume.sum()
    return bins[np.flatnonzero(np.r_[True, columns[1:] != columns[:-1]])]


def grid(groups: np.ndarray, size: int, cells: pl.DataFrame, stretch: int, bins: np.ndarray) -> np.ndarray:
    """Entries per group (of `size`) and column in one stretch; `groups` maps a cell to its group, `bins` are the first
    bins of the columns."""
    chosen = (cells["stretch"] == stretch).to_numpy()
    if not len(bins):
        return np.zeros((size, 0), np.int64)
    at = np.searchsorted(bins, cells["bin"].to_numpy()[chosen], side="right") - 1
    places = groups[chosen] * len(bins) + at
    return totals(places, cells["count"].to_numpy()[chosen], size * len(bins)).reshape(size, len(bins))


def totals(places: np.ndarray, counts: np.ndarray, size: int) -> np.ndarray:
    """The sum of the counts of each of `size` places."""
    out = np.zeros(size, np.int64)
    np.add.at(out, places, counts)
    return out


def templates_of(keys: pl.Series, rules: str = RULES_VERSION) -> pl.Series:
    return masks(keys, mask_of(rules)).alias("template")
