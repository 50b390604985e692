"""Whether values of one side are larger than those of the other, whatever a few loud ones among them weigh."""

import numpy as np
import numpy.typing as npt
import scipy

from logverdict.analysis.compare import Counts, Mask

Floats = npt.NDArray[np.float64]


def by_rank(mine: Counts, theirs: Counts) -> Floats:
    """p-values of each row of entries per bin: Mann and Whitney's test of all bins, or of those in which the message
    speaks; the better one, corrected for the choice. A message that comes more often speaks in more bins or is louder
    in each: where it does neither, a few loud bins are all that tells of a change."""
    if not len(mine):
        return np.ones(0)
    values = np.hstack([mine, theirs])
    low, high = (scipy.stats.rankdata(values, method=which, axis=1) for which in ("min", "max"))
    here = np.arange(values.shape[1]) < mine.shape[1]
    every = np.ones(values.shape, np.bool_)
    ways = [_departure(low, high, here, kept) for kept in (every, values > 0)]
    return np.asarray(np.minimum(1.0, 2 * np.minimum(*ways)))


def _departure(low: Floats, high: Floats, here: Mask, kept: Mask) -> Floats:
    """By the normal approximation, with ties; `low` and `high` are the least and the greatest rank of equal values.
    Those that are not kept are the smallest and so only shift the ranks."""
    rank = (low + high) / 2 - np.count_nonzero(~kept, axis=1)[:, None]
    ties = ((high - low + 1) ** 2 - 1).sum(axis=1, where=kept)
    own, all_ = np.count_nonzero(kept & here, axis=1), np.count_nonzero(kept, axis=1)
    number = np.maximum(all_, 2)
    variance = own * (all_ - own) / 12 * (number + 1 - ties / (number * (number - 1)))
    off = np.abs(rank.sum(axis=1, where=kept & here) - own * (all_ + 1) / 2) - 0.5
    score = np.maximum(off, 0) / np.sqrt(np.maximum(variance, 1e-9))
    return np.where(variance > 0, 2 * scipy.stats.norm.sf(score), 1.0)
