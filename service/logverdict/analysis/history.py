"""Earlier good deployments beside the time before the rollout: what they excuse, and what not even they have seen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy

from logverdict.analysis.compare import Compared, Counts, Mask, median_ratio
from logverdict.analysis.frequency import STEADY, TOLD, Floats, Frequency, sequential
from logverdict.analysis.runs import APART
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.thresholds import DEFAULT, Thresholds


def by_blocks(
    sides: Sides, candidate: Counts, baselines: tuple[Counts, ...], limits: Thresholds = DEFAULT, looks: int = 1
) -> Frequency:
    """`frequency.sequential`, the time before the rollout being the measure of what it has; earlier deployments only
    excuse: a rate that lies between theirs is usual. More of them so make no change harder to see. What only they have
    is measured by them."""
    first = len(sides.own)
    own, past = heard(baselines[:first]), heard(baselines[first:])
    if not own or not past:
        return sequential(candidate, own or past, longer(sides, sides.baselines), limits, looks)
    here = np.sum([one.sum(axis=1) for one in own], axis=0) > 0
    mine = sequential(candidate, own, longer(sides, sides.own), limits, looks)
    theirs = sequential(candidate, past, longer(sides, sides.baselines[first:]), limits, looks)
    excused = here & _usual(candidate, baselines, first)
    return Frequency(
        np.where(here, mine.expected, theirs.expected),
        np.where(here, mine.ratio, theirs.ratio),
        np.where(excused, 1.0, np.where(here, mine.p, theirs.p)),
        np.where(here, mine.tested, theirs.tested),
        np.where(here, mine.least, theirs.least),
    )


def longer(sides: Sides, baselines: Sequence[Stretch]) -> float:
    """How many times as long as those the candidate was exposed."""
    return sides.candidate.exposure / sum(one.exposure for one in baselines)


def risen(sides: Sides, found: Frequency, baselines: Sequence[Counts]) -> Frequency:
    """Without what the time before the rollout lacked already: that is no loss of this deployment."""
    lacking = np.sum([one.sum(axis=1) for one in baselines[: len(sides.own)]], axis=0) == 0
    return replace(found, p=np.where(lacking & (found.ratio < 1), 1.0, found.p))


def heard(baselines: Sequence[Counts]) -> tuple[Counts, ...]:
    """Those that hold entries: a run of which only evidence is known has no shares."""
    return tuple(one for one in baselines if one.shape[1])


def _usual(candidate: Counts, baselines: tuple[Counts, ...], own: int) -> Mask:
    """Groups whose rate per traffic lies between the least and the greatest of earlier deployments."""
    each = np.array([one.sum(axis=1) for one in baselines])
    base = each.sum(axis=0)
    rates, told = zip(*(_rate(one, base) for one in each[own:]), strict=True)
    mine, _ = _rate(candidate.sum(axis=1), base)
    least, most = np.where(told, rates, np.inf).min(axis=0), np.where(told, rates, -np.inf).max(axis=0)
    return np.asarray((least <= mine) & (mine <= most))


def _rate(counts: Counts, base: Counts) -> tuple[Floats, Mask]:
    """Entries per traffic, and of which groups they tell anything: a run of few entries shows none of most."""
    traffic = median_ratio(counts, base)
    return np.asarray(counts / max(traffic, 1e-12)), (counts >= TOLD) | (traffic * base >= STEADY)


def louder(compared: Compared, kind: Mask, alpha: float, limits: Thresholds = DEFAULT) -> Mask:
    """Clusters of a kind that the time before the rollout lacks and earlier deployments had, and that now speak in far
    more bins than in any of those: start-up trouble that does not end.

    A run of which only the sums are left spoke in as many bins as it has entries, at most.
    Two bounds, both needed: more than APART times as many bins as in any of them, `turns` at least; and the binomial
    chance of so many of all its bins on the candidate's side, corrected for those of the kind.
    """
    if not compared.sides.history:
        return np.zeros(len(kind), np.bool_)
    first = 1 + len(compared.sides.own)
    tried = kind & (compared.candidate > 0) & (compared.own == 0) & (compared.recurrence > 0)
    if not tried.any():
        return np.zeros(len(kind), np.bool_)
    here, turns = len(compared.bins[0]), compared.bursts[0]
    spoken = [
        np.minimum(np.count_nonzero(grid, axis=1) * max(1.0, here / max(1, len(bins))), grid.sum(axis=1))
        for grid, bins in zip(compared.grids[first:], compared.bins[first:], strict=True)
    ]
    share = here / sum(len(bins) for bins in compared.bins)
    chance = scipy.stats.binom.sf(turns - 1, turns + compared.bursts[1], share)
    enough = (turns >= limits.turns) & (turns > APART * np.max(spoken, axis=0))
    return np.asarray(tried & enough & (chance <= alpha / max(1, int(np.count_nonzero(tried)))))
