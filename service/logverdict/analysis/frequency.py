"""Is a message more or less frequent than before? Blocks are the observations, so a burst counts once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from logverdict.analysis.compare import Counts, Mask, median_ratio
from logverdict.analysis.ranks import by_rank
from logverdict.analysis.thresholds import DEFAULT, Thresholds

Floats = npt.NDArray[np.float64]

BLOCKS = 20
"""Blocks of equal volume that a side, or two concurrent sides together, are cut into."""
FEW = 10
"""Blocks of a side by which it is told whether a message speaks all along."""
MIN_ACTIVE = 5
"""Blocks in which a message must speak before its frequency means anything."""
LOUD, CALM = 1, 0.01
"""Blocks without which a departure must still be there, and at which p-value."""
TOLD = 10
"""Entries, seen or expected, that a message needs to be compared with what was before."""
WORTH = 5
"""Messages that the usual drift is worth, beside those that tell it."""
ERRORS = 2.0
"""Standard errors of a message's ratio that two traffics must differ by so that it tells them apart."""
SURE = 0.5
"""Variance of a log rate up to which it tells something of the drift."""
MAD, EFFICIENCY = 1.4826, 0.37
"""Standard deviations of a normal distribution in its median absolute deviation; what that is worth beside the
standard deviation of as many values."""
STEADILY = 0.8
"""Share of its blocks in which a message speaks steadily."""
STEADY = 30
"""Entries that must be expected before their absence, or their being fewer, means anything."""


@dataclass(frozen=True)
class Beside:
    """What is known of two sides at the same time beside their entries per bin. `odds`: the candidate's share of the
    traffic over the others', by its exposure. `turns` has, for each group, in how many bins how many instances spoke,
    added: where each instance speaks in each bin, no bin is one burst, however few bins there are."""

    odds: float
    turns: Counts


@dataclass(frozen=True)
class Frequency:
    """One place a group: entries expected in the candidate, ratio of seen to expected, and the p-value of a
    departure at least as large; 1.0 where no test could be made, as `tested` says. `least` is how many entries must be
    expected before it means anything that there are fewer."""

    expected: Floats
    ratio: Floats
    p: Floats
    tested: Mask
    least: Floats


def concurrent(candidate: Counts, baseline: Counts, beside: Beside) -> Frequency:
    """Both sides spoke at the same time, in the same bins: what moves both is no departure."""
    seen, base = candidate.sum(axis=1), baseline.sum(axis=1)
    traffic = traffic_beside(seen, base, beside.odds)
    cuts = equal_volume((candidate + baseline).sum(axis=0), BLOCKS)
    mine = np.add.reduceat(candidate, cuts, axis=1)
    theirs = np.add.reduceat(baseline, cuts, axis=1)
    both = mine + theirs
    share, active = traffic / (1 + traffic), np.count_nonzero(both, axis=1)
    turns = np.maximum(beside.turns, active)
    fewer = turns * (1 - LOUD / np.maximum(LOUD, active))
    p, calm = _departure(mine, both, share, turns), _departure(*_calmed(mine, both, share), share, fewer)
    p = np.where(calm <= CALM, p, np.maximum(p, calm))
    return measured(seen, traffic * base, p, (active >= MIN_ACTIVE) & (base > 0), theirs)


def traffic_beside(seen: Counts, base: Counts, odds: float) -> float:
    """The odds of the traffic: by exposure, unless half of the messages that can tell say otherwise, as traffic need
    not follow instances: then what they show. A message tells where its own chance is less than what the two differ by;
    each has one voice, so that one that is most of the volume does not count as traffic."""
    measured = median_ratio(seen, base)
    both = (seen > 0) & (base > 0)
    if not both.any():
        return measured
    mine, theirs = seen[both], base[both]
    change, noise = np.log(mine / theirs), np.sqrt(1 / mine + 1 / theirs)
    tells = abs(np.log(odds / measured)) > ERRORS * noise
    nearer = np.abs(change - np.log(odds)) < np.abs(change - np.log(measured))
    against = np.count_nonzero(tells & ~nearer)
    return measured if against and 2 * against >= np.count_nonzero(tells) else odds


def _departure(mine: Counts, both: Counts, share: float, turns: Counts | Floats) -> Floats:
    """p-values of each group's share in the candidate, against `share`; blocks are clusters of observations, but where
    the candidate has none, each of so many `turns` would have been its own."""
    seen, total, active = mine.sum(axis=1), both.sum(axis=1), np.count_nonzero(both, axis=1)
    own = (seen / np.maximum(total, 1))[:, None]
    spread = ((mine - own * both) ** 2).sum(axis=1)
    freedom = np.maximum(active - 1, 1)
    variance = np.maximum(spread * active / freedom, total * share * (1 - share))
    score = np.abs(seen - share * total) / np.sqrt(np.maximum(variance, 1e-9))
    only = np.where(seen == 0, (1 - share) ** turns, np.where(seen == total, share**active, 0.0))
    return np.asarray(np.maximum(2 * scipy.stats.t.sf(score, freedom), only))


