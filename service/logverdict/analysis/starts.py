"""A start that the baseline lacks: what a service writes while it ends and begins can't be compared with it."""

import numpy as np

from logverdict.analysis.compare import Compared, Mask
from logverdict.domain.words import Severity

TOLD = 3
"""New harmless messages that speak in one bin, from which something started or ended there: a service says a handful of
things when it does, and says them together."""
NEAR = 0.05
"""Share of the window before and after such a bin that belongs to it."""
MOST = 0.3
"""Share of the window that starts may take up: of more they tell nothing, as all is near one."""

WHY = "Only while something started or ended, which the baseline does not show."


def only_at_starts(compared: Compared, counts: Mask) -> Mask:
    """New errors of those that `counts` is of, when all of these are near starts that the baseline does not have. None
    where one is fatal or speaks elsewhere: then the trouble is not of the start."""
    spoken = compared.grids[0] > 0
    harmless = compared.new & compared.heads & (compared.severity < int(Severity.WARN))
    starts = np.flatnonzero(np.count_nonzero(spoken[harmless], axis=0) >= TOLD)
    reach = max(1, round(NEAR * spoken.shape[1]))
    near = np.zeros(spoken.shape[1], np.bool_)
    for start in starts:
        near[max(0, start - reach) : start + reach + 1] = True
    errors = compared.new & counts & (compared.severity >= int(Severity.ERROR))
    fatal = (compared.severity[errors] >= int(Severity.FATAL)).any()
    elsewhere = spoken[errors & compared.heads][:, ~near].any()
    if fatal or elsewhere or not len(starts) or near.mean() > MOST:
        return np.zeros_like(errors)
    return np.asarray(errors)
