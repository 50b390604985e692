"""Evidence that holds at every look: how surely a message's share in the candidate is another than its traffic's.

*What is bet on* (e-processes: Lindon and Malek, NeurIPS 2022; Waudby-Smith and Ramdas, JRSS B 2024). At the same time,
of the n entries of a message in a bin, c fall on the candidate. For an alternative p against the share s,

- *bin by bin* multiplies (c / n) (p / s) + (1 - c / n) ((1 - p) / (1 - s));
- *burst by burst* multiplies (p / s) ** (w c / n) * ((1 - p) / (1 - s)) ** (w (1 - c / n)), with w the bursts that the
  bin is worth.

and on a message that the candidate never says each instance's turn to say it (`_or_silent`) multiplies 1 / (1 - s).

Each is a fair bet, or a worse one, under its null; so is their mean over alternatives, and by Ville's inequality it
ever exceeds 1 / alpha with probability alpha at most: whatever the looks, and whenever one stops. So p = 1 / (the most
so far) needs no correction for looks. With one entry a bin both are the likelihood ratio that Lindon and Malek mix by a
Beta prior; here it is mixed over a grid, which lets the null be a range.

*The null that is guaranteed*: entries come in bursts; each burst falls as a whole on one side, on the candidate with a
probability of at most s (to be more often), or at least s (less often), whatever came in the bins before; s is the
traffic's share, its odds off by the slack. No burst is larger than a bin (bin by bin) or than the n / w entries that
earlier bins show (burst by burst, by Jensen's inequality). That estimate is the one thing that is measured and not
proven: where every bin is one burst it is exact, and tests hold it against bursts of many kinds.

*Not guaranteed*: spells that stay on one side over several bins; sides that differ when nothing was deployed.
"""

import numpy as np
import scipy

from logverdict.analysis.compare import Counts, Mask
from logverdict.analysis.frequency import (
    BLOCKS,
    CALM,
    LOUD,
    MIN_ACTIVE,
    Beside,
    Floats,
    Frequency,
    cut,
    measured,
    traffic_beside,
)

STEPS = (1.25, 1.6, 2.5, 5.0, 12.0, 40.0)
"""Alternatives: the odds of the candidate so many times those of the null, or a so-manieth part."""
SLACK, SURE = 1.1, 2.5
"""The traffic's share is not known but estimated: factor by which its odds may be off at least, and the standard errors
by which they may be off."""
TRUST = 0.05
EXTREME = 1e-4
"""The least share of traffic, and the least that is left for the others."""
ON_SILENCE = 0.1
"""Part of the stake that is on the candidate's saying nothing of a message."""
LEAST = 0.05
"""Chance at which the size of bursts is larger than what it is taken for."""


def at_every_look(candidate: Counts, baseline: Counts, beside: Beside) -> Frequency:
    """As `frequency.concurrent`, with p-values that hold however many looks there were and are to come.

    They are for one group: who tests several divides alpha by their number. As that grows from look to look, all of
    them together are wrong with probability alpha * (1 + log(last number / first)) at most.
    """
    seen, base, both = candidate.sum(axis=1), baseline.sum(axis=1), candidate + baseline
    traffic = traffic_beside(seen, base, beside.odds)
    share = float(np.clip(traffic / (1 + traffic), EXTREME, 1 - EXTREME))
    tested = (np.count_nonzero(both, axis=1) >= MIN_ACTIVE) & (base > 0)
    p = np.ones(len(candidate))
    if tested.any():
        slack = slack_of(candidate.sum(axis=0), both.sum(axis=0), share)
        mine, whole = candidate[tested], both[tested]
        p[tested] = sure = anytime(mine, whole, share, slack)
        told = sure <= CALM
        calm = anytime(*_calmed(mine[told], whole[told], share), share, slack)
        p[np.flatnonzero(tested)[told]] = np.where(calm <= CALM, sure[told], calm)
        p = _or_silent(p, seen, beside.turns, times_odds(share, 1 / slack))
    return measured(seen, traffic * base, p, tested, cut(baseline, BLOCKS))


