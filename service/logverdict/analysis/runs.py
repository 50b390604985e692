"""Is a message more or less frequent than in any of several runs? Runs are the observations: what differs between
good ones by itself is no departure."""

import numpy as np
import scipy

from logverdict.analysis.compare import Counts, Mask, median_ratio
from logverdict.analysis.frequency import Floats, Frequency, measured

HISTORY = 4
"""Runs from which on they tell by themselves what is usual; of fewer, good ones depart too often from one another."""
LEAST_SPREAD = 0.05
"""Standard deviation of a log rate that is taken for the least: scripted messages come equally often, by chance."""
MOST_WORTH = 2.0
"""What all messages tell of one's spread is worth at most so many times what its own runs tell: there are always some
messages that are wilder than all others."""
APART = 2.0
"""Factor by which the candidate's rate must lie outside those of all runs."""


def over_runs(candidate: Counts, each: Counts, bursts: Counts | Floats) -> Frequency:
    """The candidate against `each` of two runs or more (rows; places are groups); `bursts` are the bins in which a
    group speaks in the candidate or, where it does not, on average in a run.

    Rates are per traffic, the weighted median of all messages, and compared as logarithms by the moderated t-test of
    Smyth (2004, doi 10.2202/1544-6115.1027): few runs give a poor variance for one message, so it is shrunk towards
    what all messages tell. The candidate's entries in few bins are few observations, however many they are.
    """
    base = each.sum(axis=0)
    tested: Mask = each.min(axis=0) > 0
    traffic = median_ratio(candidate, base)
    sizes = np.array([median_ratio(one, base) for one in each])
    rates = np.log((each + 0.5) / sizes[:, None])
    mine = np.log((candidate + 0.5) / traffic)
    prior, worth, freedom = 0.0, 0.0, len(each) - 1
    spread = np.maximum(rates.var(axis=0, ddof=1), LEAST_SPREAD**2)
    if np.count_nonzero(tested) > 2:
        prior, worth = _prior(spread[tested], freedom)
    worth = min(worth, MOST_WORTH * freedom)
    pooled = (worth * prior + freedom * spread) / (worth + freedom)
    noise = pooled * (1 + 1 / len(each)) + 1 / np.maximum(bursts, 1)
    score = np.abs(mine - rates.mean(axis=0)) / np.sqrt(noise)
    p = 2 * scipy.stats.t.sf(score, worth + freedom)
    outside = (mine > rates.max(axis=0) + np.log(APART)) | (mine < rates.min(axis=0) - np.log(APART))
    return measured(candidate, traffic * base, np.where(outside, p, 1.0), tested)


def _prior(spread: Floats, freedom: int) -> tuple[float, float]:
    """The variance that all messages share, and how many degrees of freedom that is worth (Smyth 2004, 6.2)."""
    half = freedom / 2
    logs = np.log(spread) - scipy.special.digamma(half) + np.log(half)
    excess = logs.var(ddof=1) - float(scipy.special.polygamma(1, half))
    if excess <= 0:
        return float(np.exp(logs.mean())), np.inf
    worth = 2 * _inverse_trigamma(excess)
    return float(np.exp(logs.mean() + scipy.special.digamma(worth / 2) - np.log(worth / 2))), worth


def _inverse_trigamma(value: float) -> float:
    """Newton's iteration, which is monotone from this start (Smyth 2004, appendix)."""
    guess = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(scipy.special.polygamma(1, guess))
        step = trigamma * (1 - trigamma / value) / float(scipy.special.polygamma(2, guess))
        guess += step
        if -step / guess < 1e-8:
            break
    return guess
