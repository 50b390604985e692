"""Findings become impacts, and impacts a verdict: what counts, how strongly, and at which sensitivity."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
import polars as pl

from logverdict.analysis.anytime import at_every_look
from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.floor import Floor, floor, lasting, scripted
from logverdict.analysis.frequency import Frequency, concurrent, either
from logverdict.analysis.history import by_blocks, heard, louder, risen
from logverdict.analysis.provisional import awaited
from logverdict.analysis.restarts import Restarts, looping, restarts
from logverdict.analysis.runs import HISTORY, over_runs
from logverdict.analysis.sides import Sides
from logverdict.analysis.statement import OUTCOME, Outcome, Statement, made_by, statement
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.domain.policy import Policy
from logverdict.domain.words import EventKind, Impact, Sensitivity, Severity


class Strength(IntEnum):
    """How strongly a finding speaks against the deployment."""

    NONE = 0
    NOTED = 1  # new, and harmless
    FAINT = 2  # bad, but no more than chance gives
    WEAK = 3  # a departure that a careful caller minds
    STRONG = 4  # a departure beyond the noise floor
    CLEAR = 5  # breakage


FAILS = {Sensitivity.LOW: Strength.CLEAR, Sensitivity.MEDIUM: Strength.STRONG, Sensitivity.HIGH: Strength.WEAK}
WARNS = {Sensitivity.LOW: Strength.WEAK, Sensitivity.MEDIUM: Strength.FAINT, Sensitivity.HIGH: Strength.NOTED}
STEADY = 30
"""Entries that must be expected before their absence, or their being fewer, means anything."""
MISSED = 5
"""Entries that must be expected before a message that is not there is called gone."""


@dataclass(frozen=True)
class Findings:
    """One place a cluster, as in `Compared`."""

    kinds: tuple[EventKind, ...]
    strengths: Counts
    frequency: Frequency
    errors: Floor
    warnings: Floor
    fatals: Floor
    own: Statement
    before: Statement
    failed: bool
    """The candidate says of itself that it failed, and the baseline does not say so of itself."""
    job: bool
    """Both sides say how they ended: what they do has phases, and its rates are those of its work."""
    batch: bool
    """A job, or a log that follows a script."""
    alpha: float
    """Chance of a false alarm that all tests of this look share."""
    spent: float
    """Chance of a false alarm by the number of new errors' spells."""
    steady: float
    """Chance at which it is no coincidence that a new error lasts."""
    loops: tuple[Restarts, ...] = ()
    spared: Mapping[str, int] = field(default_factory=dict)
    """Events, by id, that would fail if unchanged instances did not write them too; on how many of these."""


def findings(
    compared: Compared, policy: Policy, looks: int, *, last: bool = True, limits: Thresholds = DEFAULT
) -> Findings:
    """`looks` of one verification share its false-alarm level; `last`: this is the last of them."""
    own, before, failed = _statements(compared.sides)
    job = own.outcome is not Outcome.NONE and before.outcome is not Outcome.NONE
    batch = job or scripted(compared, limits)
    error = compared.worse_than(Severity.ERROR)
    level = policy.false_alarm_level.alpha
    alpha = level / max(1, looks)
    # Most new errors are judged at the last look only (see `provisional`): it has the level, the others share it.
    spent = level if last else alpha
    errors = floor(compared, error, batch, spent, limits)
    fatals = floor(compared, compared.worse_than(Severity.FATAL), batch, spent, limits)
    warnings = floor(compared, compared.worse_than(Severity.WARN) & ~error, batch, spent, limits)
    frequency = over_looks(compared.sides, compared.grids, looks, limits)
    # What ran beside it is an exact control: then it is as sure as the number of new errors has to be (see `floor`).
    chance = max(alpha, limits.tail) if last and compared.sides.concurrent else alpha
    by_floor = _strength_of_new(compared, errors, warnings, fatals, limits)
    if not last:
        waits = awaited(compared, by_floor == Strength.CLEAR)
        by_floor[waits] = np.minimum(by_floor[waits], Strength.WEAK)
    strengths = np.maximum(by_floor, _strength_of_frequency(compared, frequency, level, job, limits))
    if not job:
        steady = lasting(compared, error, chance)
        steady |= _lasting_warnings(compared, error, alpha, limits) | louder(compared, error, alpha, limits)
        strengths[steady] = np.maximum(strengths[steady], Strength.STRONG)
    effects = _effects(compared)
    if failed:  # then its errors are no chance
        its = compared.new & error & ~effects
        strengths[its] = np.maximum(strengths[its], Strength.STRONG)
    if (strengths[~effects] >= Strength.STRONG).any():
        strengths[effects] = Strength.NOTED
    if batch and own.outcome is Outcome.SUCCEEDED:
        strengths = np.minimum(strengths, Strength.WEAK)
    loops = () if batch else restarts(compared)
    again = looping(compared, loops)
    strengths[again] = np.maximum(strengths[again], Strength.STRONG)
    kinds = _kinds(compared, frequency, strengths)
    said = (own, before, failed, job, batch)
    return Findings(kinds, strengths, frequency, errors, warnings, fatals, *said, alpha, spent, chance, loops)


