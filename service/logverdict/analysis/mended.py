"""A deployment that mends: where trouble ends, ordinary work comes back, and what told of the trouble goes with it."""

import numpy as np

from logverdict.analysis.compare import Compared, Mask
from logverdict.analysis.frequency import Frequency
from logverdict.domain.words import Severity

WHY = "Errors or warnings became fewer with it: this may be the work that comes back, or what told of the trouble."


def trouble(compared: Compared) -> Mask:
    """Clusters that are trouble, or the frames of its stacks."""
    return np.asarray((compared.severity >= int(Severity.WARN)) | compared.continued)


def recovering(compared: Compared, frequency: Frequency, sure: Mask) -> Mask:
    """Known harmless clusters that surely changed (`sure`) while trouble surely became less: a fix brings back the work
    that had failed, and ends what was only written of its failing. None where no trouble became less."""
    bad = trouble(compared)
    if not (sure & bad & (frequency.ratio < 1)).any():
        return np.zeros_like(bad)
    return np.asarray(sure & ~bad)


def told(compared: Compared, recovered: Mask) -> dict[str, str]:
    """What their sentences say of it, by event."""
    return {compared.event_id(cluster): WHY for cluster in np.flatnonzero(recovered).tolist()}
