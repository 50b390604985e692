"""How surely each group of messages is more or less frequent than before, over all looks of a verification."""

from dataclasses import replace

import numpy as np

from logverdict.analysis.anytime import at_every_look
from logverdict.analysis.compare import Counts, Mask
from logverdict.analysis.frequency import Beside, Floats, Frequency, concurrent, either
from logverdict.analysis.history import by_blocks, heard, risen
from logverdict.analysis.runs import HISTORY, over_runs
from logverdict.analysis.sides import Sides
from logverdict.analysis.thresholds import DEFAULT, Thresholds


def over_looks(
    sides: Sides, grids: tuple[Counts, ...], turns: Counts, looks: int, limits: Thresholds = DEFAULT
) -> Frequency:
    """`grids` and `turns` (see `Beside`) as in `Compared`, whatever their groups are. With p-values that hold over all
    `looks` of a verification: by their own nature at the same time, corrected by the number of looks before and after,
    which is more than is needed."""
    if sides.concurrent and looks > 1 and len(grids) > 1:
        return at_every_look(grids[0], grids[1], Beside(sides.odds, turns))
    found = frequency_of(sides, grids, turns, limits, looks)
    return replace(found, p=np.minimum(1.0, found.p * looks))


def frequency_of(
    sides: Sides, grids: tuple[Counts, ...], turns: Counts, limits: Thresholds = DEFAULT, looks: int = 1
) -> Frequency:
    """p-values are to be corrected for `looks`."""
    candidate, *baselines = grids
    if not baselines or not sum(int(one.sum()) for one in baselines) or not candidate.sum():
        size = len(candidate)
        return Frequency(np.zeros(size), np.ones(size), np.ones(size), np.zeros(size, np.bool_), np.zeros(size))
    if sides.concurrent:
        return concurrent(candidate, baselines[0], Beside(sides.odds, turns))
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