def _lasting_warnings(compared: Compared, error: Mask, alpha: float, limits: Thresholds) -> Mask:
    """One window can't tell a new warning that lasts from one that comes and goes by the day; a history can, and so can
    instances beside it."""
    warning = compared.worse_than(Severity.WARN) & ~error
    if len(compared.each) < HISTORY and not compared.sides.concurrent:
        return np.zeros(len(warning), np.bool_)
    return lasting(compared, warning, alpha) & (compared.bursts[0] >= limits.turns)


def _statements(sides: Sides) -> tuple[Statement, Statement, bool]:
    """What the candidate and the baseline say of themselves, and whether the candidate says that only it failed."""
    own = statement(sides.candidate)
    each = [statement(one) for one in sides.baselines]
    said = [one for one in each if one.outcome is not Outcome.NONE]
    before = said[0] if said else Statement(Outcome.NONE)
    comparable = before.outcome is Outcome.SUCCEEDED or (own.last and not said)
    went_on = [one for one, its in zip(sides.baselines, each, strict=True) if its.outcome is not Outcome.FAILED]
    comparable &= not any(made_by(one, own.key) for one in (*went_on, *sides.background))
    return own, before, own.outcome is Outcome.FAILED and comparable


def _effects(compared: Compared) -> Mask:
    """New clusters that only sum up what others tell."""
    new = compared.cells.filter(pl.Series(compared.new)[compared.cells["cluster"]])
    telling = new.group_by("cluster").agg(pl.col("key").str.contains(OUTCOME).all())
    out = np.zeros(len(compared.table), np.bool_)
    out[telling.filter("key")["cluster"].to_numpy()] = True
    return out


def over_looks(sides: Sides, grids: tuple[Counts, ...], looks: int, limits: Thresholds = DEFAULT) -> Frequency:
    """With p-values that hold over all `looks` of a verification: by their own nature at the same time, corrected by
    the number of looks before and after, which is more than is needed."""
    if sides.concurrent and looks > 1 and len(grids) > 1:
        return at_every_look(grids[0], grids[1])
    found = frequency_of(sides, grids, limits)
    return replace(found, p=np.minimum(1.0, found.p * looks))


def frequency_of(sides: Sides, grids: tuple[Counts, ...], limits: Thresholds = DEFAULT) -> Frequency:
    """`grids` as in `Compared`, whatever their groups are."""
    candidate, *baselines = grids
    if not baselines or not sum(int(one.sum()) for one in baselines) or not candidate.sum():
        size = len(candidate)
        return Frequency(np.zeros(size), np.ones(size), np.ones(size), np.zeros(size, np.bool_))
    if sides.concurrent:
        return concurrent(candidate, baselines[0])
    found, runs = by_blocks(sides, candidate, tuple(baselines), limits), heard(baselines)
    if len(runs) >= HISTORY:
        spoken = [np.count_nonzero(one, axis=1) for one in (candidate, *runs)]
        bursts = np.where(spoken[0] > 0, spoken[0], np.mean(spoken[1:], axis=0))
        by_runs = over_runs(candidate.sum(axis=1), np.array([one.sum(axis=1) for one in runs]), bursts)
        found = either(found, by_runs) if sides.history else by_runs
    return risen(sides, found, baselines)


