"""Whether a log is that of a run, which tells its messages one after the other to its end, and not of a service."""

import numpy as np
import polars as pl
import scipy

from logverdict.analysis.compare import Compared
from logverdict.analysis.frequency import Floats
from logverdict.analysis.template import CANDIDATE

SAME = 0.9
"""Rank correlation of the times at which messages first speak, from which both sides tell them in one order."""
COMMON = 10
"""Messages of both sides, at least, that can tell it."""
LATE = 0.2
"""Share of the messages that first speak in the second half of the entries: a service has said nearly all by then."""


def a_run(compared: Compared) -> bool:
    """In sequence, by the first baseline."""
    mine, theirs = _first(compared, CANDIDATE), _first(compared, CANDIDATE + 1)
    both = np.isfinite(mine) & np.isfinite(theirs)
    if np.count_nonzero(both) < COMMON:
        return False
    if np.ptp(mine[both]) == 0 or np.ptp(theirs[both]) == 0:
        return True
    same = scipy.stats.spearmanr(mine[both], theirs[both]).statistic
    return bool(same >= SAME and _late(compared, mine) >= LATE)


def _first(compared: Compared, stretch: int) -> Floats:
    """Per cluster the time at which it first speaks, NaN where it does not."""
    its = compared.cells.filter(pl.col("stretch") == stretch).group_by("cluster").agg(pl.col("first").min())
    out = np.full(len(compared.table), np.nan)
    out[its["cluster"].to_numpy()] = its["first"].cast(pl.Int64).to_numpy()
    return out


def _late(compared: Compared, first: Floats) -> float:
    cells = compared.cells.filter(pl.col("stretch") == CANDIDATE)
    bins = cells.group_by("bin").agg(pl.col("count").sum(), pl.col("first").min().cast(pl.Int64)).sort("first")
    entries = np.cumsum(bins["count"].to_numpy())
    half = int(np.searchsorted(entries, entries[-1] / 2))
    return float(np.mean(first[np.isfinite(first)] > bins["first"][half]))
