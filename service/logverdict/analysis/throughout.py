"""New warnings that go on through the whole window: what a deployment brought is there from its start to the end."""

import numpy as np

from logverdict.analysis.compare import Compared, Mask
from logverdict.analysis.frequency import FEW, cut, steady
from logverdict.analysis.level import Level

WHY = "It goes on through the whole window."


def throughout(compared: Compared, level: Level) -> Mask:
    """Clusters that speak in nearly all parts of the candidate's window, told at its end only: trouble of another cause
    comes and goes, and has no reason to begin with the deployment. What ran at the same time is the better measure."""
    if compared.sides.concurrent or not level.last:
        return np.zeros(len(compared.table), np.bool_)
    return steady(cut(compared.grids[0], FEW))