def _calmed(mine: Counts, both: Counts, share: float) -> tuple[Counts, Counts]:
    """Each group without the LOUD blocks that depart most: what one burst did must hold without it."""
    order = np.argsort(-np.abs(mine - share * both), axis=1, kind="stable")[:, :LOUD]
    mine, both = mine.copy(), both.copy()
    np.put_along_axis(mine, order, 0, axis=1)
    np.put_along_axis(both, order, 0, axis=1)
    return mine, both


def sequential(
    candidate: Counts, baselines: tuple[Counts, ...], longer: float, limits: Thresholds = DEFAULT, looks: int = 1
) -> Frequency:
    """The candidate came later, and was exposed `longer` times as long; p-values are to be corrected for `looks`.

    The logarithm of each message's change, per traffic, is compared with what it varies by itself: over the blocks of
    its own side (quasi-Poisson), and between windows (`drift`). Its rate must have moved likewise, so more traffic is
    no departure, nor is a message that keeps its rate while the others fall silent; and it must last.
    """
    found = changes(candidate, baselines, limits)
    seen, base, change, noise = found.seen, found.base, found.change, found.noise
    spread, worth = found.spread, found.worth
    mine, theirs, traffic = found.mine, found.theirs, found.traffic
    active = np.count_nonzero(mine, axis=1) + np.count_nonzero(theirs, axis=1)
    whole = noise + spread
    freedom = whole**2 / (noise**2 / np.maximum(1, active - 2) + spread**2 / worth)  # Satterthwaite
    p = 2 * scipy.stats.t.sf(np.abs(change) / np.sqrt(whole), freedom)
    p = np.where(seen > 0, p, _silence(mine, theirs))
    factor = limits.moved
    moved = np.where(change > 0, seen >= factor * longer * base, factor * seen <= longer * base)
    few = cut(candidate, FEW), np.concatenate([cut(one, FEW) for one in baselines], axis=1)
    lasting = _lasting(*few, change > 0, factor)
    expected = np.asarray(traffic * base, np.float64)
    p = np.where(moved & lasting, p, 1.0)
    tested = found.told & (active >= MIN_ACTIVE)
    calm = _by_bins(candidate, np.hstack(baselines), np.flatnonzero(tested & (p <= CALM)))
    tests = looks * max(1, int(np.count_nonzero(tested)))
    return measured(seen, expected, np.maximum(p, calm / tests), tested, theirs)


def _by_bins(candidate: Counts, baseline: Counts, rows: Counts) -> Floats:
    """p-values of those rows, 0 elsewhere, that do not mind how loud bins are: a message that is most of the volume
    cuts the blocks, so that in its few loud bins it seems to speak all along. They are held against the level as they
    are, as a second condition (see `sequential`)."""
    out = np.zeros(len(candidate))
    mine, theirs = candidate[rows], baseline[rows]
    out[rows] = np.where(mine.any(axis=1), by_rank(mine, theirs), _silence(mine, theirs))
    return out


@dataclass(frozen=True)
class Changes:
    """Logarithms of how much each group's rate changed, the variance that each has by chance, and (`spread`, worth so
    many degrees of freedom) what windows differ by; `mine` and `theirs` are entries per block."""

    seen: Counts
    base: Counts
    traffic: float
    mine: Counts
    theirs: Counts
    change: Floats
    noise: Floats
    told: Mask
    spread: float
    worth: float


def changes(candidate: Counts, baselines: tuple[Counts, ...], limits: Thresholds = DEFAULT) -> Changes:
    seen = candidate.sum(axis=1)
    base = np.sum([one.sum(axis=1) for one in baselines], axis=0)
    traffic = median_ratio(seen, base)
    mine, theirs = cut(candidate, BLOCKS), np.concatenate([cut(one, BLOCKS) for one in baselines], axis=1)
    noise = _noise(mine) + _noise(theirs)
    change = np.log((seen + 0.5) / (traffic * (base + 0.5)))
    told = (base > 0) & (np.maximum(seen, traffic * base) >= TOLD)
    spread, worth = drift(change[told], noise[told], limits.drift)
    return Changes(seen, base, traffic, mine, theirs, change, noise, told, spread, worth)