def _or_silent(p: Floats, seen: Counts, turns: Counts, share: float) -> Floats:
    """Part of the stake is on the candidate's saying nothing: each turn that is another's wins as much as its being the
    candidate's was likely, and the first that is the candidate's loses all. So what several instances wrote in one bin
    counts as several turns; a group that speaks in one burst a bin has one."""
    with np.errstate(over="ignore"):  # of so many turns the stake is as good as infinite
        silent = np.where(seen == 0, (1 - share) ** -turns.astype(np.float64), 0.0)
    return np.asarray(np.minimum(1.0, 1 / ((1 - ON_SILENCE) / p + ON_SILENCE * silent)))


def anytime(mine: Counts, both: Counts, share: float, slack: float) -> Floats:
    """p-values of each group (a row), valid at every look, from its entries per bin in the candidate and on both sides.

    `share` is the candidate's of all traffic, and `slack` the factor by which its odds may be off.
    """
    most = evidence(mine, both, share, slack).max(axis=1, initial=0.0)
    return np.asarray(np.exp(-most))


def evidence(mine: Counts, both: Counts, share: float, slack: float) -> Floats:
    """Log of the stake after each bin, per group."""
    worth, part = _worth(mine, both, share), mine / np.maximum(both, 1)
    spoke, stake = both > 0, np.full(both.shape, -np.inf)
    for direction in (1, -1):
        null = times_odds(share, slack**direction)
        for step in STEPS:
            other = times_odds(null, step**direction)
            won, lost = other / null, (1 - other) / (1 - null)
            bins = np.where(spoke, np.log(part * won + (1 - part) * lost), 0.0)
            bursts = worth * (part * np.log(won) + (1 - part) * np.log(lost))
            for bet in (bins, bursts):
                stake = np.logaddexp(stake, np.cumsum(bet, axis=1))
    return np.asarray(stake - np.log(4 * len(STEPS)))


def _calmed(mine: Counts, both: Counts, share: float) -> tuple[Counts, Counts]:
    """Each group without the LOUD bins that depart most: what one spell did must hold without it."""
    kept = np.ones(both.shape, np.bool_)
    loudest = np.argsort(-np.abs(mine - share * both), axis=1, kind="stable")[:, :LOUD]
    np.put_along_axis(kept, loudest, False, axis=1)
    return mine * kept, both * kept


def slack_of(mine: Counts, both: Counts, share: float) -> float:
    """Of the traffic's odds, from all entries per bin: as bursts of them are few, they tell less."""
    total = max(1, int(both.sum()))
    own = int(mine.sum()) / total
    size = max(1.0, float(((mine - own * both) ** 2).sum()) / max(1e-9, total * own * (1 - own)))
    error = np.sqrt(size / (total * share * (1 - share)))
    return float(max(SLACK, np.exp(min(SURE * error, 5.0))))


def times_odds(share: float, times: float) -> float:
    """The share whose odds are so many times those of `share`."""
    return share * times / (1 - share + share * times)


def _worth(mine: Counts, both: Counts, share: float) -> Floats:
    """How many bursts each bin is worth: a function of its entries on both sides together and of earlier bins.

    Bursts are as large as earlier bins show, by how they were divided: of k equal bursts the mean of c (n - c) / n² is
    (1 - 1 / k) of p (1 - p). Bins of which none was divided may each be one burst, and the first two are taken for one;
    one that is louder than those before is worth no more than they were.
    """
    spoke, entries = both > 0, _before(both)
    earlier = _before(spoke).astype(np.int64)
    free = np.arange(1, both.shape[1] + 1)
    sure = np.r_[1.0, free / scipy.stats.chi2.ppf(LEAST, free)]
    usual = entries / np.maximum(earlier, 1)
    known = np.maximum(entries + TRUST * usual, 1e-9)
    own = (_before(mine) + TRUST * usual * share) / known
    divided = _before(mine * (both - mine) / np.maximum(both, 1))
    whole = np.clip(1 - divided / np.maximum(known * own * (1 - own), 1e-9), 0, 1)
    size = np.where(divided > 0, usual * whole * sure[np.maximum(earlier - 1, 0)], usual)
    worth = np.minimum(both, usual) / np.maximum(size, 1.0)
    return np.where(spoke, np.where(earlier > 1, worth, 1.0), 0.0)


def _before(values: Counts | Floats | Mask) -> Floats:
    """Sums over the bins before each."""
    values = values.astype(np.float64)
    return np.asarray(np.cumsum(values, axis=1) - values)
