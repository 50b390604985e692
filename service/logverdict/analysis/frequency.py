"""Is a message more or less frequent than before? Blocks are the observations, so a burst counts once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from logverdict.analysis.compare import Counts, Mask, median_ratio

Floats = npt.NDArray[np.float64]

BLOCKS = 20
"""Blocks of equal volume that two concurrent sides are cut into."""
RUNS = 10
"""Blocks of equal volume that a candidate is cut into when it comes after its baseline."""
MIN_ACTIVE = 5
"""Blocks in which a message must speak before its frequency means anything."""
LOUD, CALM = 1, 0.01
"""Blocks without which a departure must still be there, and at which p-value."""
MOVED = 2.0
"""Factor by which a message's rate per instance and second must have changed too."""


@dataclass(frozen=True)
class Frequency:
    """One place a group: entries expected in the candidate, ratio of seen to expected, and the p-value of a
    departure at least as large; 1.0 where no test could be made, as `tested` says."""

    expected: Floats
    ratio: Floats
    p: Floats
    tested: Mask


def concurrent(candidate: Counts, baseline: Counts) -> Frequency:
    """Both sides spoke at the same time, in the same bins: what moves both is no departure."""
    seen, base = candidate.sum(axis=1), baseline.sum(axis=1)
    traffic = median_ratio(seen, base, seen.sum() / max(1, base.sum()))
    cuts = equal_volume((candidate + baseline).sum(axis=0), BLOCKS)
    mine = np.add.reduceat(candidate, cuts, axis=1)
    both = mine + np.add.reduceat(baseline, cuts, axis=1)
    share, active = traffic / (1 + traffic), np.count_nonzero(both, axis=1)
    p, calm = _departure(mine, both, share), _departure(*_calmed(mine, both, share), share)
    p = np.where(calm <= CALM, p, np.maximum(p, calm))
    return measured(seen, traffic * base, p, (active >= MIN_ACTIVE) & (base > 0))


def _departure(mine: Counts, both: Counts, share: float) -> Floats:
    """p-values of each group's share in the candidate, against `share`; blocks are clusters of observations."""
    seen, total, active = mine.sum(axis=1), both.sum(axis=1), np.count_nonzero(both, axis=1)
    own = (seen / np.maximum(total, 1))[:, None]
    spread = ((mine - own * both) ** 2).sum(axis=1)
    freedom = np.maximum(active - 1, 1)
    variance = np.maximum(spread * active / freedom, total * share * (1 - share))
    score = np.abs(seen - share * total) / np.sqrt(np.maximum(variance, 1e-9))
    only = np.where(seen == 0, (1 - share) ** active, np.where(seen == total, share**active, 0.0))
    return np.asarray(np.maximum(2 * stats.t.sf(score, freedom), only))


def _calmed(mine: Counts, both: Counts, share: float) -> tuple[Counts, Counts]:
    """Each group without the LOUD blocks that depart most: what one burst did must hold without it."""
    order = np.argsort(-np.abs(mine - share * both), axis=1, kind="stable")[:, :LOUD]
    mine, both = mine.copy(), both.copy()
    np.put_along_axis(mine, order, 0, axis=1)
    np.put_along_axis(both, order, 0, axis=1)
    return mine, both


def sequential(candidate: Counts, baselines: tuple[Counts, ...], longer: float) -> Frequency:
    """The candidate came later, and was exposed `longer` times as long: its blocks must all lie above (or below) all
    blocks of all baselines, and its rate must have moved likewise.

    Blocks are compared by shares of their volume, so more traffic is no departure; a message that keeps its rate while
    the others fall silent is none either.
    """
    seen = candidate.sum(axis=1)
    base = np.sum([one.sum(axis=1) for one in baselines], axis=0)
    traffic = median_ratio(seen, base, seen.sum() / max(1, base.sum()))
    # Blocks that the baseline has enough of: a message that is ten times as loud must not make it too short to compare.
    size = max(1, min(seen.sum() // RUNS, base.sum() // MIN_ACTIVE))
    mine = _shares(candidate, size)
    theirs = np.concatenate([_shares(one, size) for one in baselines], axis=1)
    runs, others = mine.shape[1], theirs.shape[1]
    above = (mine.min(axis=1) > theirs.max(axis=1, initial=0)) & (seen >= MOVED * longer * base)
    below = (mine.max(axis=1) < theirs.min(axis=1, initial=1)) & (MOVED * seen <= longer * base)
    chance = np.where(above | below, 2 / special.comb(runs + others, runs), 1.0)
    enough = (base > 0) & (runs >= MIN_ACTIVE) & (others >= MIN_ACTIVE)
    return measured(seen, traffic * base, chance, enough)


def either(one: Frequency, other: Frequency) -> Frequency:
    """Two tests of the same groups: the better p-value, corrected for having had the choice."""
    p = np.minimum(1.0, 2 * np.minimum(one.p, other.p))
    return Frequency(one.expected, one.ratio, p, one.tested | other.tested)


def measured(seen: Counts, expected: Floats, p: Floats, tested: Mask) -> Frequency:
    """Of entries seen and expected, and p-values, which hold where a test could be made."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, seen / expected, np.where(seen > 0, np.inf, 1.0))
    return Frequency(expected, ratio, np.where(tested, np.minimum(p, 1.0), 1.0), tested)


def _shares(counts: Counts, size: int) -> Floats:
    """Each group's share in blocks of about `size` entries."""
    volume = counts.sum(axis=0)
    cuts = equal_volume(volume, max(1, round(volume.sum() / size)))
    blocks = np.add.reduceat(counts, cuts, axis=1)
    return np.asarray(blocks / np.maximum(blocks.sum(axis=0), 1))


def equal_volume(volume: Counts, blocks: int) -> Counts:
    """First bins of at most so many blocks of about equal volume, each of at least one bin."""
    reached = np.cumsum(volume) - volume
    which = np.minimum(reached * blocks // max(1, int(volume.sum())), blocks - 1)
    return np.flatnonzero(np.r_[True, which[1:] != which[:-1]])
