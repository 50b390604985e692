"""How strongly findings speak against a deployment, by what is new and by what changed its frequency."""

from enum import IntEnum

import numpy as np

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.departure import departs, tests_of
from logverdict.analysis.floor import Floor, first_fatal
from logverdict.analysis.frequency import Frequency
from logverdict.analysis.level import Level
from logverdict.analysis.members import spending
from logverdict.analysis.mended import recovering, trouble
from logverdict.analysis.roles import of_a_role
from logverdict.analysis.runs import HISTORY
from logverdict.analysis.spells import SEPARATE
from logverdict.analysis.thresholds import Thresholds
from logverdict.domain.words import Sensitivity, Severity


class Strength(IntEnum):
    """How strongly a finding speaks against the deployment."""

    NONE = 0
    NOTED = 1  # new, and harmless
    FAINT = 2  # bad, but no more than chance gives
    UNSURE = 3  # bad, and more than is usual, but not as sure as the false-alarm level asks, or not yet
    WEAK = 4  # a departure that a careful caller minds
    STRONG = 5  # a departure beyond the noise floor
    CLEAR = 6  # breakage


FAILS = {Sensitivity.LOW: Strength.CLEAR, Sensitivity.MEDIUM: Strength.STRONG, Sensitivity.HIGH: Strength.WEAK}
WARNS = {Sensitivity.LOW: Strength.UNSURE, Sensitivity.MEDIUM: Strength.FAINT, Sensitivity.HIGH: Strength.NOTED}


def of_new(compared: Compared, floors: tuple[Floor, Floor, Floor], level: Level, limits: Thresholds) -> Counts:
    """`floors` of errors, warnings, and fatal messages."""
    errors, warnings, fatals = floors
    new, severity = compared.new, compared.severity
    strengths = np.where(new, Strength.NOTED, Strength.NONE)
    strengths[new & (severity >= int(Severity.ERROR))] = Strength.FAINT
    warn = new & compared.heads & (severity == int(Severity.WARN))
    many = warnings.many or int(compared.candidate[warn].sum()) >= limits.many
    strengths[warn] = Strength.WEAK if warnings.sure else Strength.UNSURE if warnings.beyond else Strength.FAINT
    error = new & compared.heads & (severity >= int(Severity.ERROR))
    clear = Strength.CLEAR if errors.far else Strength.STRONG
    strengths[error] = clear if errors.sure else Strength.UNSURE if errors.beyond else Strength.FAINT
    fatal = new & compared.heads & (severity >= int(Severity.FATAL))
    if fatals.beyond and (errors.sure or first_fatal(compared, errors, level)):
        strengths[fatal] = Strength.CLEAR
    many &= compared.bins_of(warn) >= SEPARATE  # a start brings many at once
    if (warnings.beyond if level.trusts else warnings.sure) and warnings.found >= limits.several and many:
        strengths[warn] = Strength.STRONG
    return strengths


def of_frequency(
    compared: Compared, frequency: Frequency, level: Level, job: bool, limits: Thresholds
) -> tuple[Counts, Mask]:
    """And which changes are no more than what recovery brings."""
    strengths = np.zeros(len(compared.table), np.int64)
    together = compared.sides.concurrent
    history = not together and compared.runs >= HISTORY
    if job and not together and not history:
        return strengths, strengths > 0
    alpha = level.changes(together)
    sure = departs(frequency, together, alpha * spending(compared), limits)
    effect = limits.effect(together)
    error = compared.severity >= int(Severity.ERROR)
    more = (frequency.ratio >= 1 + (effect - 1) / 2) & error
    strengths[more & (frequency.p <= alpha)] = Strength.UNSURE
    strengths[more & (frequency.p <= alpha * spending(compared) / tests_of(frequency))] = Strength.WEAK
    bad = compared.severity >= int(Severity.WARN)
    common = np.maximum(compared.baseline / max(1, compared.sizes[1]), compared.candidate / max(1, compared.sizes[0]))
    # Other work at another time thins a message out; only its end tells of the deployment.
    large = together | (compared.candidate == 0) | ((history | bad | (common >= limits.common)) & (frequency.ratio > 1))
    strengths[sure] = np.where(large[sure], Strength.STRONG, Strength.WEAK)
    strengths[sure & error & (frequency.ratio >= 5)] = Strength.CLEAR
    better, back = trouble(compared) & (frequency.ratio < 1), recovering(compared, frequency, sure)
    strengths[better] = np.minimum(strengths[better], Strength.NOTED)
    strengths[back] = np.minimum(strengths[back], Strength.UNSURE)
    role = of_a_role(compared) & (frequency.ratio < 1)
    strengths[role] = np.minimum(strengths[role], Strength.UNSURE)
    return strengths, back
