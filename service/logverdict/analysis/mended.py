"""A deployment that mends: where trouble ends, ordinary work comes back, and what told of the trouble goes with it."""

import numpy as np

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.frequency import Frequency
from logverdict.domain.words import Severity

SLACK = 2.0
"""Times as many entries of work may come back as trouble became less: one failure stands for a few of its entries."""
APART = 0.2
"""Share of its entries by which what is written of a trouble may differ, bin by bin, from being in proportion to it."""
MOST = 50
"""Clusters of trouble that others are compared with, those of most entries first."""
WHY = "Errors or warnings became fewer with it: this may be the work that comes back, or what told of the trouble."


def trouble(compared: Compared) -> Mask:
    """Clusters that are trouble, or the frames of its stacks."""
    return np.asarray((compared.severity >= int(Severity.WARN)) | compared.continued)


def recovering(compared: Compared, frequency: Frequency, sure: Mask) -> Mask:
    """Known harmless clusters that surely changed (`sure`) as they do where trouble surely became less: work comes
    back, no more than had failed; and what was written of the trouble, in proportion to it, goes. A service that falls
    silent has fewer errors too: what it wrote beside them has not come and gone with them."""
    bad, up = trouble(compared), frequency.ratio > 1
    mended = sure & bad & ~up
    if not mended.any():
        return mended
    fewer = (frequency.expected - compared.candidate)[mended & compared.heads].sum()
    back = up & (compared.candidate - frequency.expected <= SLACK * fewer)
    changed = sure & ~bad
    changed[changed] &= back[changed] | (~up[changed] & _follows(np.hstack(compared.grids[1:]), changed, mended))
    return np.asarray(changed)


def _follows(before: Counts, which: Mask, mended: Mask) -> Mask:
    """Which of the clusters came in proportion to one of those that are mended, or to all of these together."""
    its, ended = before[which], before[mended]
    out = np.zeros(len(its), np.bool_)
    largest = ended[np.argsort(-ended.sum(axis=1), kind="stable")[:MOST]]
    for one in (*largest, ended.sum(axis=0)):
        told = its.sum(axis=1, keepdims=True) / max(1, int(one.sum())) * one
        out |= np.abs(its - told).sum(axis=1) <= APART * its.sum(axis=1)
    return out
