"""Trouble comes in spells: kinds of messages that first speak in the same bin are one observation, however many."""

import numpy as np
import scipy

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.frequency import BLOCKS, cut
from logverdict.domain.words import Severity

QUIET = 0.01
"""Chance that a service in whose whole baseline no error came and went brings one by itself in a window as long. A
custom and no measurement of the service, which has nothing to measure: of 40 recorded pairs of good windows or runs
whose first had no error, none brought one, so it is below 0.07."""
NOISE = 0.001
"""Share of its work that a service may fail by itself and be called healthy: 99.9 % is what is commonly promised. Each
piece of work writes an entry at least, so a baseline of few entries may lack the errors that its service has."""
LEAST_SHARE = 0.01
"""Of entries on the candidate's side that is taken for its share, though it may have had fewer."""
SEPARATE = 3
"""Bins in which new errors speak before their number means anything: one spell brings many kinds of them at once."""
ALWAYS = 0.5
"""Share of the baseline's bins or blocks from which on an error is part of the ordinary work."""


def spells(grid: Counts, kinds: Mask) -> int:
    """In how many bins some of the kinds (a mask over rows) speak for the first time."""
    spoken = grid[kinds] > 0
    return len(np.unique(spoken[spoken.any(axis=1)].argmax(axis=1))) if spoken.size else 0


def spells_of(compared: Compared, kind: Mask) -> tuple[int, int]:
    """Spells of new messages of a kind, and those that the baseline had alone: of what vanished or, where those are
    more, of what came once."""
    before = np.hstack(compared.grids[1:])
    gone = compared.vanished & kind
    once = (compared.bursts[1] == 1) & kind
    return spells(compared.grids[0], compared.new & kind), max(spells(before, gone), spells(before, once))


def alike(compared: Compared, kind: Mask) -> Counts:
    """One place for all messages of a kind that speak in the same bins: they are one trouble."""
    spoken = np.hstack([grid[kind] > 0 for grid in compared.grids])
    return np.unique(np.packbits(spoken, axis=1), axis=0, return_index=True)[1]


def quiet(compared: Compared) -> bool:
    """No error of the baseline comes and goes: each speaks in most bins or, as these may be fine, in most blocks."""
    known = compared.worse_than(Severity.ERROR) & (compared.baseline > 0)
    bins = np.hstack(compared.grids[1:])[known]
    blocks = np.hstack([cut(grid, BLOCKS) for grid in compared.grids[1:]])[known]
    spoken = [np.count_nonzero(part, axis=1) / max(1, part.shape[1]) for part in (bins, blocks)]
    return bool((np.maximum(*spoken) >= ALWAYS).all())


def chance_of_spells(compared: Compared, kind: Mask) -> float:
    """The chance of so many spells of new messages of a kind where nothing was deployed.

    That each spell that only one side has is as likely anywhere: a binomial tail, which is the negative binomial one of
    a rate that is only known by the baseline's spells. Where no error of the baseline came and went, that knows
    nothing: then QUIET, times the candidate's share for each further bin in which they speak. Warnings have no such
    custom: a good deployment may well bring the first one.
    """
    if (compared.severity[kind] >= int(Severity.ERROR)).all() and quiet(compared):
        return in_quiet(compared, compared.bins_of(compared.new & kind))
    mine, theirs = spells_of(compared, kind)
    return float(scipy.stats.binom.sf(mine - 1, mine + theirs, compared.share))


def in_quiet(compared: Compared, bins: int) -> float:
    """The chance that a service in whose baseline no error comes and goes brings errors in so many bins: by custom, or
    because its NOISE, which the candidate shows, happened to spare the baseline."""
    here, before = NOISE * compared.sizes[0], NOISE * compared.sizes[1]
    noise = np.exp(-before) * scipy.stats.poisson.sf(bins - 1, here)
    return max(of_bins(compared, bins), float(noise))


def too_few(compared: Compared, alpha: float) -> Mask:
    """New errors that custom calls no chance after a quiet baseline: those of them that are unsure are so because it
    has too few entries."""
    new = compared.new_trouble(Severity.ERROR)
    before = not compared.sides.concurrent and len(compared.each) > 0
    return new & (before and quiet(compared) and of_bins(compared, compared.bins_of(new)) <= alpha)


def why(compared: Compared) -> str:
    """What is said of these."""
    few = f"{compared.sizes[1]:,} entries are"
    return f"The baseline's {few} too few to tell it from what a healthy service fails by itself, one of a thousand."


def enough_in_quiet(compared: Compared, turns: int, alpha: float) -> bool:
    """Whether a new error that speaks in so many bins is no chance at the same time, where no error comes and goes."""
    return turns >= SEPARATE and of_bins(compared, turns) <= alpha and quiet(compared)


def bins_in_quiet(compared: Compared, alpha: float) -> int | None:
    """The least number of bins that `enough_in_quiet`; None where no number is enough."""
    if not quiet(compared):
        return None
    return next((bins for bins in _numbers(compared) if bins >= SEPARATE and of_bins(compared, bins) <= alpha), None)


def bins_of_one(compared: Compared, kind: Mask, alpha: float) -> int | None:
    """In how many bins the first new message of a kind of errors has to speak so that its one spell is no chance; None
    where no number of them is enough."""
    if not quiet(compared):
        return 1 if scipy.stats.binom.sf(0, 1 + spells_of(compared, kind)[1], compared.share) <= alpha else None
    return next((bins for bins in _numbers(compared) if in_quiet(compared, bins) <= alpha), None)


def _numbers(compared: Compared) -> range:
    return range(1, max(1, len(compared.bins[0])) + 1)


def of_bins(compared: Compared, bins: int) -> float:
    """The chance that what no good deployment is known to bring comes in so many bins by itself."""
    return float(QUIET * min(compared.share, 0.5) ** max(0, bins - 1))


def share_of(compared: Compared) -> float:
    """The candidate's share of the bins or, at the same time, of the traffic."""
    traffic = compared.share
    if compared.sides.concurrent:
        return max(traffic, LEAST_SHARE)
    here, there = len(compared.bins[0]), sum(len(bins) for bins in compared.bins[1:])
    return max(here / max(1, here + there), traffic)
