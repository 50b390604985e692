"""How surely each group of messages is more or less frequent than before, over all looks of a verification."""

from dataclasses import replace

import numpy as np
import polars as pl

from logverdict.analysis.anytime import at_every_look
from logverdict.analysis.bins import PARTS
from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.frequency import Beside, Floats, Frequency, concurrent, either
from logverdict.analysis.history import by_blocks, heard, risen
from logverdict.analysis.runs import HISTORY, over_runs
from logverdict.analysis.sides import Sides
from logverdict.analysis.template import CANDIDATE
from logverdict.analysis.thresholds import DEFAULT, Thresholds


def over_looks(
    compared: Compared, grids: tuple[Counts, ...], groups: Counts, looks: int, limits: Thresholds = DEFAULT
) -> Frequency:
    """`grids` as in `Compared`, of whatever groups; `groups` has each cell's. With p-values that hold over all `looks`
    of a verification: by their own nature at the same time, corrected by the number of looks before and after, which is
    more than is needed."""
    sides = compared.sides
    together = sides.concurrent and len(grids) > 1
    beside = Beside(sides.odds, _turns(compared, groups, len(grids[0]))) if together else None
    if beside is not None and looks > 1:
        return at_every_look(grids[0], grids[1], beside)
    found = frequency_of(sides, grids, beside, limits, looks)
    return replace(found, p=np.minimum(1.0, found.p * looks))


def _turns(compared: Compared, groups: Counts, size: int) -> Counts:
    """Pairs of a part of the window and an instance that speaks in it, on both sides, per group (of `size`)."""
    cells, bins = compared.cells, compared.bins[0]
    part = np.searchsorted(bins, cells["bin"].to_numpy(), side="right") - 1
    part = part * min(PARTS, len(bins)) // max(1, len(bins))
    its = cells.select("stretch", "instance", part=pl.Series(part), group=pl.Series(groups, dtype=pl.Int64))
    spoken = its.filter(pl.col("stretch") >= CANDIDATE).unique()
    return np.bincount(spoken["group"].to_numpy(), minlength=size)


def frequency_of(
    sides: Sides, grids: tuple[Counts, ...], beside: Beside | None, limits: Thresholds = DEFAULT, looks: int = 1
) -> Frequency:
    """p-values are to be corrected for `looks`."""
    candidate, *baselines = grids
    if not baselines or not sum(int(one.sum()) for one in baselines) or not candidate.sum():
        size = len(candidate)
        return Frequency(np.zeros(size), np.ones(size), np.ones(size), np.zeros(size, np.bool_), np.zeros(size))
    if beside is not None:
        return concurrent(candidate, baselines[0], beside)
    found, runs = by_blocks(sides, candidate, tuple(baselines), limits, looks), heard(baselines)
    if len(runs) >= HISTORY:
        spoken = [np.count_nonzero(one, axis=1) for one in (candidate, *runs)]
        bursts = np.where(spoken[0] > 0, spoken[0], np.mean(spoken[1:], axis=0))
        by_runs = over_runs(candidate.sum(axis=1), np.array([one.sum(axis=1) for one in runs]), bursts)
        found = either(found, by_runs) if sides.history else by_runs
    return risen(sides, found, baselines)


def departs(
    frequency: Frequency, together: bool, alpha: float | Floats, limits: Thresholds = DEFAULT, groups: int | None = None
) -> Mask:
    """Effect size and significance are both needed; significance for as many `groups` as were tested. `alpha` may
    differ from group to group."""
    effect = limits.effect(together)
    up, down = frequency.ratio >= effect, (frequency.ratio <= 1 / effect) & (frequency.expected >= frequency.least)
    departed: Mask = (up | down) & (frequency.p <= alpha / (tests_of(frequency) if groups is None else max(1, groups)))
    return departed


def tests_of(frequency: Frequency) -> int:
    return max(1, int(np.count_nonzero(frequency.tested)))
