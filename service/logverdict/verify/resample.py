"""Runs made of one recording: whole recorded bins, in another order and on other sides, as if nothing was deployed."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from logverdict.analysis.counts import COUNTS, TemplateCounts, empty
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.template import templates_of
from logverdict.domain.words import Comparison, Severity
from logverdict.verify.changes import LEAST, NEW
from logverdict.verify.plan import BINS

Ints = npt.NDArray[np.int64]

WINDOW = BINS
"""Bins of a candidate's window: what a plan gives the shortest one."""
BASELINE = 3 * WINDOW
"""Bins of a baseline before it: by default it is three times as long."""
SHARES = (0.5, 0.25)
"""Of the traffic that the candidate has beside its baseline, in turns."""


@dataclass(frozen=True)
class Run:
    """Cells of both sides: rows of schema COUNTS, `bin` from 0 to WINDOW - 1 in the candidate; a bin lasts
    `width` seconds."""

    candidate: pl.DataFrame
    baseline: pl.DataFrame
    concurrent: bool
    width: float

    def upto(self, bins: int) -> Sides:
        """What a look sees after so many bins of the candidate's window."""
        seen = pl.col("bin") < bins
        before = self.baseline.filter(seen) if self.concurrent else self.baseline
        base = _stretch(before, bins if self.concurrent else BASELINE, self.width)
        comparison = Comparison.CONCURRENT if self.concurrent else Comparison.BEFORE_AFTER
        here = _stretch(self.candidate.filter(seen), bins, self.width)
        return Sides(here, (base,), (), comparison, "made of recorded bins")


@dataclass(frozen=True)
class Pool:
    """The cells of all sides of a recording, one after the other; `bin` numbers those bins that speak, from 0, each of
    `width` seconds."""

    cells: pl.DataFrame
    width: float

    @property
    def enough(self) -> bool:
        return self.bins >= BASELINE + WINDOW

    @cached_property
    def bins(self) -> int:
        return int(self.cells["bin"].n_unique())

    @cached_property
    def _bin(self) -> Ints:
        return self.cells["bin"].to_numpy().astype(np.int64)

    @cached_property
    def _unit(self) -> Ints:
        """What falls on one side as a whole: all that one instance wrote in one bin."""
        return self.cells.select(pl.struct("bin", "instance").rank("dense") - 1).to_series().to_numpy().astype(np.int64)

    def in_sequence(self, chance: np.random.Generator) -> Run:
        """Neighbouring bins stay together, in as many blocks as both windows have bins; which blocks are before the
        deployment and which after it is drawn."""
        number = BASELINE + WINDOW
        place = chance.permutation(number)[self._bin * number // self.bins]
        after, before = self._at(place - BASELINE, place >= BASELINE), self._at(place, place < BASELINE)
        return Run(after, before, False, self.width * self.bins / number)

    def at_the_same_time(self, chance: np.random.Generator, share: float) -> Run:
        """Bins are put in another order, and each falls on the candidate, whole, with that probability."""
        block = self._bin * WINDOW // self.bins
        place = chance.permutation(WINDOW)[block]
        mine = (chance.random(int(self._unit.max()) + 1) < share)[self._unit]
        return Run(self._at(place, mine), self._at(place, ~mine), True, self.width * self.bins / WINDOW)

    def _at(self, place: Ints, kept: npt.NDArray[np.bool_]) -> pl.DataFrame:
        return self.cells.with_columns(bin=pl.Series(place, dtype=pl.Int32)).filter(pl.Series(kept))


def pool(sides: Sides) -> Pool:
    frames, first = [], 0
    for one in (*sides.baselines, sides.candidate):
        spoken = one.counts.counts.with_columns(bin=(pl.col("bin").rank("dense") - 1).cast(pl.Int32) + first)
        frames.append(spoken)
        first += one.counts.counts["bin"].n_unique()
    return Pool(pl.concat(frames), sides.candidate.seconds / max(1, sides.candidate.bins))


def more_often(run: Run, factor: int, chance: np.random.Generator) -> tuple[Run, str] | None:
    """One message that both sides have comes `factor` times as often in the candidate; 0 takes it away. With the
    message's template; None where no message comes often enough."""
    named = _named(run.candidate)
    often = named.group_by("template").agg(pl.col("count").sum()).filter(pl.col("count") >= LEAST)
    known = _named(run.baseline)["template"].unique()
    fit = often.filter(pl.col("template").is_in(known.implode()))["template"].sort()
    if fit.is_empty():
        return None
    template = str(fit[int(chance.integers(len(fit)))])
    times = pl.when(pl.col("template") == template).then(factor).otherwise(1)
    cells = named.with_columns(count=pl.col("count") * times).filter(pl.col("count") > 0)
    return replace(run, candidate=cells.drop("template")), template


def new_error(run: Run, entries: int, chance: np.random.Generator) -> tuple[Run, str]:
    """So many entries of a message that was never seen, each at the place of one of the candidate's own."""
    weights = run.candidate["count"].to_numpy()
    at = chance.choice(len(weights), size=entries, p=weights / weights.sum())
    message = NEW.format("<num>")
    cells = run.candidate[at].with_columns(
        key=pl.lit(NEW.format("#")), severity=pl.lit(int(Severity.ERROR), pl.Int8), count=pl.lit(1, pl.Int64)
    )
    return replace(run, candidate=pl.concat([run.candidate, cells])), message


def _named(cells: pl.DataFrame) -> pl.DataFrame:
    known = cells["key"].unique()
    template = cells["key"].replace_strict(known, templates_of(known), return_dtype=pl.String)
    return cells.with_columns(template=template)


def _stretch(cells: pl.DataFrame, bins: int, width: float) -> Stretch:
    """Without samples and last entries: messages of another order tell no story."""
    instances = cells.group_by("source", "instance").agg(
        pl.col("count").sum(), pl.col("first").min(), pl.col("last").max()
    )
    named = instances.with_columns(version=pl.lit("")).select(empty().instances.columns)
    counts = TemplateCounts(cells.select(COUNTS.names()), empty().samples, empty().edges, named)
    return Stretch(counts, width * bins, bins)