def departs(frequency: Frequency, together: bool, alpha: float, limits: Thresholds = DEFAULT) -> Mask:
    """Effect size and significance are both needed; significance for as many groups as were tested."""
    effect = limits.beside if together else limits.later
    up, down = frequency.ratio >= effect, (frequency.ratio <= 1 / effect) & (frequency.expected >= STEADY)
    tested = max(1, int(np.count_nonzero(frequency.tested)))
    departed: Mask = (up | down) & (frequency.p <= alpha / tested)
    return departed


def _strength_of_new(compared: Compared, errors: Floor, warnings: Floor, fatals: Floor, limits: Thresholds) -> Counts:
    new, severity = compared.new, compared.severity
    strengths = np.where(new, Strength.NOTED, Strength.NONE)
    strengths[new & (severity >= int(Severity.ERROR))] = Strength.FAINT
    warn = new & compared.heads & (severity == int(Severity.WARN))
    many = warnings.many or int(compared.candidate[warn].sum()) >= limits.many
    strengths[warn] = Strength.WEAK if warnings.beyond else Strength.FAINT
    error = new & compared.heads & (severity >= int(Severity.ERROR))
    clear = Strength.CLEAR if errors.far else Strength.STRONG
    strengths[error] = clear if errors.sure else Strength.WEAK if errors.beyond else Strength.FAINT
    fatal = new & compared.heads & (severity >= int(Severity.FATAL))
    never = not compared.sides.concurrent and not (compared.worse_than(Severity.FATAL) & (compared.baseline > 0)).any()
    if fatals.beyond and (errors.sure or (never and errors.beyond)):
        strengths[fatal] = Strength.CLEAR
    if warnings.beyond and warnings.found >= limits.several and many:
        strengths[warn] = Strength.STRONG
    return strengths


def _strength_of_frequency(
    compared: Compared, frequency: Frequency, alpha: float, job: bool, limits: Thresholds
) -> Counts:
    strengths = np.zeros(len(compared.table), np.int64)
    together = compared.sides.concurrent
    history = not together and len(compared.each) >= HISTORY
    if job and not together and not history:
        return strengths
    sure = departs(frequency, together, alpha, limits)
    effect = limits.beside if together else limits.later
    error = compared.severity >= int(Severity.ERROR)
    likely = (frequency.p <= alpha) & (frequency.ratio >= 1 + (effect - 1) / 2) & error
    strengths[likely] = Strength.WEAK
    bad = compared.severity >= int(Severity.WARN)
    common = np.maximum(compared.baseline / max(1, compared.sizes[1]), compared.candidate / max(1, compared.sizes[0]))
    # Other work at another time thins a message out; only its end tells of the deployment.
    large = together | (compared.candidate == 0) | ((history | bad | (common >= limits.common)) & (frequency.ratio > 1))
    strengths[sure] = np.where(large[sure], Strength.STRONG, Strength.WEAK)
    strengths[sure & error & (frequency.ratio >= 5)] = Strength.CLEAR
    better = bad & (frequency.ratio < 1)
    strengths[better] = np.minimum(strengths[better], Strength.NOTED)
    return strengths


def _kinds(compared: Compared, frequency: Frequency, strengths: Counts) -> tuple[EventKind, ...]:
    nothing = not any(one.entries for one in (*compared.sides.baselines, *compared.sides.background))
    new = EventKind.NO_BASELINE if nothing else EventKind.UNKNOWN
    gone = compared.gone & ((frequency.expected >= MISSED) | (strengths >= Strength.WEAK))
    changed = (strengths >= Strength.WEAK) & ~compared.new

    of = (EventKind.KNOWN, EventKind.UNEXPECTED_FREQUENCY, EventKind.GONE, new)
    which = np.select([compared.new, gone, changed], [3, 2, 1])
    return tuple(of[kind] for kind in which.tolist())


def impacts(found: Findings, sensitivity: Sensitivity) -> tuple[Impact, ...]:
    fails, warns = FAILS[sensitivity], WARNS[sensitivity]
    of = [Impact.FAIL if one >= fails else Impact.WARN if one >= warns else Impact.NONE for one in Strength]
    return tuple(of[strength] for strength in found.strengths.tolist())