def cut(counts: Counts, blocks: int) -> Counts:
    """Entries per block of about equal volume."""
    return np.add.reduceat(counts, equal_volume(counts.sum(axis=0), blocks), axis=1) if counts.shape[1] else counts


def _noise(blocks: Counts) -> Floats:
    """Variance of the logarithm of each message's total: that of a count, times how much more it varies from block to
    block than chance lets it."""
    total, volume = blocks.sum(axis=1), blocks.sum(axis=0)
    mean = np.outer(total, volume / max(1, volume.sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(mean > 0, (blocks - mean) ** 2 / mean, 0).sum(axis=1) / max(1, blocks.shape[1] - 1)
    return np.asarray(np.maximum(1.0, excess) / (total + 0.5))


def drift(change: Floats, noise: Floats, usual: float) -> tuple[float, float]:
    """Variance of log rates from one window to another, beyond their noise, within which half of the messages stay, and
    its degrees of freedom.

    Where two windows are unlike, as those of different work are, a message that moved as much as many others is none
    to mind (an empirical null: Efron 2004, doi 10.1198/016214504000000089, in logarithms). Few messages tell it poorly,
    so what is `usual`, a standard deviation, counts as WORTH more.
    """
    sure = noise <= SURE
    number = int(np.count_nonzero(sure))
    moved = 0.0
    if number:
        # Of two messages one that changed must not hide itself.
        middle = float((np.median if number > 2 else np.min)(np.abs(change[sure])))
        moved = max(0.0, float((MAD * middle) ** 2 - np.median(noise[sure])))
    shrunk = (number * moved + WORTH * usual**2) / (number + WORTH)
    return max(moved, shrunk), WORTH + EFFICIENCY * number


def _lasting(mine: Counts, theirs: Counts, more: Mask, factor: float) -> Mask:
    """Whether a message that has become `more` frequent speaks in nearly all blocks, and spoke before evenly, as far as
    so few entries can; or one that has become less frequent spoke in nearly all blocks before. Its median block must
    have moved by the `factor` as well. What a deployment changed lasts; what spells bring comes and goes."""
    total, blocks = theirs.sum(axis=1), max(1, theirs.shape[1])
    even = 2 * np.count_nonzero(theirs, axis=1) >= blocks * (1 - (1 - 1 / blocks) ** total)
    typical, usual = _typical(mine), _typical(theirs)
    up = steady(mine) & even & (typical >= factor * usual)
    return np.asarray(np.where(more, up, steady(theirs) & (factor * typical <= usual)))


def steady(blocks: Counts) -> Mask:
    """Groups that speak in nearly all blocks."""
    return np.asarray(np.count_nonzero(blocks, axis=1) >= STEADILY * blocks.shape[1])


def _typical(blocks: Counts) -> Floats:
    """Median odds that an entry of a block is the message's: a share can't become ten times as large as a half."""
    others = blocks.sum(axis=0) - blocks
    return np.asarray(np.median(blocks / np.maximum(1, others), axis=1)) if blocks.shape[1] else np.zeros(len(blocks))


def _silence(mine: Counts, theirs: Counts) -> Floats:
    """Chance that all blocks in which a message speaks are the baseline's."""
    share = theirs.shape[1] / max(1, theirs.shape[1] + mine.shape[1])
    return np.asarray(share ** np.count_nonzero(theirs, axis=1))


def either(one: Frequency, other: Frequency) -> Frequency:
    """Two tests of the same groups: the better p-value, corrected for having had the choice."""
    p = np.minimum(1.0, 2 * np.minimum(one.p, other.p))
    return Frequency(one.expected, one.ratio, p, one.tested | other.tested, one.least)


def measured(seen: Counts, expected: Floats, p: Floats, tested: Mask, before: Counts | None = None) -> Frequency:
    """Of entries seen and expected, and p-values, which hold where a test could be made; `before` are the baseline's
    entries per block. What came evenly, one in a block or more, came in no bursts: fewer entries tell of its end."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, seen / expected, np.where(seen > 0, np.inf, 1.0))
    even = np.zeros(len(seen), np.bool_) if before is None else steady(before)
    least = np.where((seen == 0) & even, float(BLOCKS), float(STEADY))
    return Frequency(expected, ratio, np.where(tested, np.minimum(p, 1.0), 1.0), tested, least)


def equal_volume(volume: Counts, blocks: int) -> Counts:
    """First bins of at most so many blocks of about equal volume, each of at least one bin."""
    reached = np.cumsum(volume) - volume
    which = np.minimum(reached * blocks // max(1, int(volume.sum())), blocks - 1)
    return np.flatnonzero(np.r_[True, which[1:] != which[:-1]])
